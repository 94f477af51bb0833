// A list of an hour or a day: the keys with the most requests, and what all others come to.
//
// As it is stored:
//     others      counters of the requests in no line
//     lines       the one with the most requests first, to the end of the blob
//     a line      its key, its counters, and for paths the bytes of a latency sketch behind their number
//     a key       0: the requests have none; else twice a number plus two, of a dictionary or a number itself (a
//                 status, a slot); or twice the bytes of a text plus one, and the text: when the dictionary was full,
//                 and methods
//     counters    requests; if there are any: a number whose bits say which of the less usual counters follow, these in
//                 the order of the bits; then bytes in, bytes out, and the sum of the durations. Requests with 2xx are
//                 those that have no other class; bit 3 stands for the longest duration, which is not there when it is
//                 the sum.

/// What a line counts the requests of.
enum TierKey: Hashable, Sendable {
    /// The requests without one.
    case none
    /// A number of the dictionary of the list's field, or a number of its own.
    case number(Int64)
    /// A text that has no number.
    case text([UInt8])
}

/// A line of a list.
struct TierLine: Equatable, Sendable {
    var key: TierKey
    var counts: TrafficCounts
    var latency: LatencySketch?
}

/// A list.
struct TierList: Equatable, Sendable {
    /// The lines, in the order of requests once it was cut.
    var lines: [TierLine] = []
    /// The requests that are in no line.
    var others = TrafficCounts()

    /// Adds another list of the same field.
    mutating func merge(_ other: TierList) {
        var sum = TierListSum(self)
        sum.add(other)
        self = sum.list
    }

    /// Keeps the lines with the most requests; equal ones by their keys, so that the same requests give the same list.
    ///
    /// - Parameters:
    ///   - limit: how many lines.
    ///   - floor: how many of them whatever they count; beyond it a line with one request is not kept.
    mutating func cut(to limit: Int, floor: Int) {
        lines.sort(by: Self.isBefore)
        var kept = min(lines.count, limit)
        while kept > floor, lines[kept - 1].counts.requests < 2 { kept -= 1 }
        for line in lines[kept...] { others.merge(line.counts) }
        lines.removeSubrange(kept...)
    }

    private static func isBefore(_ left: TierLine, _ right: TierLine) -> Bool {
        if left.counts.requests != right.counts.requests { return left.counts.requests > right.counts.requests }
        switch (left.key, right.key) {
        case (.number(let left), .number(let right)): return left < right
        case (.text(let left), .text(let right)): return left.lexicographicallyPrecedes(right)
        case (.none, _): return right.key != .none
        case (_, .none): return false
        case (.number, .text): return true
        case (.text, .number): return false
        }
    }

    /// As it is stored.
    var blob: [UInt8] {
        var writer = BlobWriter()
        others.append(to: &writer)
        for line in lines {
            switch line.key {
            case .none: writer.append(byte: 0)
            case .number(let number): writer.append(number: UInt64(number + 1) << 1)
            case .text(let text):
                writer.append(number: UInt64(text.count) << 1 | 1)
                writer.append(contentsOf: text)
            }
            line.counts.append(to: &writer)
            guard let latency = line.latency else { continue }
            let sketch = latency.blob
            writer.append(number: UInt64(sketch.count))
            writer.append(contentsOf: sketch)
        }
        return writer.bytes
    }

    /// No lines.
    init() {}

    /// From what was stored.
    ///
    /// - Parameters:
    ///   - hasLatency: whether it is a list whose lines have sketches.
    ///   - keepsLatency: whether they are wanted.
    init(blob: [UInt8], hasLatency: Bool, keepsLatency: Bool = true) throws(BlobDamage) {
        var reader = try TierListReader(blob, hasLatency: hasLatency, keepsLatency: keepsLatency)
        others = reader.others
        while let line = try reader.next() { lines.append(line) }
    }
}

/// Reads a list as it is stored, line by line.
struct TierListReader {
    /// The requests that are in no line.
    let others: TrafficCounts

    private var reader: BlobReader
    private let hasLatency: Bool
    private let keepsLatency: Bool

    /// - Parameters:
    ///   - hasLatency: whether it is a list whose lines have sketches.
    ///   - keepsLatency: whether they are wanted.
    init(_ blob: [UInt8], hasLatency: Bool, keepsLatency: Bool) throws(BlobDamage) {
        var reader = BlobReader(blob)
        others = try TrafficCounts(from: &reader)
        self.reader = reader
        self.hasLatency = hasLatency
        self.keepsLatency = keepsLatency
    }

    /// The next line; nil behind the last one.
    mutating func next() throws(BlobDamage) -> TierLine? {
        if reader.isAtEnd { return nil }
        let number = try reader.number()
        let key: TierKey =
            if number == 0 {
                .none
            } else if number & 1 == 0 {
                .number(number >> 1 - 1)
            } else {
                .text(Array(try reader.bytes(Int(number >> 1))))
            }
        var line = TierLine(key: key, counts: try TrafficCounts(from: &reader))
        if hasLatency {
            let sketch = try reader.bytes(Int(try reader.number()))
            if keepsLatency {
                line.latency = try LatencySketch(blob: Array(sketch), maximumUs: line.counts.durationMaxUs)
            }
        }
        return line
    }
}

extension TrafficCounts {
    fileprivate func append(to writer: inout BlobWriter) {
        writer.append(requests)
        if requests == 0 { return }
        let unusual: InlineArray<11, Int64> = [
            status3xx, status4xx, status5xx, durationMaxUs, withoutStatus, aborted, status1xx, timeout, crashed, killed,
            shed,
        ]
        func isThere(_ bit: Int) -> Bool { bit == 3 ? unusual[bit] != durationUs : unusual[bit] != 0 }
        var bits: UInt64 = 0
        for bit in unusual.indices where isThere(bit) { bits |= 1 << UInt64(bit) }
        writer.append(number: bits)
        for bit in unusual.indices where isThere(bit) { writer.append(unusual[bit]) }
        writer.append(bytesIn)
        writer.append(bytesOut)
        writer.append(durationUs)
    }

    fileprivate init(from reader: inout BlobReader) throws(BlobDamage) {
        self.init()
        requests = try reader.number()
        if requests == 0 { return }
        let bits = try reader.number()
        func counter(_ bit: Int64) throws(BlobDamage) -> Int64 { bits >> bit & 1 == 0 ? 0 : try reader.number() }
        status3xx = try counter(0)
        status4xx = try counter(1)
        status5xx = try counter(2)
        durationMaxUs = try counter(3)
        withoutStatus = try counter(4)
        aborted = try counter(5)
        status1xx = try counter(6)
        timeout = try counter(7)
        crashed = try counter(8)
        killed = try counter(9)
        shed = try counter(10)
        bytesIn = try reader.number()
        bytesOut = try reader.number()
        durationUs = try reader.number()
        if bits & 8 == 0 { durationMaxUs = durationUs }
        status2xx = requests &- withoutStatus &- status1xx &- status3xx &- status4xx &- status5xx
    }
}
