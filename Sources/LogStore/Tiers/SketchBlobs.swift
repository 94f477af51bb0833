// The sketches as they are stored: a few bytes for a few values, and never more than a few kilobytes.
//
// Latency: for each filled bucket in order a byte, in its upper half how many empty buckets lie before it (counted from
// the last filled one), in its lower half its count less one. 15 in either half: a number with the rest follows. The
// longest duration stands in a column of its own. 100 requests take about 60 bytes.
//
// Distinct: nothing for no values, else a byte that tells the form.
//     1  for each filled register in order a byte: its distance from the last one, less one, in the upper six bits, its
//        rank less one in the lower two. 63: a number with the rest of the distance follows; 3: with the rest of the
//        rank. 100 values take about 135 bytes.
//     2  the least rank of all, then all registers as half a byte each above it, the even one in the lower half; behind
//        them a byte for each that has 15, with the rest. About 2,100 bytes.

extension LatencySketch {
    /// As it is stored.
    var blob: [UInt8] {
        var writer = BlobWriter()
        append(to: &writer)
        return writer.bytes
    }

    /// Appends it to a blob that goes on behind it, or ends.
    func append(to writer: inout BlobWriter) {
        var next = 0
        for (bucket, count) in filledBuckets {
            let gap = bucket - next
            writer.append(byte: UInt8(min(gap, 15) << 4 | min(count - 1, 15)))
            if gap >= 15 { writer.append(number: UInt64(gap - 15)) }
            if count > 15 { writer.append(number: UInt64(count - 16)) }
            next = bucket + 1
        }
    }

    /// From what was stored.
    ///
    /// - Parameter maximumUs: the longest duration.
    init(blob: [UInt8], maximumUs: Int64) throws(BlobDamage) {
        var (first, last) = (Self.bucketCount, -1)
        try Self.forEachBucket(of: blob) { bucket, _ in (first, last) = (min(first, bucket), bucket) }
        if last < 0 {
            self.init()
            raiseMaximum(maximumUs)
            return
        }
        self.init(room: first...last)
        try Self.forEachBucket(of: blob) { bucket, count in add(count, bucket: bucket) }
        raiseMaximum(maximumUs)
    }

    private static func forEachBucket(
        of blob: [UInt8], _ body: (_ bucket: Int, _ count: Int) -> Void
    ) throws(BlobDamage) {
        var reader = BlobReader(blob)
        var next: Int64 = 0
        while !reader.isAtEnd {
            let byte = try reader.byte()
            var (gap, count) = (Int64(byte >> 4), Int64(byte & 15) + 1)
            if gap == 15 { gap = 15 &+ (try reader.number()) }
            if count == 16 { count = 16 &+ (try reader.number()) }
            guard gap >= 0, gap < Int64(Self.bucketCount) - next, count > 0 else { throw BlobDamage() }
            body(Int(next + gap), Int(count))
            next += gap + 1
        }
    }
}

extension DistinctSketch {
    /// As it is stored.
    var blob: [UInt8] {
        let filled = registers.count { $0 > 0 }
        if filled == 0 { return [] }
        let sparse = sparseBlob
        if sparse.count <= Self.registerCount / 2 { return sparse }
        let dense = denseBlob
        return sparse.count <= dense.count ? sparse : dense
    }

    private var sparseBlob: [UInt8] {
        var writer = BlobWriter()
        writer.append(byte: 1)
        var next = 0
        for (index, rank) in registers.enumerated() where rank > 0 {
            let gap = index - next
            writer.append(byte: UInt8(min(gap, 63) << 2) | min(rank - 1, 3))
            if gap >= 63 { writer.append(number: UInt64(gap - 63)) }
            if rank >= 4 { writer.append(number: UInt64(rank - 4)) }
            next = index + 1
        }
        return writer.bytes
    }

    private var denseBlob: [UInt8] {
        let least = registers.min() ?? 0
        var writer = BlobWriter()
        writer.append(byte: 2)
        writer.append(byte: least)
        for index in stride(from: 0, to: registers.count, by: 2) {
            writer.append(
                byte: min(registers[index] - least, 15) | min(registers[index + 1] - least, 15) << 4)
        }
        for rank in registers where rank - least >= 15 { writer.append(byte: rank - least - 15) }
        return writer.bytes
    }

    /// From what was stored.
    init(blob: [UInt8]) throws(BlobDamage) {
        self.init()
        if blob.isEmpty { return }
        var reader = BlobReader(blob)
        var registers = [UInt8](repeating: 0, count: Self.registerCount)
        switch try reader.byte() {
        case 1: try Self.readSparse(&reader, &registers)
        case 2: try Self.readDense(&reader, &registers)
        default: throw BlobDamage()
        }
        guard reader.isAtEnd, registers.allSatisfy({ $0 <= Self.rankLimit }) else { throw BlobDamage() }
        self.init(registers: registers)
    }

    private static func readSparse(_ reader: inout BlobReader, _ registers: inout [UInt8]) throws(BlobDamage) {
        var next: Int64 = 0
        while !reader.isAtEnd {
            let byte = try reader.byte()
            var (gap, rank) = (Int64(byte >> 2), Int64(byte & 3) + 1)
            if gap == 63 { gap = 63 &+ (try reader.number()) }
            if rank == 4 { rank = 4 &+ (try reader.number()) }
            guard gap >= 0, gap < Int64(registerCount) - next, rank > 0, rank <= Int64(rankLimit) else {
                throw BlobDamage()
            }
            registers[Int(next + gap)] = UInt8(rank)
            next += gap + 1
        }
    }

    private static func readDense(_ reader: inout BlobReader, _ registers: inout [UInt8]) throws(BlobDamage) {
        let least = try reader.byte()
        let halves = Array(try reader.bytes(registerCount / 2))
        guard least <= rankLimit else { throw BlobDamage() }
        for index in registers.indices {
            let half = halves[index / 2] >> (index % 2 == 0 ? 0 : 4) & 15
            let rest = half == 15 ? try reader.byte() : 0
            guard rest <= rankLimit else { throw BlobDamage() }
            registers[index] = least + half + rest
        }
    }
}
