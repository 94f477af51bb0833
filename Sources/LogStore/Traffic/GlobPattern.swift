// Patterns over bytes with the wildcards of SQL's GLOB, matched without recursion.

/// A pattern: `*` stands for any bytes, `?` for one character, `[a-z]` and `[^a-z]` for one of a set of ASCII.
///
/// A text of n bytes is matched in at most n times the length of the pattern.
public struct GlobPattern: Sendable, Equatable {
    /// What one place of the pattern stands for.
    enum Element: Sendable, Equatable {
        case byte(UInt8)
        case character
        case set(low: UInt64, high: UInt64, isNegated: Bool)
        case anything
    }

    private(set) var elements: [Element] = []
    private let ignoresCase: Bool

    /// The greatest length of a pattern in bytes.
    static let lengthLimit = 1024

    /// Reads a pattern; `nil`: it is too long, or a `[` has no end.
    ///
    /// - Parameters:
    ///   - text: The pattern.
    ///   - ignoresCase: Whether the letters of ASCII match in both cases.
    ///   - isPartial: Whether a pattern without wildcards matches anywhere in a text.
    init?(_ text: String, ignoresCase: Bool = false, isPartial: Bool = false) {
        self.ignoresCase = ignoresCase
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.lengthLimit else { return nil }
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "*"):
                if elements.last != .anything { elements.append(.anything) }
            case UInt8(ascii: "?"): elements.append(.character)
            case UInt8(ascii: "["):
                guard let set = Self.set(bytes, &index) else { return nil }
                elements.append(set)
            default: elements.append(.byte(ignoresCase ? Self.lowercased(byte) : byte))
            }
        }
        let isPlain = elements.allSatisfy { if case .byte = $0 { true } else { false } }
        if isPartial && isPlain { elements = [.anything] + elements + [.anything] }
    }

    /// Reads a set behind its bracket, and moves behind the closing one.
    private static func set(_ bytes: [UInt8], _ index: inout Int) -> Element? {
        var (low, high): (UInt64, UInt64) = (0, 0)
        var isFirst = true
        var isNegated = false
        if index < bytes.count, bytes[index] == UInt8(ascii: "^") {
            isNegated = true
            index += 1
        }
        while index < bytes.count {
            let first = bytes[index]
            index += 1
            // A bracket that comes first stands for itself.
            if first == UInt8(ascii: "]"), !isFirst { return .set(low: low, high: high, isNegated: isNegated) }
            isFirst = false
            var last = first
            if index + 1 < bytes.count, bytes[index] == UInt8(ascii: "-"), bytes[index + 1] != UInt8(ascii: "]") {
                last = bytes[index + 1]
                index += 2
            }
            guard first <= last, last < 128 else { return nil }
            for byte in first...last {
                if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
            }
        }
        return nil
    }

    /// Whether the pattern stands for the whole text.
    func matches(_ text: [UInt8]) -> Bool {
        var place = 0
        var index = 0
        // Where to go on when a place does not match: the last `*` takes one byte more.
        var star: (place: Int, index: Int)?
        while index < text.count {
            if place < elements.count, elements[place] == .anything {
                star = (place, index)
                place += 1
            } else if place < elements.count, let length = match(elements[place], text, index) {
                place += 1
                index += length
            } else if let last = star {
                star = (last.place, last.index + 1)
                place = last.place + 1
                index = last.index + 1
            } else {
                return false
            }
        }
        return elements[place...].allSatisfy { $0 == .anything }
    }

    /// How many bytes a place takes; `nil`: it does not match.
    private func match(_ element: Element, _ text: [UInt8], _ index: Int) -> Int? {
        let byte = text[index]
        switch element {
        case .byte(let expected): return (ignoresCase ? Self.lowercased(byte) : byte) == expected ? 1 : nil
        case .set(let low, let high, let isNegated):
            let isInSet = has(byte, low, high) || ignoresCase && has(Self.otherCase(byte), low, high)
            if isInSet == isNegated { return nil }
            return isNegated ? Self.characterLength(text, index) : 1
        case .character: return Self.characterLength(text, index)
        case .anything: return nil
        }
    }

    private func has(_ byte: UInt8, _ low: UInt64, _ high: UInt64) -> Bool {
        byte < 128 && (byte < 64 ? low >> UInt64(byte) : high >> UInt64(byte - 64)) & 1 == 1
    }

    /// A byte and those that continue it in UTF-8; what is not UTF-8 counts byte by byte.
    private static func characterLength(_ text: [UInt8], _ index: Int) -> Int {
        guard text[index] >= 0xc0 else { return 1 }
        var end = index + 1
        while end < text.count, end < index + 4, text[end] & 0xc0 == 0x80 { end += 1 }
        return end - index
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }

    private static func otherCase(_ byte: UInt8) -> UInt8 {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 ? byte ^ 0x20 : byte
    }
}
