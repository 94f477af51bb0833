// Requests as Apache Parquet (parquet-format 2.9): typed columns that DuckDB, ClickHouse and Arrow load as they are.
internal import AccessLog

// A file is `PAR1`, the column chunks of one row group after the other, the footer (a FileMetaData of Thrift), its
// length in four bytes, `PAR1`. A chunk is one data page, before it one of its different texts where that is shorter.
// A page is its header, the length of the definition levels in four bytes, those (1: there is a value, one bit each),
// and the values. Texts are made visible as in CSV: a Parquet text must be UTF-8, and a log's need not be.

/// Writes Parquet; every column may be NULL.
struct ParquetEncoder: RequestEncoder {
    /// Rows of a group, and bytes of its values, when it ends; a reader and this writer hold about one in memory, and
    /// no page may have 2 GiB.
    static let (groupRows, groupBytes) = (100_000, 64 << 20)

    var output: [UInt8] = Array("PAR1".utf8)

    private let columns: [ExportColumn]
    private var values: [ParquetColumn]
    private var rows = 0
    private var byteCount = 0
    private var groups: [Group] = []
    /// Bytes written before what is in `output`, and those.
    private var offset = 4

    private struct Group {
        let rows: Int
        let chunks: [Chunk]
    }

    private struct Chunk {
        let column: ExportColumn
        let values: Int
        let start: Int
        let dataStart: Int
        let byteCount: Int
        let hasDictionary: Bool
    }

    init(_ columns: [ExportColumn]) {
        self.columns = columns
        values = columns.map { ParquetColumn($0.kind) }
    }

    mutating func add(_ row: [ReportValue]) {
        for index in columns.indices { byteCount += values[index].add(row[index]) }
        rows += 1
        if rows == Self.groupRows || byteCount > Self.groupBytes { endGroup() }
    }

    mutating func end() {
        if rows > 0 { endGroup() }
        let footer = footer()
        output += footer
        output.append(contentsOf: (0..<4).map { UInt8(truncatingIfNeeded: footer.count >> (8 * $0)) })
        output += "PAR1".utf8
    }

    private mutating func endGroup() {
        var chunks: [Chunk] = []
        for (index, column) in columns.enumerated() {
            let start = offset
            let dictionary = values[index].dictionaryPage()
            let data = values[index].dataPage(usesDictionary: dictionary != nil)
            output += dictionary ?? []
            output += data
            offset += (dictionary?.count ?? 0) + data.count
            chunks.append(
                Chunk(
                    column: column, values: rows, start: start, dataStart: start + (dictionary?.count ?? 0),
                    byteCount: offset - start, hasDictionary: dictionary != nil))
            values[index] = ParquetColumn(column.kind)
        }
        groups.append(Group(rows: rows, chunks: chunks))
        (rows, byteCount) = (0, 0)
    }

    /// FileMetaData of parquet.thrift.
    private func footer() -> [UInt8] {
        ThriftWriter.structure { file in
            file.i32(1, 2)
            file.structures(2, [nil] + columns.map(Optional.init)) { element, column in
                guard let column else {
                    element.text(4, "requests")
                    element.i32(5, columns.count)
                    return
                }
                Self.write(column, to: &element)
            }
            file.i64(3, groups.reduce(0) { $0 + Int64($1.rows) })
            file.structures(4, groups) { element, group in
                element.structures(1, group.chunks, Self.write)
                element.i64(2, group.chunks.reduce(0) { $0 + Int64($1.byteCount) })
                element.i64(3, Int64(group.rows))
            }
            file.text(6, "httpstats")
        }
    }

    /// SchemaElement.
    private static func write(_ column: ExportColumn, to element: inout ThriftWriter) {
        element.i32(1, ParquetColumn.type(column.kind))
        element.i32(3, 1)  // OPTIONAL
        element.text(4, column.name)
        switch column.kind {
        case .text:
            element.i32(6, 0)  // UTF8
            element.structure(10) { $0.structure(1) { _ in } }  // STRING
        case .moment:
            element.i32(6, 10)  // TIMESTAMP_MICROS
            element.structure(10) { logical in
                logical.structure(8) { timestamp in
                    timestamp.yes(1)  // adjusted to UTC
                    timestamp.structure(2) { $0.structure(2) { _ in } }  // MICROS
                }
            }
        case .integer, .real: break
        }
    }

