// Why a server cannot start or go on.

/// A failure of a server as a whole. The description is one line that names the thing and the way out.
public enum ServerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The host has no address.
    case unknownHost(String, reason: String)
    /// What was named is no address to listen on.
    case badAddress(String, reason: String)
    /// Two addresses, of which the second would never be reached.
    case addressTwice(String, String)
    /// The address is in use by another program.
    case addressInUse(String)
    /// The port needs a right that this user lacks.
    case addressNotPermitted(String)
    /// The address belongs to no interface of this machine.
    case addressNotAvailable(String)
    /// A Unix socket's file cannot be made.
    case socketFile(String, reason: String)
    /// The user or group that files of Unix sockets are to belong to cannot be.
    case socketOwner(String, reason: String)
    /// A socket that was handed over by number cannot be listened on, or the environment tells of it wrongly.
    case inheritedSocket(String, reason: String)
    /// A directory to be served is not there, is none, or cannot be read.
    case directory(String, reason: String)
    /// A system call failed.
    case system(operation: String, subject: String, cause: String)

    /// One line for people.
    public var description: String {
        switch self {
        case .unknownHost(let host, let reason):
            "no address for host '\(host)': \(reason); give an address or another name"
        case .badAddress(let text, let reason): "cannot listen on '\(text)': \(reason)"
        case .addressTwice(let one, let other):
            "\(other) is taken by \(one), which is named too; name one of them, or give them different ports"
        case .addressInUse(let address): "\(address) is in use by another program; stop it or choose another address"
        case .addressNotPermitted(let address):
            "not permitted to listen on \(address); choose a port from 1024 on or start as root"
        case .addressNotAvailable(let address): "\(address) is no address of this machine; choose another to bind to"
        case .socketFile(let path, let reason): "cannot listen on \(path): \(reason)"
        case .socketOwner(let owner, let reason): "cannot give Unix sockets to '\(owner)': \(reason)"
        case .inheritedSocket(let socket, let reason):
            "cannot listen on \(socket): \(reason); mend what starts the server (sd_listen_fds(3))"
        case .directory(let path, let reason): "cannot serve directory '\(path)': \(reason); name an existing directory"
        case .system(let operation, let subject, let cause): "cannot \(operation) for \(subject): \(cause)"
        }
    }
}
