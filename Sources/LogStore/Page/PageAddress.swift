// The address of a live page: what it asks for stands in the query, under the names of the command line.

/// A path and the items of a query, taken apart and put together (RFC 3986, section 3.4; the form encoding of the URL
/// standard).
public struct PageAddress: Sendable, Equatable {
    /// `name=value` of a query.
    public struct Item: Sendable, Equatable {
        /// The name.
        public let name: String
        /// The value.
        public let value: String

        /// Makes an item.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The path, without a query.
    public var path: String

    /// What the query says, in its order.
    public var items: [Item]

    /// How many items an address may have.
    public static let itemLimit = 64

    /// Makes an address.
    public init(_ path: String, _ items: [Item] = []) {
        self.path = path
        self.items = items
    }

    /// Takes a request's target apart.
    ///
    /// - Returns: `nil` when the target has too many items.
    public init?(target: String) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts[0])
        let query = parts.count > 1 ? parts[1].split(separator: "&") : []
        guard query.count <= Self.itemLimit else { return nil }
        items = query.map { item in
            let sides = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return Item(Self.decoded(sides[0]), sides.count > 1 ? Self.decoded(sides[1]) : "")
        }
        // A form sends its empty fields too.
        items.removeAll { $0.value.isEmpty }
    }

    /// The path and the query.
    public var text: String {
        if items.isEmpty { return path }
        return path + "?"
            + items.map { Self.encoded($0.name) + "=" + Self.encoded($0.value) }.joined(separator: "&")
    }

    /// The same at another path.
    public func at(_ path: String) -> PageAddress {
        PageAddress(path, items)
    }

    /// The same without the items of some names, and with others in their place.
    public func replacing(_ names: Set<String>, with items: [Item]) -> PageAddress {
        PageAddress(path, self.items.filter { !names.contains($0.name) } + items)
    }

    /// The same with one more item, unless it has it.
    public func adding(_ item: Item) -> PageAddress {
        PageAddress(path, items.contains(item) ? items : items + [item])
    }

    /// Text behind `+` for a space and `%HH` for a byte; what is no UTF-8 then is replaced.
    private static func decoded(_ text: Substring) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let value = UInt8(String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self), radix: 16),
                bytes[index + 1] != UInt8(ascii: "+")
            {
                result.append(value)
                index += 3
            } else {
                result.append(bytes[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func encoded(_ value: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var text: [UInt8] = []
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"), UInt8(ascii: ":"):
                text.append(byte)
            default: text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
