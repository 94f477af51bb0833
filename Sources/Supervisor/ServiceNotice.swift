// What a server tells systemd, as sd_notify(3) writes it: values only.

/// One assignment of a notification.
public enum ServiceNotice: Equatable, Sendable {
    /// The server serves, or has ended a reload.
    case ready
    /// A reload begins; systemd tells it from others by the moment, in microseconds of the monotonic clock.
    case reloading(monotonicUs: Int64)
    /// The server stops.
    case stopping
    /// The server is well.
    case watchdog
    /// Another process is the main one from now on.
    case mainProcess(Int32)
    /// One line for people.
    case status(String)

    /// The notification for several of them.
    public static func text(_ notices: [ServiceNotice]) -> String {
        notices.map { $0.line + "\n" }.joined()
    }

    private var line: String {
        switch self {
        case .ready: "READY=1"
        case .reloading(let monotonicUs): "RELOADING=1\nMONOTONIC_USEC=\(monotonicUs)"
        case .stopping: "STOPPING=1"
        case .watchdog: "WATCHDOG=1"
        case .mainProcess(let processID): "MAINPID=\(processID)"
        // A line end would begin another assignment.
        case .status(let text): "STATUS=" + text.split(whereSeparator: \.isNewline).joined(separator: " ")
        }
    }
}
