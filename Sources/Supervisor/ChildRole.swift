// What a child of the master is for, and how it is called.

/// The part that a child plays in the process tree.
public enum ChildRole: Hashable, Sendable {
    /// The only writer of the access log.
    case logWriter
    /// A worker, by the number of its slot, counted from 0.
    case worker(slot: Int)

    /// How diagnostics name it: `log writer`, `worker 3`.
    public var description: String {
        switch self {
        case .logWriter: "log writer"
        case .worker(let slot): "worker \(slot)"
        }
    }

    /// What is appended to the name of the program in `ps` and `top`: `-log`, `-w3`.
    public var nameSuffix: String {
        switch self {
        case .logWriter: "-log"
        case .worker(let slot): "-w\(slot)"
        }
    }
}
