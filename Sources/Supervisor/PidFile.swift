// The file that names the running master: one server a file, whoever starts it and however its predecessor ended.
internal import LinuxSyscalls
public import SystemPackage

/// Why a pid file cannot be had.
public enum PidFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A running process holds it; nil when the file does not say which.
    case held(path: FilePath, processID: Int32?)
    /// It cannot be made or written.
    case system(operation: String, path: FilePath, cause: Errno)

    /// One line with the way out.
    public var description: String {
        switch self {
        case .held(let path, let processID):
            let holder = processID.map { "process \($0)" } ?? "another process"
            return "pid file \(path): \(holder) runs with it; stop that server, or name another file with --pid-file"
        case .system(let operation, let path, let cause):
            return "cannot \(operation) the pid file \(path): \(cause); name another with --pid-file"
        }
    }
}

/// A file with the number of this process and a line end, locked (flock) for as long as this object lives, and so at
/// most as long as the process. What a dead server left is taken over.
///
/// Its content never changes: a new one is written under another name, locked, and renamed. So a reader always sees a
/// whole number, and whoever has another file under the name than before has lost it to a successor, which is how an
/// upgrade hands it over: the new master calls ``init(_:successorOf:)``, and the old one's ``remove()`` then does
/// nothing.
///
/// The lock belongs to the open file: children must close theirs, as they do with all that is not on their list.
public final class PidFile {
    /// Where it lies.
    public let path: FilePath
    private let file: Descriptor

    /// Takes the file.
    ///
    /// - Parameters:
    ///   - path: made if it is missing; its directory must be there.
    ///   - predecessor: a process that may hold it and hands it over, the old master at an upgrade.
    /// - Throws: ``PidFileError/held(path:processID:)`` when another process runs with it.
    public init(_ path: FilePath, successorOf predecessor: Int32? = nil) throws(PidFileError) {
        self.path = path
        // Only whoever holds the lock of the present file may replace it, but for the successor of its holder.
        let present = try Self.lockPresent(path, predecessor)
        file = try Self.write(path)
        _ = consume present
    }

    /// Removes the file, unless a successor has taken it over.
    public func remove() {
        guard let own = try? File.status(of: file.rawValue), let present = try? File.status(at: path),
            own.isSame(as: present)
        else { return }
        try? File.remove(path)
    }

    /// Locks the file that has the name now; one that was replaced meanwhile is not it.
    private static func lockPresent(_ path: FilePath, _ predecessor: Int32?) throws(PidFileError) -> Descriptor {
        while true {
            let file = try attempt("open", path) { () throws(Errno) in
                try File.open(path, .readWrite, options: [.create, .noFollow], permissions: readable)
            }
            let isLocked = try attempt("lock", path) { () throws(Errno) in
                try File.tryLock(file.rawValue, exclusive: true)
            }
            let own = try attempt("look at", path) { () throws(Errno) in try File.status(of: file.rawValue) }
            let isPresent = (try? File.status(at: path)).map { $0.isSame(as: own) } ?? false
            if isLocked, isPresent { return file }
            if isLocked { continue }
            let holder = processID(in: file.rawValue)
            if let predecessor, holder == predecessor { return file }
            throw .held(path: path, processID: holder)
        }
    }

    private static func write(_ path: FilePath) throws(PidFileError) -> Descriptor {
        let processID = CurrentProcess.processID
        let temporary = FilePath("\(path).\(processID)")
        try? File.remove(temporary)
        return try attempt("write", path) { () throws(Errno) in
            let file = try File.open(
                temporary, .readWrite, options: [.create, .exclusiveCreate], permissions: readable)
            _ = try File.tryLock(file.rawValue, exclusive: true)
            try DescriptorIO.writeAll("\(processID)\n", to: file.rawValue)
            try File.rename(temporary, to: path)
            return file
        }
    }

    private static func attempt<Value: ~Copyable>(
        _ operation: String, _ path: FilePath, _ body: () throws(Errno) -> Value
    ) throws(PidFileError) -> Value {
        do throws(Errno) { return try body() } catch {
            throw .system(operation: operation, path: path, cause: error)
        }
    }

    private static func processID(in file: CInt) -> Int32? {
        guard let bytes = try? File.read(file, at: 0, count: 16) else { return nil }
        return Int32(String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self))
    }

    private static let readable: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
}

extension FileStatus {
    fileprivate func isSame(as other: FileStatus) -> Bool { inode == other.inode && device == other.device }
}
