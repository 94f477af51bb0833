// What a child of the master is for, and how it is called.

/// The part that a child plays in the process tree.
public enum ChildRole: Hashable, Sendable {
    /// The only writer of the access log.
    case logWriter
    /// A worker, by the number of its slot, counted from 0.
    case worker(slot: Int)
    /// Answers 503 while no worker gets ready. Its slot lies behind those of the workers.
    case responder(slot: Int)

    /// How diagnostics name it: `log writer`, `worker 3`, `responder`.
    public var description: String {
        switch self {
        case .logWriter: "log writer"
        case .worker(let slot): "worker \(slot)"
        case .responder: "responder"
        }
    }

    /// What is appended to the name of the program in `ps` and `top`: `-log`, `-w3`, `-503`.
    public var nameSuffix: String {
        switch self {
        case .logWriter: "-log"
        case .worker(let slot): "-w\(slot)"
        case .responder: "-503"
        }
    }

    /// The number of its slot in the log mapping; nil for the log writer.
    public var slot: Int? {
        switch self {
        case .logWriter: nil
        case .worker(let slot), .responder(let slot): slot
        }
    }
}
