// One writer per database: a lock on a file beside it, held by the open file and so gone with its process.
internal import LinuxSyscalls
internal import SystemPackage

/// The right to write one database. Given up when its owner lets go of it, or dies.
///
/// The file `<database>-lock` is empty and stays: removing it would let two writers lock two files of one name.
struct LogDatabaseLock: ~Copyable {
    private let file: Descriptor

    /// Opens the lock file; does not lock yet.
    init(beside database: FilePath) throws(LogStoreError) {
        let path = FilePath(database.string + "-lock")
        do throws(Errno) {
            file = try File.open(
                path, .readWrite, options: [.create], permissions: [.ownerReadWrite, .groupRead])
        } catch {
            throw LogStoreError("open the lock file", path.string, error)
        }
    }

    deinit {
        // Closing is not enough: a program that another thread is just starting still has the file open.
        try? File.unlock(file.rawValue)
    }

    /// Locks if no other writer holds it; never waits. The corresponding C function is `flock`.
    borrowing func tryLock() -> Bool {
        (try? File.tryLock(file.rawValue, exclusive: true)) ?? false
    }
}
