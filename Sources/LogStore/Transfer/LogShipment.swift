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

    /// Ships once.
    public func run(to target: ShipmentTarget) throws -> ShipmentResult {
        let range = try plan()
        guard let range else { return ShipmentResult(rows: 0, path: nil, isWhole: true) }
        let result = try deliver(range, to: target)
        if result.isWhole { try settle() }
        return result
    }

    /// First step: notes where the shipment ends; one that was not settled ends where it did. nil: nothing is new.
    func plan() throws -> ExportRange? {
        let now = try exporter.end()
        let end = cursor.pending ?? now.place
        if end == cursor.done { return nil }
        if cursor.pending == nil {
            cursor.pending = end
            try cursor.write(to: cursorPath)
        }
        return try exporter.range(after: cursor.done, to: end, epochStart: now.epochStart)
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
        let file = try WholeFile(path)
        var isEmpty = true
        let rows = try exporter.run(range) { bytes in
            isEmpty = false
            try file.write(bytes)
            return true
        }
        // Only what was pruned meanwhile lay in the range.
        if isEmpty || rows == 0, case .directory = target { return ShipmentResult(rows: 0, path: nil, isWhole: true) }
        try file.publish()
        return ShipmentResult(rows: rows ?? 0, path: path, isWhole: true)
    }

    /// Last step: notes that the shipment is done.
    func settle() throws {
        guard let end = cursor.pending else { return }
        cursor.done = end
        cursor.pending = nil
        try cursor.write(to: cursorPath)
    }

    private var fileName: String {
        let name = String(
            source.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" })
        let place = cursor.done
        return "\(name)-\(place.epoch)-\(place.id)-\(place.importID).\(format.suffix)"
    }
}
