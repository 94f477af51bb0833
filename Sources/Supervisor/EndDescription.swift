// How the end of a child, or a child that did not come to be, reads in a line of diagnostics.
internal import LinuxSyscalls
internal import SystemPackage

extension ProcessEnd {
    /// The status when it is one of sysexits.h, 64…78: the child says that trying again is of no use.
    var permanentStatus: Int32? {
        switch self {
        case .exited(let status): (64...78).contains(status) ? status : nil
        case .signalled: nil
        }
    }

    var description: String {
        switch self {
        case .exited(let status): "exit status \(status)"
        case .signalled(.kill): "SIGKILL (from somebody, or from a kernel without memory)"
        case .signalled(let signal): signal.name
        }
    }
}

extension ForkError {
    var description: String {
        switch self {
        case .notSingleThreaded(let threads): "\(threads) threads run in the master"
        case .system(let error): error.description
        }
    }
}
