// Takes the requests of several logs out as those of one, the oldest first.

/// An export of the requests of a span from one log or several.
public struct FleetExporter {
    /// A log whose next rows were read.
    private struct Source {
        let exporter: LogExporter
        var stretch: ExportRange.Stretch
        var rows: ArraySlice<[ReportValue]> = []

        /// The key of its next row; nil: there is none. Keys of all logs are moments, so they are in one order.
        var nextID: Int64? {
            if case .integer(let id)? = rows.first?[0] { id } else { nil }
        }

        /// Reads on when no row is left.
        mutating func fill() throws {
            while rows.isEmpty, let chunk = try exporter.chunk(stretch) {
                rows = chunk.rows[...]
                stretch.afterID = chunk.lastID
            }
        }
    }

    /// How many bytes gather before they are written.
    private static let writeBytes = 1 << 18

    private let exporters: [LogExporter]
    private let format: ExportFormat

    /// Makes an export.
    ///
    /// - Parameters:
    ///   - logs: the logs, and what the rows of each say of where they come from.
    ///   - filter: what rows must be like.
    public init(_ logs: [(reader: LogReader, source: String)], format: ExportFormat, filter: RequestFilter) {
        exporters = logs.map { LogExporter($0.reader, format: format, source: $0.source, filter: filter) }
        self.format = format
    }

    /// Writes the rows of a span, as it is now.
    ///
    /// - Parameter write: takes the bytes; answers whether anybody still wants them.
    /// - Returns: how many rows; nil when nobody wanted the rest.
    public func run(_ span: TimeSpan, write: ([UInt8]) throws -> Bool) throws -> Int? {
        var sources = try exporters.flatMap { exporter in
            try exporter.range(span).stretches.map { Source(exporter: exporter, stretch: $0) }
        }
        for index in sources.indices { try sources[index].fill() }
        var encoder = format.encoder()
        var count = 0
        while let next = Self.oldest(sources) {
            encoder.add(sources[next].rows.removeFirst())
            count += 1
            try sources[next].fill()
            if encoder.output.count >= Self.writeBytes {
                guard try write(encoder.output) else { return nil }
                encoder.output.removeAll(keepingCapacity: true)
            }
        }
        encoder.end()
        return try write(encoder.output) ? count : nil
    }

    /// Writes the rows of a span to a file, which has its name when it is whole.
    ///
    /// - Returns: how many rows; without any there is no file.
    public func run(_ span: TimeSpan, to file: OutputFile) throws -> Int {
        try file.take { write in try run(span, write: write) }
    }

    /// The source whose next row is the oldest.
    private static func oldest(_ sources: [Source]) -> Int? {
        var best: (index: Int, id: Int64)?
        for index in sources.indices {
            guard let id = sources[index].nextID else { continue }
            if best.map({ id < $0.id }) != false { best = (index, id) }
        }
        return best?.index
    }
}
