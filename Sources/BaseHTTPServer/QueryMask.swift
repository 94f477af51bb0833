// Hides the values of named query parameters: what the log must not know never reaches it.
internal import HTTPMessage
internal import LinuxSyscalls

/// The names whose values are hidden.
///
/// A parameter begins behind `?`, `&`, `;` or `#`. Its name is compared without regard to ASCII case, decoded
/// (`%74oken` is `token`, `+` a space). Its value ends before the next `&` or `#`, not before `;`, which some programs
/// understand as part of it; what is hidden becomes `***`. Names within values, encoded twice or in a path, are not
/// found.
struct QueryMask: Sendable {
    private let names: Set<[UInt8]>

    /// nil when there are no names: then nothing is looked at.
    init?(_ names: [String]) {
        if names.isEmpty { return nil }
        self.names = Set(names.map { $0.utf8.map(Self.lowercased) })
    }

    /// A target, URL or text with the values hidden.
    ///
    /// - Parameter isText: whether it is a sentence that holds a target: blanks and quotation marks end a value too.
    func masked(_ bytes: RawSpan, isText: Bool = false) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.byteCount)
        var index = 0
        var isInQuery = false
        while index < bytes.byteCount {
            let byte = Self.byte(bytes, index)
            result.append(byte)
            index += 1
            let begins = byte == UInt8(ascii: "?") || isInQuery && "&;#".utf8.contains(byte)
            if !begins { continue }
            isInQuery = true
            guard let valueStart = endOfName(bytes, from: index) else { continue }
            for place in index..<valueStart { result.append(Self.byte(bytes, place)) }
            result.append(contentsOf: "***".utf8)
            index = valueStart
            while index < bytes.byteCount, !Self.endsValue(Self.byte(bytes, index), isText) { index += 1 }
        }
        return result
    }

    /// The same for a sentence of this program.
    func masked(_ text: String) -> String {
        String(decoding: masked(text.utf8.span.octets, isText: true), as: UTF8.self)
    }

    /// Where the value of a parameter begins, if its name is one of those.
    private func endOfName(_ bytes: RawSpan, from start: Int) -> Int? {
        var name: [UInt8] = []
        var index = start
        while index < bytes.byteCount {
            let byte = Self.byte(bytes, index)
            index += 1
            switch byte {
            case UInt8(ascii: "="): return names.contains(name) ? index : nil
            case UInt8(ascii: "&"), UInt8(ascii: ";"), UInt8(ascii: "#"), UInt8(ascii: "?"): return nil
            case UInt8(ascii: "+"): name.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                if index + 1 < bytes.byteCount, let high = Self.digit(Self.byte(bytes, index)),
                    let low = Self.digit(Self.byte(bytes, index + 1))
                {
                    name.append(Self.lowercased(high << 4 | low))
                    index += 2
                } else {
                    name.append(byte)
                }
            default: name.append(Self.lowercased(byte))
            }
        }
        return nil
    }

    private static func endsValue(_ byte: UInt8, _ isText: Bool) -> Bool {
        "&#".utf8.contains(byte) || isText && " '\"".utf8.contains(byte)
    }

    private static func byte(_ bytes: RawSpan, _ index: Int) -> UInt8 { bytes.byte(at: index) }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
