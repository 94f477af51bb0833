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

/// What the file of a cursor says: how far exports came, and where the one ends that was begun last.
///
/// An export first notes where it will end, then writes and names its output, last notes that it is done. One that was
/// killed in between is done again with the same end: rows do not change, so it writes the same bytes to the same name.
public struct ExportCursor: Equatable, Sendable {
    /// Rows up to here are delivered.
    public var done = ExportPlace()
    /// Rows up to here may be delivered; nil: no export is under way.
    public var pending: ExportPlace?

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
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let places = lines.dropFirst().map { Self.place($0) }
        guard lines.first == Self.title[...], (1...2).contains(places.count), !places.contains(where: { $0 == nil })
        else {
            throw LogReadError(
                .query, "\(path) is no cursor of httpstats; name another file, or remove it to export everything again")
        }
        done = places[0]?.1 ?? ExportPlace()
        pending = places.count == 2 ? places[1]?.1 : nil
    }

    /// Replaces the file as a whole, and has it on the disk.
    public func write(to path: FilePath) throws {
        var text = Self.title + "\n" + Self.line("done", done)
        if let pending { text += Self.line("pending", pending) }
        try WholeFile.write(Array(text.utf8), to: path)
    }

    private static func line(_ name: String, _ place: ExportPlace) -> String {
        "\(name) epoch=\(place.epoch) id=\(place.id) imports=\(place.importID)\n"
    }

    private static func place(_ line: Substring) -> (Substring, ExportPlace)? {
        guard let match = line.wholeMatch(of: /(done|pending) epoch=(\d+) id=(\d+) imports=(\d+)/),
            let epoch = Int64(match.2), let id = Int64(match.3), let importID = Int64(match.4)
        else { return nil }
        return (match.1, ExportPlace(epoch: epoch, id: id, importID: importID))
    }
}

/// A file that appears under its name when it is whole, and is on the disk then.
struct WholeFile: ~Copyable {
    private let path: FilePath
    private let partPath: FilePath
    private let file: Descriptor

    init(_ path: FilePath) throws {
        self.path = path
        // The same name each time: what a killed run left is overwritten, and never picked up as a file of its own.
        partPath = path.removingLastComponent().appending("." + (path.lastComponent?.string ?? "export") + ".part")
        do {
            file = try File.open(partPath, .writeOnly, options: [.create, .truncate])
        } catch {
            throw LogReadError(.unreadable, "cannot write \(partPath): \(error)")
        }
    }

    func write(_ bytes: [UInt8]) throws {
        do {
            try DescriptorIO.writeAll(bytes.rawBytes, to: file.rawValue)
        } catch {
            throw LogReadError(.unreadable, "cannot write \(partPath): \(error)")
        }
    }

    consuming func publish() throws {
        do {
            try File.sync(file.rawValue)
            try File.rename(partPath, to: path)
            let parent = path.removingLastComponent()
            let directory = try File.open(parent.isEmpty ? "." : parent, .readOnly)
            try File.sync(directory.rawValue)
        } catch {
            throw LogReadError(.unreadable, "cannot write \(path): \(error)")
        }
    }

    static func write(_ bytes: [UInt8], to path: FilePath) throws {
        let file = try WholeFile(path)
        try file.write(bytes)
        try file.publish()
    }
}
