// Where the access log lies when no option says so: daemon and tool ask here, so neither needs the option.
import Foundation
internal import LinuxSyscalls
public import SystemPackage

/// The default place of the access log.
public enum LogStoreLocation {
    /// The default place for this process.
    public static func defaultPath() -> FilePath { ofThisProcess }

    /// Worked out once: the help of each command names it, and a look into the list of users is not cheap.
    private static let ofThisProcess = {
        let state = CurrentProcess.environment("XDG_STATE_HOME")
        return defaultPath(
            environment: state.map { ["XDG_STATE_HOME": $0] } ?? [:],
            home: CurrentProcess.environment("HOME") ?? NSHomeDirectory(), isRoot: geteuid() == 0)
    }()

    /// The file that a path leads to, if its last component is a symbolic link.
    ///
    /// SQLite puts `-wal` and `-shm` beside that file; with the lock and the rings there too, a log has one writer
    /// whatever names it is given.
    public static func resolved(_ path: FilePath) -> FilePath {
        var path = path
        // As many links as the kernel follows; a loop is left for open(2) to refuse.
        for _ in 0..<40 {
            guard let target = File.linkTarget(of: path) else { return path }
            path = target.isAbsolute ? target : path.removingLastComponent().pushing(target)
        }
        return path
    }

    /// The default place: `$XDG_STATE_HOME/basehttpd/access.db` if the variable is set, else for root
    /// `/var/lib/basehttpd/access.db`, else `~/.local/state/basehttpd/access.db`.
    ///
    /// The XDG Base Directory Specification wants a variable that holds no absolute path to be ignored.
    ///
    /// - Parameters:
    ///   - environment: The variables of the process.
    ///   - home: The user's home directory.
    ///   - isRoot: Whether the process runs as the superuser.
    /// - Returns: An absolute path; nothing is created there.
    public static func defaultPath(environment: [String: String], home: String, isRoot: Bool) -> FilePath {
        let state: FilePath
        if let variable = environment["XDG_STATE_HOME"], variable.hasPrefix("/") {
            state = FilePath(variable)
        } else if isRoot {
            state = "/var/lib"
        } else {
            state = FilePath(home).appending(".local/state")
        }
        return state.appending("basehttpd").appending("access.db")
    }
}
