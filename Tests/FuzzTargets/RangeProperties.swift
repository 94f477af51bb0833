// The Range field.
import HTTPMessage

extension FuzzTarget {
    /// The ranges are those of a plain reading, lie in the representation, and no two touch.
    func checkRange(_ field: RawSpan) throws(BrokenProperty) {
        let copy = [UInt8](copying: field)
        for size in [0, 1, 7, 60, Int64.max] {
            let ranges = RequestedRanges(field: field, size: size)
            var parts: [Range<Int64>] = []
            switch ranges {
            case .single(let range): parts = [range]
            case .several(let several):
                parts = several
                try expect((2...RequestedRanges.countLimit).contains(parts.count), "\(parts.count) parts")
            case .whole, .unsatisfiable: break
            }
            let shown = "\(escape(copy)) of \(size) as \(ranges)"
            for (index, part) in parts.enumerated() {
                try expect(!part.isEmpty && part.lowerBound >= 0 && part.upperBound <= size, "within: \(shown)")
                for other in parts[(index + 1)...] {
                    let isApart = part.upperBound < other.lowerBound || other.upperBound < part.lowerBound
                    try expect(isApart, "no byte twice, none adjacent: \(shown)")
                }
            }
            let reference = ReferenceRanges(copy[...], size: size)
            try expectEqual(ranges == .whole, reference == .whole, "counts: \(shown)")
            try expectEqual(ranges == .unsatisfiable, reference == .unsatisfiable, "satisfiable: \(shown)")
            if case .parts(let wanted) = reference {
                for offset in 0..<min(size, 60) {
                    let isWanted = wanted.contains { $0.contains(offset) }
                    try expectEqual(parts.contains { $0.contains(offset) }, isWanted, "byte \(offset): \(shown)")
                }
                let first = wanted.first?.lowerBound ?? 0
                try expect(parts.first?.contains(first) == true, "the first range leads: \(shown)")
            }
        }
    }
}

/// The Range field once more: split at commas.
private enum ReferenceRanges: Equatable {
    case whole
    case unsatisfiable
    /// As they stand in the field, but for those outside the representation.
    case parts([Range<Int64>])

    init(_ field: Grammar.Text, size: Int64) {
        self = .whole
        guard let (unit, list) = Grammar.cut(field, at: "="), Grammar.lowercased(unit) == "bytes" else { return }
        let elements = Grammar.elements(list).filter { !$0.isEmpty }
        guard (1...RequestedRanges.countLimit).contains(elements.count) else { return }
        var parts: [Range<Int64>] = []
        var hasSuffix = false
        for element in elements {
            guard let (before, behind) = Grammar.cut(element, at: "-"), before.allSatisfy(Grammar.digits.contains),
                behind.allSatisfy(Grammar.digits.contains), !before.isEmpty || !behind.isEmpty
            else { return }
            let first = Self.number(before)
            let last = behind.isEmpty ? .max : Self.number(behind)
            if before.isEmpty {
                hasSuffix = hasSuffix || last > 0
                parts.append(max(0, size - last)..<size)
            } else if last < first {
                return
            } else if first < size {
                parts.append(first..<min(last, size - 1) + 1)
            }
        }
        parts.removeAll(where: \.isEmpty)
        self = parts.isEmpty ? (size == 0 && hasSuffix ? .whole : .unsatisfiable) : .parts(parts)
    }

    /// The number, or the largest one.
    private static func number(_ digits: Grammar.Text) -> Int64 {
        Int64(String(decoding: digits, as: UTF8.self)) ?? .max
    }
}
