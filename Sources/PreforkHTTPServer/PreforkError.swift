// Why a tree of workers cannot start, and the exit status that says so.
internal import AccessLog
public import BaseHTTPServer
internal import LogStore
internal import Supervisor
internal import SystemPackage

/// A failure before the first worker runs. The description is one line that names the thing and the way out.
public enum PreforkError: Error, Sendable, CustomStringConvertible {
    /// The access log cannot be written: what is wrong, and a sysexits status.
    case accessLog(String, exitStatus: Int32)
    /// A user, a root directory, a limit or the sandbox cannot be had: what is wrong, and a sysexits status.
    case confinement(String, exitStatus: Int32)
    /// The pid file is another server's, or cannot be written: what is wrong, and a sysexits status.
    case pidFile(String, exitStatus: Int32)
    /// The kernel refused epoll, signalfd or a pipe.
    case supervision(String)

    init(_ error: LogStoreError) {
        self = .accessLog(error.description, exitStatus: error.exitStatus)
    }

    init(_ error: LogRingError) {
        let status: Int32 =
            switch error {
            case .damaged, .otherVersion: 65
            case .system(_, _, .permissionDenied), .system(_, _, .readOnlyFileSystem): 77
            case .system, .badSizes: 74
            }
        self = .accessLog(error.description, exitStatus: status)
    }

    init(_ error: PidFileError) {
        switch error {
        case .held: self = .pidFile(error.description, exitStatus: 75)
        case .system: self = .pidFile(error.description, exitStatus: 73)
        }
    }

    /// One line for people.
    public var description: String {
        switch self {
        case .accessLog(let text, _), .confinement(let text, _), .pidFile(let text, _): text
        case .supervision(let cause): "cannot supervise workers: \(cause)"
        }
    }

    /// The status to exit with: one of sysexits(3).
    public var exitStatus: Int32 {
        switch self {
        case .accessLog(_, let status), .confinement(_, let status), .pidFile(_, let status): status
        case .supervision: 71
        }
    }
}

extension ServerError {
    /// The status to exit with: one of sysexits(3).
    public var exitStatus: Int32 {
        switch self {
        case .socketOwner: 67
        case .unknownHost: 68
        case .badAddress, .addressTwice: 64
        case .addressInUse, .addressNotAvailable: 69
        case .socketFile: 73
        case .addressNotPermitted: 77
        case .inheritedSocket: 78
        case .directory: 66
        case .system: 71
        }
    }
}
