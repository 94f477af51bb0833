// Exports what is new since the last time, so that each row arrives exactly once, whatever is killed in between.
internal import LinuxSyscalls
public import SystemPackage

/// Where a shipment goes.
public enum ShipmentTarget: Sendable {
    /// A file of its own for each shipment, `SOURCE-EPOCH-ID-IMPORT.FORMAT`, named by where it begins: a shipment that
    /// is made again replaces itself.
    case directory(FilePath)
    /// One file, replaced each time.
    case file(FilePath)
    /// Whoever takes the bytes. A shipment that is made again is the same, but arrives twice: (source, id) tells.
    case stream(@Sendable ([UInt8]) throws -> Bool)
}

extension ShipmentTarget {
    /// The directory, or else the file, of a path.
    public init(path: FilePath) {
        self = (try? File.status(at: path))?.kind == .directory ? .directory(path) : .file(path)
    }
}

/// What came of a shipment.
public struct ShipmentResult: Equatable, Sendable {
    /// Rows that left.
    public let rows: Int
    /// The file; nil: none was written.
    public let path: FilePath?
    /// Whether everything arrived: a reader may go away.
    public let isWhole: Bool
}

/// Ships the rows of a log since a cursor.
public final class LogShipment {
    private let exporter: LogExporter
    private let cursorPath: FilePath
    private let source: String
    private let format: ExportFormat
    private let lock: Descriptor
    private var cursor: ExportCursor

    /// Reads the cursor, which nobody else may use meanwhile.
    ///
    /// - Throws: ``LogReadError``.
    public init(
        _ reader: LogReader, format: ExportFormat, source: String, filter: RequestFilter = RequestFilter(),
        cursor: FilePath
    ) throws {
        exporter = LogExporter(reader, format: format, source: source, filter: filter)
        (cursorPath, self.source, self.format) = (cursor, source, format)
        do {
            lock = try File.open(FilePath(cursor.string + "-lock"), .readWrite, options: [.create])
            guard try File.tryLock(lock.rawValue, exclusive: true) else { throw Errno.wouldBlock }
        } catch Errno.wouldBlock {
            throw LogReadError(.timedOut, "another export uses the cursor \(cursor); wait for its end")
        } catch {
            throw LogReadError(.unreadable, "cannot lock the cursor \(cursor): \(error)")
        }
        self.cursor = try ExportCursor(reading: cursor)
    }

    deinit {
        // Closing is not enough: a program that another thread is just starting still has the file open.
        try? File.unlock(lock.rawValue)
    }

    /// Ships once.
    public func run(to target: ShipmentTarget) throws -> ShipmentResult {
        let range = try plan(to: target)
        guard let range else { return ShipmentResult(rows: 0, path: nil, isWhole: true) }
        let result = try deliver(range, to: target)
        if result.isWhole { try settle() }
        return result
    }

    /// First step: notes where the shipment ends; one that was not settled ends where it did. nil: nothing is new.
    func plan(to target: ShipmentTarget) throws -> ExportRange? {
        let now = try exporter.state()
        if let log = cursor.log, log != now.log {
            throw LogReadError(
                .query,
                "the cursor \(cursorPath) is of another log; name another cursor, or remove it to export everything of "
                    + "this log")
        }
        if let pending = cursor.pending, pending.name != fileName {
            throw LogReadError(
                .query,
                "an export that was interrupted is to be made again, as \(pending.name), before others; run it once "
                    + "more with the --format and --source that it had")
        }
        let end = cursor.pending?.end ?? now.end
        if end == cursor.done { return nil }
        if cursor.pending == nil {
            if case .directory(let directory) = target { try checkIsFree(directory.appending(fileName)) }
            cursor.log = now.log
            cursor.pending = .init(end: end, name: fileName)
            try cursor.write(to: cursorPath)
        }
        return try exporter.range(after: cursor.done, to: end, epochStart: now.epochStart)
    }

    /// A file that this cursor did not begin holds rows of another log: they must neither be lost nor have the same
    /// source as those of this one.
    private func checkIsFree(_ path: FilePath) throws {
        guard (try? File.status(at: path)) != nil else { return }
        throw LogReadError(
            .query,
            "\(path) is there already, and not by the cursor \(cursorPath); give each log a --source of its own, or "
                + "move the file away")
    }

    /// Second step: writes, and gives the output its name.
    func deliver(_ range: ExportRange, to target: ShipmentTarget) throws -> ShipmentResult {
        let path: FilePath
        switch target {
        case .stream(let write):
            let rows = try exporter.run(range, write: write)
            return ShipmentResult(rows: rows ?? 0, path: nil, isWhole: rows != nil)
        case .file(let file): path = file
        case .directory(let directory): path = directory.appending(fileName)
        }
        // No row may meet the conditions, or all were pruned meanwhile.
        let rows = try exporter.run(range, to: OutputFile(path, isDurable: true))
        return ShipmentResult(rows: rows, path: rows > 0 ? path : nil, isWhole: true)
    }

    /// Last step: notes that the shipment is done.
    func settle() throws {
        guard let end = cursor.pending?.end else { return }
        cursor.done = end
        cursor.pending = nil
        try cursor.write(to: cursorPath)
    }

    /// Hidden files are those that are not complete.
    private var fileName: String {
        let plain = source.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" }
        let name = String(plain.first == "." ? ["_"] + plain.dropFirst() : plain)
        let place = cursor.done
        return "\(name)-\(place.epoch)-\(place.id)-\(place.importID).\(format.suffix)"
    }
}
