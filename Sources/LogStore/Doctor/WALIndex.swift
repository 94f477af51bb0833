// What the shared index of a write-ahead log says: how much is in it, how much of it is in the database, who reads what.
internal import LinuxSyscalls
internal import SystemPackage

/// The header of a `-shm` file (SQLite's wal-index, walformat.html section 2.1), in the byte order of this machine.
///
/// Byte 16 holds the number of valid frames of the log, 96 how many of them are in the database already, 100 to 119 five
/// marks: the last frame that a reader who holds the lock of the same number may read.
struct WALIndex: Equatable {
    /// Where the locks of the marks are, one byte each.
    static let firstLockByte: Int64 = 123

    static let markCount = 5

    /// Valid frames; each is a page.
    let frames: UInt32

    /// Frames that are in the database already.
    let copiedFrames: UInt32

    /// The last frame of each mark.
    let marks: [UInt32]

    /// Bytes of a page.
    let pageBytes: Int64

    /// From the bytes of the file; `nil`: they hold no index.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 136, bytes[12] == 1 else { return nil }
        func word(_ offset: Int) -> UInt32 {
            let native = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
            return UInt32(littleEndian: native)
        }
        frames = word(16)
        copiedFrames = word(96)
        marks = (0..<Self.markCount).map { word(100 + 4 * $0) }
        let encoded = Int64(word(12) >> 16)
        pageBytes = encoded == 1 ? 65_536 : encoded
    }

    /// Reads the index beside a database. Not while this process has the database open: closing the file again would
    /// give up the locks of the process on it (fcntl_locking(2)).
    static func read(beside database: FilePath) -> WALIndex? {
        guard let file = try? File.open(FilePath(database.string + "-shm"), .readOnly),
            let bytes = try? File.read(file.rawValue, at: 0, count: 136)
        else { return nil }
        return WALIndex(bytes)
    }

    /// Pages that are in the log and not in the database yet.
    var waitingPages: Int64 { max(0, Int64(frames) - Int64(copiedFrames)) }

    /// Pages that were written since the state that the readers of a mark see.
    func pagesBehind(mark: Int) -> Int64 {
        // Readers of the first mark read the database alone.
        max(0, Int64(frames) - Int64(mark == 0 ? copiedFrames : marks[mark]))
    }
}
