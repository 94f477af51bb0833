// The file that a report is written to: it appears under its name when it is whole, so a reader never sees half.
import Foundation
import LinuxSyscalls
public import SystemPackage

/// A file in the making.
///
/// It is written beside its place under the name `FILE.part-PID`, with the mode of the file that it replaces, and gets
/// its name when it is finished. A symbolic link stays one: what it leads to is replaced. Pipes and devices are written
/// as they are.
///
/// One that is durable is on the disk before it has its name. It is written as `.FILE.part`, the same name each time,
/// so what a killed process leaves is overwritten, and nobody who collects files picks it up.
public final class OutputFile: Sendable {
    /// Why a file cannot be written, and what to do; one line.
    public struct Refusal: Error, CustomStringConvertible {
        /// The line.
        public let description: String
    }

    private let place: FilePath
    /// Where the bytes go until the end; `nil`: into the place itself, which is no regular file.
    private let part: FilePath?
    private let descriptor: Descriptor
    private let isDurable: Bool

    /// Begins a file.
    ///
    /// - Throws: ``Refusal``.
    public init(_ path: FilePath, isDurable: Bool = false) throws(Refusal) {
        self.isDurable = isDurable
        place = LogStoreLocation.resolved(path)
        let status = try? File.status(at: place)
        switch status?.kind {
        case .directory:
            throw Refusal(description: "cannot write \(path): it is a directory; name a file in it")
        case .symbolicLink, .socket:
            throw Refusal(description: "cannot write \(path): it is no file; name another one")
        case .other: part = nil
        case .regular, nil: part = Self.part(of: place, isDurable: isDurable)
        }
        if status?.kind == .regular, Self.isDatabase(place) {
            throw Refusal(description: "cannot write \(path): it is an SQLite database; name another file")
        }
        do {
            descriptor = try Self.open(part, place)
        } catch {
            throw Refusal(description: "cannot write \(path): \(error); name a file in a directory where you may write")
        }
    }

    /// Writes all bytes.
    public func write(_ bytes: [UInt8]) throws(Refusal) {
        do {
            _ = try FileDescriptor(rawValue: descriptor.rawValue).writeAll(bytes)
        } catch {
            throw Refusal(description: "cannot write \(place): \(error); make room or name a file elsewhere")
        }
    }

    /// Gives the file its name.
    public func finish() throws(Refusal) {
        guard let part else { return }
        do {
            if isDurable { try File.sync(descriptor.rawValue) }
            try File.rename(part, to: place)
            if isDurable {
                let path = place.removingLastComponent()
                let directory = try File.open(path.isEmpty ? "." : path, .readOnly)
                try File.sync(directory.rawValue)
            }
        } catch {
            throw Refusal(description: "cannot give \(part) the name \(place): \(error)")
        }
    }

    /// Removes what was written.
    public func abandon() {
        if let part { try? File.remove(part) }
    }

    private static func part(of place: FilePath, isDurable: Bool) -> FilePath {
        if isDurable, let name = place.lastComponent {
            return place.removingLastComponent().appending(".\(name).part")
        }
        return FilePath(place.string + ".part-\(Foundation.ProcessInfo.processInfo.processIdentifier)")
    }

    private static func open(_ part: FilePath?, _ place: FilePath) throws(Errno) -> Descriptor {
        guard let part else { return try File.open(place, .writeOnly) }
        // One of a process of the same number that was killed.
        try? File.remove(part)
        let file = try File.open(
            part, .writeOnly, options: [.create, .exclusiveCreate],
            permissions: [.ownerReadWrite, .groupRead, .otherRead])
        let manager = FileManager.default
        if let mode = try? manager.attributesOfItem(atPath: place.string)[.posixPermissions] {
            try? manager.setAttributes([.posixPermissions: mode], ofItemAtPath: part.string)
        }
        return file
    }

    private static func isDatabase(_ path: FilePath) -> Bool {
        guard let file = try? File.open(path, .readOnly),
            let header = try? File.read(file.rawValue, at: 0, count: 16)
        else { return false }
        return header.starts(with: "SQLite format 3\0".utf8)
    }
}
