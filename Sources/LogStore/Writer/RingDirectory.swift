// The ring files beside a database: which are new, which became readable, which are gone.
internal import AccessLog
internal import LinuxSyscalls
internal import SystemPackage

/// The writer's view of the directory.
struct RingDirectory {
    private let database: FilePath
    /// Files that could not be used at the last look, by name. They are left alone: what they hold may be read by the
    /// program that wrote them.
    private var unusable: [FilePath: Complaint] = [:]

    private struct Complaint {
        var isSaid: Bool
    }

    /// The directory of a database.
    init(_ database: FilePath) {
        self.database = database
    }

    /// Opens the ring files that are not known yet.
    ///
    /// - Parameters:
    ///   - known: the files that are open.
    ///   - say: takes a sentence about a file that cannot be used, once, at the second look: a file may be in the
    ///     making.
    mutating func newFiles(besides known: [FilePath], say: (String) -> Void) -> [LogRingFile] {
        var files: [LogRingFile] = []
        let paths = LogRingFile.files(besides: database)
        unusable = unusable.filter { paths.contains($0.key) }
        for path in paths where !known.contains(path) {
            do {
                files.append(try LogRingFile.open(path, writable: true))
                unusable[path] = nil
            } catch {
                report(path, error, say)
            }
        }
        return files
    }

    /// Remembers that a file cannot be used.
    mutating func report(_ path: FilePath, _ error: LogRingError, _ say: (String) -> Void) {
        if case .system(_, _, .noSuchFileOrDirectory) = error { return }
        guard let complaint = unusable[path] else {
            unusable[path] = Complaint(isSaid: false)
            return
        }
        if complaint.isSaid { return }
        unusable[path] = Complaint(isSaid: true)
        say("\(error)")
    }

    /// Whether the ring file of a process tree is certainly not there.
    static func isMissing(_ source: Int64, of database: FilePath) -> Bool {
        let digits = String(UInt64(bitPattern: source), radix: 16)
        let name = "\(database)-ring-" + String(repeating: "0", count: max(0, 16 - digits.count)) + digits
        do throws(Errno) {
            _ = try File.status(at: FilePath(name))
            return false
        } catch {
            return error == .noSuchFileOrDirectory
        }
    }
}
