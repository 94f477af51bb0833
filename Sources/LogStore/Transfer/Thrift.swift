// The compact protocol of Apache Thrift, in which Parquet writes what it says of itself; only what is written is here.

/// A struct on its way out. Fields are given in the order of their ids, which are written as differences.
struct ThriftWriter {
    /// Types of fields (thrift-compact-protocol.md).
    private enum Kind: UInt8 {
        case yes = 1
        case i32 = 5
        case i64 = 6
        case binary = 8
        case list = 9
        case structure = 12
    }

    private(set) var bytes: [UInt8] = []
    private var lastID = 0

    mutating func i32(_ id: Int, _ value: Int) {
        field(id, .i32)
        bytes.append(zigzag: Int64(value))
    }

    mutating func i64(_ id: Int, _ value: Int64) {
        field(id, .i64)
        bytes.append(zigzag: value)
    }

    mutating func yes(_ id: Int) {
        field(id, .yes)
    }

    mutating func text(_ id: Int, _ value: String) {
        field(id, .binary)
        bytes.append(thriftText: value)
    }

    mutating func structure(_ id: Int, _ body: (inout ThriftWriter) -> Void) {
        field(id, .structure)
        bytes += ThriftWriter.structure(body)
    }

    mutating func structures<Item>(_ id: Int, _ items: [Item], _ body: (inout ThriftWriter, Item) -> Void) {
        list(id, .structure, items.count)
        for item in items { bytes += ThriftWriter.structure { body(&$0, item) } }
    }

    mutating func numbers(_ id: Int, _ values: [Int]) {
        list(id, .i32, values.count)
        for value in values { bytes.append(zigzag: Int64(value)) }
    }

    mutating func texts(_ id: Int, _ values: [String]) {
        list(id, .binary, values.count)
        for value in values { bytes.append(thriftText: value) }
    }

    /// A whole struct with its end.
    static func structure(_ body: (inout ThriftWriter) -> Void) -> [UInt8] {
        var writer = ThriftWriter()
        body(&writer)
        return writer.bytes + [0]
    }

    private mutating func field(_ id: Int, _ kind: Kind) {
        precondition((1...15).contains(id - lastID))
        bytes.append(UInt8(id - lastID) << 4 | kind.rawValue)
        lastID = id
    }

    private mutating func list(_ id: Int, _ kind: Kind, _ count: Int) {
        field(id, .list)
        if count < 15 {
            bytes.append(UInt8(count) << 4 | kind.rawValue)
        } else {
            bytes.append(0xF0 | kind.rawValue)
            bytes.append(varint: UInt64(count))
        }
    }
}

extension [UInt8] {
    /// Seven bits a byte, the lowest first.
    mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    fileprivate mutating func append(zigzag value: Int64) {
        append(varint: UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    fileprivate mutating func append(thriftText text: String) {
        append(varint: UInt64(text.utf8.count))
        self += text.utf8
    }
}
