// Numbers in blobs: seven bits a byte, the least first, as in protocol buffers; damage is told, never trapped on.

/// Writes a blob.
struct BlobWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(byte: UInt8) {
        bytes.append(byte)
    }

    mutating func append(contentsOf more: some Sequence<UInt8>) {
        bytes.append(contentsOf: more)
    }

    /// Appends a number in as few bytes as it needs.
    mutating func append(number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Appends a number that is never negative.
    mutating func append(_ number: Int64) {
        append(number: UInt64(bitPattern: number))
    }
}

/// A blob that is no such blob.
struct BlobDamage: Error {}

/// Reads a blob from its beginning to its end.
struct BlobReader {
    private let bytes: ArraySlice<UInt8>
    private var place: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes[...]
        place = 0
    }

    var isAtEnd: Bool { place == bytes.endIndex }

    mutating func byte() throws(BlobDamage) -> UInt8 {
        guard place < bytes.endIndex else { throw BlobDamage() }
        defer { place += 1 }
        return bytes[place]
    }

    mutating func bytes(_ count: Int) throws(BlobDamage) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.endIndex - place else { throw BlobDamage() }
        defer { place += count }
        return bytes[place..<place + count]
    }

    /// A number of at most 63 bits.
    mutating func number() throws(BlobDamage) -> Int64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 63, by: 7) {
            let byte = try byte()
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return Int64(value) }
        }
        throw BlobDamage()
    }
}
