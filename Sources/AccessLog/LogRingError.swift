// What can be wrong with a ring file.
public import SystemPackage

/// Why a ring file cannot be made or used. The text says which file, why, and what to do.
public enum LogRingError: Error, Equatable, CustomStringConvertible {
    /// A system call failed.
    case system(operation: String, path: FilePath, cause: Errno)
    /// It is no ring file, or a damaged one.
    case damaged(path: FilePath, what: String)
    /// Another version of this program wrote it.
    case otherVersion(path: FilePath, version: UInt64)
    /// The sizes asked for are impossible.
    case badSizes(what: String)

    /// One line for people.
    public var description: String {
        switch self {
        case .system(let operation, let path, let cause):
            "cannot \(operation) the ring file \(path): \(cause); check the directory's permissions and free space"
        case .damaged(let path, let what):
            "\(path) is not a usable ring file: \(what); move it away to go on without it"
        case .otherVersion(let path, let version):
            "\(path) is a ring file of format \(version), this program reads format \(FileLayout.version); "
                + "start the program that wrote it once more, or move the file away"
        case .badSizes(let what):
            "a ring file cannot have \(what)"
        }
    }
}