    /// ColumnChunk.
    private static func write(_ element: inout ThriftWriter, _ chunk: Chunk) {
        element.i64(2, Int64(chunk.start))
        element.structure(3) { data in
            data.i32(1, ParquetColumn.type(chunk.column.kind))
            data.numbers(2, chunk.hasDictionary ? [0, 3, 8] : [0, 3])  // PLAIN, RLE, RLE_DICTIONARY
            data.texts(3, [chunk.column.name])
            data.i32(4, 0)  // not compressed
            data.i64(5, Int64(chunk.values))
            data.i64(6, Int64(chunk.byteCount))
            data.i64(7, Int64(chunk.byteCount))
            data.i64(9, Int64(chunk.dataStart))
            if chunk.hasDictionary { data.i64(11, Int64(chunk.start)) }
        }
    }
}

/// The values of a column in one row group.
struct ParquetColumn {
    private let kind: ExportColumn.Kind
    /// Whether each row has a value.
    private var isThere: [Bool] = []
    /// Values of numbers as they are written; texts by their place among the different ones.
    private var plain: [UInt8] = []
    private var texts: [Int] = []
    private var places: [[UInt8]: Int] = [:]
    private var different: [[UInt8]] = []

    init(_ kind: ExportColumn.Kind) {
        self.kind = kind
    }

    /// INT64, DOUBLE or BYTE_ARRAY.
    static func type(_ kind: ExportColumn.Kind) -> Int {
        switch kind {
        case .integer, .moment: 2
        case .real: 5
        case .text: 6
        }
    }

    /// Takes the value of the next row; one that is not of the column's kind is none.
    ///
    /// - Returns: bytes that it takes.
    mutating func add(_ value: ReportValue) -> Int {
        var byteCount = 8
        switch (kind, value) {
        case (.integer, .integer(let number)), (.moment, .integer(let number)):
            plain.append(littleEndian: UInt64(bitPattern: number), count: 8)
        case (.real, .real(let number)): plain.append(littleEndian: number.bitPattern, count: 8)
        case (.text, .text(let bytes)): byteCount = add(text: bytes)
        default:
            isThere.append(false)
            return 0
        }
        isThere.append(true)
        return byteCount
    }

    private mutating func add(text: [UInt8]) -> Int {
        let place = places[text] ?? different.count
        if place == different.count {
            places[text] = place
            different.append(Escaping.visible(text))
        }
        texts.append(place)
        return 4 + different[place].count
    }

    /// The page of the different texts, when at most half of all are different.
    func dictionaryPage() -> [UInt8]? {
        guard kind == .text, different.count * 2 <= texts.count else { return nil }
        var body: [UInt8] = []
        for text in different { body.append(parquetText: text) }
        return page(2, body) { header in
            header.structure(7) { dictionary in
                dictionary.i32(1, different.count)
                dictionary.i32(2, 0)
            }
        }
    }

    /// The page of the values.
    func dataPage(usesDictionary: Bool) -> [UInt8] {
        var levels: [UInt8] = []
        levels.append(bitPacked: isThere.map { $0 ? 1 : 0 }, width: 1)
        var body: [UInt8] = []
        body.append(littleEndian: UInt64(levels.count), count: 4)
        body += levels
        if usesDictionary {
            let width = max(1, Int.bitWidth - max(0, different.count - 1).leadingZeroBitCount)
            body.append(UInt8(width))
            body.append(bitPacked: texts, width: width)
        } else if kind == .text {
            for place in texts { body.append(parquetText: different[place]) }
        } else {
            body += plain
        }
        return page(0, body) { header in
            header.structure(5) { data in
                data.i32(1, isThere.count)
                data.i32(2, usesDictionary ? 8 : 0)
                data.i32(3, 3)
                data.i32(4, 3)
            }
        }
    }

    /// PageHeader and what it stands before.
    private func page(_ type: Int, _ body: [UInt8], _ kind: (inout ThriftWriter) -> Void) -> [UInt8] {
        ThriftWriter.structure { header in
            header.i32(1, type)
            header.i32(2, body.count)
            header.i32(3, body.count)
            kind(&header)
        } + body
    }
}

extension [UInt8] {
    fileprivate mutating func append(littleEndian value: UInt64, count: Int) {
        for index in 0..<count { append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))) }
    }

    fileprivate mutating func append(parquetText text: [UInt8]) {
        append(littleEndian: UInt64(text.count), count: 4)
        self += text
    }

    /// One bit-packed run of the hybrid encoding (Encodings.md, RLE = 3): groups of eight values, the last filled up.
    fileprivate mutating func append(bitPacked values: [Int], width: Int) {
        let groups = (values.count + 7) / 8
        append(varint: UInt64(groups) << 1 | 1)
        var (word, bits): (UInt64, Int) = (0, 0)
        for index in 0..<groups * 8 {
            word |= UInt64(index < values.count ? values[index] : 0) << UInt64(bits)
            bits += width
            while bits >= 8 {
                append(UInt8(truncatingIfNeeded: word))
                word >>= 8
                bits -= 8
            }
        }
    }
}
