// The header of the PROXY protocol.
import HTTPMessage

extension FuzzTarget {
    /// Every front of the bytes asks for more or is judged as the whole is; the whole is what the second reading says.
    func checkProxyHeader(_ bytes: RawSpan) throws(BrokenProperty) {
        let whole = ProxyHeader.parse(bytes)
        let copy = [UInt8](copying: bytes)
        var isDecided = false
        for end in 0..<bytes.byteCount {
            let step = ProxyHeader.parse(bytes.extracting(0..<end))
            if isDecided { try expect(step != .needMore, "what was decided stays so at \(end)") }
            switch step {
            case .needMore: break
            case .header(let header):
                isDecided = true
                try expect(header.length <= end, "the header lies in the bytes")
                try expectEqual(step, whole, "the header at \(end)")
            case .reject:
                isDecided = true
                guard case .reject = whole else { throw BrokenProperty(description: "refused at \(end) alone") }
            }
        }
        let reference = ReferenceProxyHeader(copy)
        switch whole {
        case .needMore: try expect(!isDecided, "more is wanted by all fronts")
        case .reject: try expect(reference == nil, "refused \(escape(copy)), but \(String(describing: reference))")
        case .header(let header):
            try expectEqual(header.length, reference?.length ?? -1, "the length of \(escape(copy))")
            try expectEqual(header.client, reference?.client ?? .peer, "the client of \(escape(copy))")
        }
        if whole == .needMore { try expect(reference == nil, "more is wanted of \(escape(copy))") }
    }
}

/// A second reading of both versions, in one piece and by texts.
struct ReferenceProxyHeader {
    var client = ProxyHeader.Client.peer
    var length = 0

    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10] + Array("QUIT\n".utf8)

    init?(_ bytes: [UInt8]) {
        let isRead = bytes.starts(with: Self.signature) ? readBinary(bytes) : readText(bytes)
        if !isRead { return nil }
    }

    private mutating func readText(_ bytes: [UInt8]) -> Bool {
        let front = bytes.prefix(107)
        guard let end = front.indices.dropLast().first(where: { front[$0] == 13 && front[$0 + 1] == 10 }) else {
            return false
        }
        let words = front[..<end].split(separator: 32, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard words.count >= 2, words[0] == "PROXY" else { return false }
        length = end + 2
        if words[1] == "UNKNOWN" { return true }
        guard words.count == 6, let port = Self.port(words[4]), Self.port(words[5]) != nil else { return false }
        let read: (String) -> UInt128? =
            words[1] == "TCP4"
            ? { Self.ipv4($0[...]).map { 0xffff_0000_0000 | $0 } }
            : words[1] == "TCP6" ? { Self.ipv6($0) } : { _ in nil }
        guard let source = read(words[2]), read(words[3]) != nil else { return false }
        client = .address(IPAddress(bits: source), port: port)
        return true
    }

    private mutating func readBinary(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 16, bytes[12] == 0x20 || bytes[12] == 0x21 else { return false }
        length = 16 + Int(bytes[14]) * 256 + Int(bytes[15])
        guard length <= 4096, bytes.count >= length else { return false }
        if bytes[12] == 0x20 { return true }
        let kinds: [UInt8: Int] = [
            0x00: 0, 0x01: 0, 0x02: 0, 0x10: 12, 0x11: 12, 0x12: 12, 0x20: 36, 0x21: 36, 0x22: 36, 0x30: 216,
            0x31: 216, 0x32: 216,
        ]
        guard let addresses = kinds[bytes[13]], length >= 16 + addresses else { return false }
        guard hasGoodEntries(Array(bytes[..<length]), from: 16 + addresses) else { return false }
        func number(_ range: Range<Int>) -> UInt128 { bytes[range].reduce(0) { $0 * 256 + UInt128($1) } }
        switch bytes[13] {
        case 0x11:
            client = .address(
                IPAddress(bits: 0xffff_0000_0000 | number(16..<20)), port: UInt16(number(24..<26)))
        case 0x21: client = .address(IPAddress(bits: number(16..<32)), port: UInt16(number(48..<50)))
        case 0x31: client = .unix
        default: break
        }
        return true
    }

    private func hasGoodEntries(_ header: [UInt8], from start: Int) -> Bool {
        var rest = header[start...]
        var sums: [Range<Int>] = []
        while !rest.isEmpty {
            guard rest.count >= 3 else { return false }
            let at = rest.startIndex
            let count = Int(header[at + 1]) * 256 + Int(header[at + 2])
            guard rest.count >= 3 + count else { return false }
            if header[at] == 3 { sums.append(at + 3..<at + 3 + count) }
            rest = rest.dropFirst(3 + count)
        }
        guard let sum = sums.first else { return true }
        guard sums.count == 1, sum.count == 4 else { return false }
        var zeroed = header
        for index in sum { zeroed[index] = 0 }
        // Long division of the reflected polynomial, a bit at a time over a register of 32 bits.
        var register: UInt32 = 0xffff_ffff
        for byte in zeroed {
            for bit in 0..<8 {
                let out = register & 1 ^ UInt32(byte >> bit & 1)
                register >>= 1
                if out == 1 { register ^= 0x82f6_3b78 }
            }
        }
        return Array(header[sum]) == [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: ~register >> $0) }
    }

    private static func port(_ text: String) -> UInt16? {
        UInt16(text).flatMap { "\($0)" == text ? $0 : nil }
    }

    private static func ipv4(_ text: Substring) -> UInt128? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in UInt8(part).flatMap { "\($0)" == part ? UInt128($0) : nil } }
        guard parts.count == 4, numbers.count == 4 else { return nil }
        return numbers.reduce(0) { $0 * 256 + $1 }
    }

    private static func ipv6(_ text: String) -> UInt128? {
        guard Grammar.isIPv6(Array(text.utf8)[...]) else { return nil }
        /// The groups of one side of the gap.
        func groups(_ side: Substring) -> [UInt128] {
            side.split(separator: ":").flatMap { group -> [UInt128] in
                if let address = ipv4(group) { return [address >> 16, address & 0xffff] }
                return [UInt128(group, radix: 16) ?? 0]
            }
        }
        let gap = text.indices.first { text[$0...].hasPrefix("::") }
        let front = groups(text[..<(gap ?? text.endIndex)])
        let back = gap.map { groups(text[$0...]) } ?? []
        let zeros = [UInt128](repeating: 0, count: max(0, 8 - front.count - back.count))
        return (front + zeros + back).reduce(0) { $0 << 16 | $1 }
    }
}
