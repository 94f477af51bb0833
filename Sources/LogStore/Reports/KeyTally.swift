// Counts requests by a column that holds either a small dictionary id or, when the dictionary was full, the text
// itself.
import Foundation
import GRDB

/// Requests, bytes and time of one path or one client.
struct Tally: Equatable {
    var requests = 0
    var bytesOut: Int64 = 0
    var durationUs: Int64 = 0

    mutating func add(bytesOut: Int64, durationUs: Int64) {
        requests += 1
        self.bytesOut += bytesOut
        self.durationUs += durationUs
    }
}

/// A tally for each value of a dictionary column.
///
/// Ids count up from 1, so they index an array. Texts are kept up to ``textLimit``, because a scanner can ask for any
/// number of them; what comes later is added to `others`.
struct KeyTally {
    /// What a column holds.
    enum Key: Hashable {
        case none
        case id(Int64)
        case text([UInt8])
        /// All texts beyond the limit.
        case others
    }

    static let idLimit: Int64 = 4_000_000
    static let textLimit = 250_000

    private var byID: [Tally] = []
    private var byKey: [Key: Tally] = [:]
    private let limit: Int

    init(textLimit: Int = KeyTally.textLimit) {
        limit = textLimit
    }

    /// Adds a request.
    ///
    /// - Parameters:
    ///   - row: A row of a cursor.
    ///   - column: The index of the column with the id or text.
    mutating func add(_ row: Row, column: Int, bytesOut: Int64, durationUs: Int64) {
        add(Self.key(row, column: column), bytesOut: bytesOut, durationUs: durationUs)
    }

    mutating func add(_ key: Key, bytesOut: Int64, durationUs: Int64) {
        if case .id(let id) = key, id >= 0, id < Self.idLimit {
            let index = Int(id)
            if index >= byID.count {
                let count = min(Int(Self.idLimit), max(index + 1, 2 * byID.count))
                byID += Array(repeating: Tally(), count: count - byID.count)
            }
            byID[index].add(bytesOut: bytesOut, durationUs: durationUs)
        } else {
            let isKept = byKey.count < limit || key == .none || byKey[key] != nil
            byKey[isKept ? key : .others, default: Tally()].add(bytesOut: bytesOut, durationUs: durationUs)
        }
    }

    /// How many different values there were; `isLeast` when there were more than could be kept.
    var distinct: (count: Int, isLeast: Bool) {
        let hasOthers = byKey[.others] != nil
        let keys = byKey.count - (byKey[.none] == nil ? 0 : 1) - (hasOthers ? 1 : 0)
        return (byID.reduce(keys) { $1.requests > 0 ? $0 + 1 : $0 }, hasOthers)
    }

    /// The values with the most requests, the most first.
    func top(_ count: Int?) -> [(key: Key, tally: Tally)] {
        let ids = byID.enumerated().lazy.filter { $1.requests > 0 }.map { (key: Key.id(Int64($0)), tally: $1) }
        let all = Array(ids) + byKey.map { (key: $0, tally: $1) }
        let sorted = all.sorted {
            ($0.tally.requests, $0.tally.durationUs) > ($1.tally.requests, $1.tally.durationUs)
        }
        return count.map { Array(sorted.prefix($0)) } ?? sorted
    }

    private static func key(_ row: Row, column: Int) -> Key {
        switch row.reportValue(column) {
        case .integer(let id): .id(id)
        case .text(let bytes), .blob(let bytes): .text(bytes)
        case .null, .real: .none
        }
    }
}
