// How far a log was exported, in a small file, so that the next export goes on there.
internal import LinuxSyscalls
public import SystemPackage

/// A place in a log: everything before it has left.
public struct ExportPlace: Equatable, Sendable {
    /// Which run of keys; they begin again when the clock is set back by more than ten minutes.
    public var epoch: Int64 = 0
    /// The last key of rows of this server.
    public var id: Int64 = 0
    /// The last transaction of an import.
    public var importID: Int64 = 0
}

/// What the file of a cursor says: of which log it is, how far exports came, and where the one ends that was begun
/// last.
///
/// An export first notes where it will end, then writes and names its output, last notes that it is done. One that was
/// killed in between is done again with the same end: rows do not change, so it writes the same bytes to the same name.
public struct ExportCursor: Equatable, Sendable {
    /// An export that may be delivered.
    public struct Pending: Equatable, Sendable {
        /// Where it ends.
        public var end: ExportPlace
        /// What it is called: with other options it would be another file, and arrive twice.
        public var name: String
    }

    /// Which log it is of (``ExportState/log``); nil: nothing was exported yet.
    public var log: UInt64?
    /// Rows up to here are delivered.
    public var done = ExportPlace()
    /// The export that is under way; nil: there is none.
    public var pending: Pending?

    private static let title = "httpstats-cursor 1"

    /// Nothing is delivered yet.
    public init() {}

    /// Reads the file; one that is not there says that nothing is delivered.
    ///
    /// - Throws: ``LogReadError``.
    public init(reading path: FilePath) throws {
        let bytes: [UInt8]
        do {
            let file = try File.open(path, .readOnly)
            bytes = try File.read(file.rawValue, at: 0, count: 4_096)
        } catch Errno.noSuchFileOrDirectory {
            return
        } catch {
            throw LogReadError(.unreadable, "cannot read the cursor \(path): \(error)")
        }
        guard let cursor = Self(text: String(decoding: bytes, as: UTF8.self)) else {
            throw LogReadError(
                .query, "\(path) is no cursor of httpstats; name another file, or remove it to export everything again")
        }
        self = cursor
    }

    /// Replaces the file as a whole, and has it on the disk.
    ///
    /// - Throws: ``OutputFile/Refusal``.
    public func write(to path: FilePath) throws {
        let file = try OutputFile(path, isDurable: true)
        try file.write(Array(text.utf8))
        try file.finish()
    }

    private var text: String {
        var text = "\(Self.title)\nlog \(log ?? 0)\ndone \(done)\n"
        if let pending { text += "pending \(pending.end) \(pending.name)\n" }
        return text
    }

    private init?(text: String) {
        let lines = text.split(separator: "\n")
        guard (3...4).contains(lines.count), lines[0] == Self.title,
            let log = lines[1].wholeMatch(of: /log (\d+)/).flatMap({ UInt64($0.1) }),
            let done = lines[2].wholeMatch(of: /done (.+)/).flatMap({ ExportPlace(text: $0.1) })
        else { return nil }
        (self.log, self.done) = (log, done)
        guard lines.count == 4 else { return }
        guard let match = lines[3].wholeMatch(of: /pending (.+) (\S+)/), let end = ExportPlace(text: match.1) else {
            return nil
        }
        pending = Pending(end: end, name: String(match.2))
    }
}

extension ExportPlace: CustomStringConvertible {
    /// As it stands in the file of a cursor.
    public var description: String { "epoch=\(epoch) id=\(id) imports=\(importID)" }

    fileprivate init?(text: Substring) {
        guard let match = text.wholeMatch(of: /epoch=(\d+) id=(\d+) imports=(\d+)/),
            let epoch = Int64(match.1), let id = Int64(match.2), let importID = Int64(match.3)
        else { return nil }
        self.init(epoch: epoch, id: id, importID: importID)
    }
}
