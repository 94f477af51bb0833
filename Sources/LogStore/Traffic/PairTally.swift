// Counts the requests of a scan by two columns at once: by path and status, by client and path.

/// Two properties that requests are counted by together.
public struct FieldPair: Sendable, Equatable {
    /// The properties; they are different ones.
    public let first, second: TrafficField

    /// A pair.
    public init(_ first: TrafficField, _ second: TrafficField) {
        self.first = first
        self.second = second
    }

    /// Both.
    var fields: [TrafficField] { [first, second] }
}

/// A tally for each pair of values that occurs.
///
/// Each column gives its values slots, and two slots together are the number of a pair. Pairs are kept up to the limit
/// of ``KeyTally`` for texts; what comes later is `others`.
struct PairTally: Sendable {
    private let columns: InlineArray<2, ScannedColumn>
    /// Whether only answers of 404 count.
    private let isNotFound: Bool

    /// The values of the two columns.
    private var first = KeyTally(hasCounts: false)
    private var second = KeyTally(hasCounts: false)

    /// The pairs.
    private(set) var pairs: KeyTally

    init(_ pair: FieldPair, hasLatencies: Bool) {
        columns = [pair.first.column, pair.second.column]
        isNotFound = pair.fields.contains(.notFound)
        pairs = KeyTally(hasLatencies: hasLatencies)
    }

    /// Counts the row that a cursor stands on.
    @inline(never)
    mutating func add(_ row: ScanCursor, _ request: Tally.Request, status: Int64) {
        if isNotFound && status != 404 { return }
        let slots = (first.slot(row, column: columns[0]), second.slot(row, column: columns[1]))
        pairs.add(request, to: pairs.slot(of: Self.key(slots)))
    }

    /// Adds the requests of another part of the same scan.
    mutating func merge(_ other: PairTally) {
        let firsts = other.first.keys.map { first.slot(of: $0) }
        let seconds = other.second.keys.map { second.slot(of: $0) }
        pairs.merge(other.pairs) { key in
            Self.slots(key).map { Self.key((firsts[$0.first], seconds[$0.second])) } ?? key
        }
    }

    /// The two values of a pair; `nil`: it is the others.
    func values(_ pair: KeyTally.Key) -> (first: KeyTally.Key, second: KeyTally.Key)? {
        Self.slots(pair).map { (first.keys[$0.first], second.keys[$0.second]) }
    }

    /// The first slot counts from 1, so that the number is never as small as an id of a dictionary.
    private static func key(_ slots: (first: Int, second: Int)) -> KeyTally.Key {
        .id(Int64(slots.first + 1) << 32 | Int64(slots.second))
    }

    private static func slots(_ key: KeyTally.Key) -> (first: Int, second: Int)? {
        guard case .id(let number) = key else { return nil }
        return (Int(number >> 32) - 1, Int(number & 0xffff_ffff))
    }
}
