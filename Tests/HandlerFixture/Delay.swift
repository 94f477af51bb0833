// Ways in which a handler takes its time.
internal import BaseHTTPServer
internal import LinuxSyscalls

/// `/delay/NAME` of the fixture.
enum Delay: String {
    /// Computes without end.
    case spin
    /// Waits in a system call without end.
    case wait
    /// Waits for a lock that it holds.
    case lock
    /// Computes for 0.5 s, having asked for a minute.
    case extended
    /// Computes for 0.2 s.
    case short

    /// The delay of a path, whatever its query.
    init?(path: String) {
        self.init(rawValue: String(path.dropFirst("/delay/".count).prefix { $0 != "?" }))
    }

    func run(_ handler: BaseHTTPRequestHandler) throws {
        switch self {
        case .spin: Self.spin(ns: .max)
        case .wait:
            let poll = try EventPoll()
            // A signal ends a wait early.
            while true { _ = try poll.wait(timeoutMs: -1) }
        case .lock: HelperThread.deadlock()
        case .extended:
            handler.extendTimeLimit(seconds: 60)
            Self.spin(ns: 500_000_000)
        case .short: Self.spin(ns: 200_000_000)
        }
    }

    private static func spin(ns: Int64) {
        let start = Clock.monotonicNs()
        while Clock.monotonicNs() - start < ns {}
    }
}
