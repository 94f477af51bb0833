// The header of the PROXY protocol, versions 1 and 2 (proxy-protocol.txt of HAProxy): whom a proxy connects for.

/// What a proxy says of a connection before anything else.
public struct ProxyHeader: Sendable, Equatable {
    /// Who the client is.
    public enum Client: Sendable, Equatable {
        /// Whoever connected: a check by the proxy itself (LOCAL), or a client it does not tell of (UNKNOWN, AF_UNSPEC,
        /// datagrams).
        case peer
        /// The client that connected to the proxy.
        case address(IPAddress, port: UInt16)
        /// A client of the proxy's Unix socket.
        case unix
    }

    /// What came of the bytes so far.
    public enum Step: Sendable, Equatable {
        /// The header is not complete; call again when more bytes have come.
        case needMore
        /// The header is complete, and what follows it is the client's.
        case header(ProxyHeader)
        /// There is no header, or it cannot be; why, in a few words.
        case reject(String)
    }

    /// Who the client is.
    public let client: Client
    /// Bytes of the header.
    public let length: Int

    package init(client: Client, length: Int) {
        self.client = client
        self.length = length
    }

    /// Bytes of a whole header of version 1, its line end too.
    public static let textLimit = 107
    /// Bytes of a whole header of version 2. Its length field could say 65,551, but all that is known fits in 536.
    public static let binaryLimit = 4_096

    /// The first twelve bytes of version 2, which no HTTP request begins with.
    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]
    private static let textSignature = Array("PROXY ".utf8)

    /// Reads the header.
    ///
    /// - Parameter bytes: everything that has come so far, from the first byte of the connection.
    public static func parse(_ bytes: RawSpan) -> Step {
        guard bytes.byteCount > 0 else { return .needMore }
        let isText = bytes.byte(at: 0) == textSignature[0]
        let start = isText ? textSignature : signature
        for offset in 0..<min(start.count, bytes.byteCount) where bytes.byte(at: offset) != start[offset] {
            return .reject("it begins otherwise")
        }
        if bytes.byteCount < start.count { return .needMore }
        return isText ? parseText(bytes) : parseBinary(bytes)
    }

    // MARK: Version 1

    private static func parseText(_ bytes: RawSpan) -> Step {
        var end = textSignature.count
        // The line end must lie within the limit.
        let last = min(bytes.byteCount, textLimit) - 1
        while end < last, bytes.byte(at: end) != Ascii.carriageReturn || bytes.byte(at: end + 1) != Ascii.lineFeed {
            end += 1
        }
        guard end < last else {
            return bytes.byteCount < textLimit ? .needMore : .reject("its line is longer than \(textLimit) bytes")
        }
        var words: [Range<Int>] = []
        var start = textSignature.count
        for offset in start...end where offset == end || bytes.byte(at: offset) == Ascii.space {
            words.append(start..<offset)
            start = offset + 1
        }
        guard let client = client(bytes, words) else { return .reject("its line is malformed") }
        return .header(ProxyHeader(client: client, length: end + 2))
    }

    /// Reads family, addresses and ports, which have one space between.
    private static func client(_ bytes: RawSpan, _ words: [Range<Int>]) -> Client? {
        let family = bytes.latin1(ByteRange(words[0]))
        // What follows UNKNOWN is to be ignored.
        if family == "UNKNOWN" { return .peer }
        guard family == "TCP4" || family == "TCP6", words.count == 5 else { return nil }
        guard let source = address(bytes.extracting(words[1]), family),
            address(bytes.extracting(words[2]), family) != nil, let port = port(bytes.extracting(words[3])),
            Self.port(bytes.extracting(words[4])) != nil
        else { return nil }
        return .address(source, port: port)
    }

    private static func address(_ bytes: RawSpan, _ family: String) -> IPAddress? {
        (family == "TCP4" ? IPLiteral.isIPv4(bytes) : IPLiteral.isIPv6(bytes)) ? IPAddress(bytes) : nil
    }

    /// A number from 0 to 65535 without leading zeros.
    private static func port(_ bytes: RawSpan) -> UInt16? {
        guard (1...5).contains(bytes.byteCount), bytes.byteCount == 1 || bytes.byte(at: 0) != Ascii.zero else {
            return nil
        }
        var number = 0
        for offset in bytes.byteOffsets {
            let digit = bytes.byte(at: offset) &- Ascii.zero
            guard digit < 10 else { return nil }
            number = number * 10 + Int(digit)
        }
        return UInt16(exactly: number)
    }

    // MARK: Version 2

    private static func parseBinary(_ bytes: RawSpan) -> Step {
        let head = signature.count + 4
        guard bytes.byteCount > 12 else { return .needMore }
        let command = bytes.byte(at: 12)
        guard command == 0x20 || command == 0x21 else { return .reject("its version or command is unknown") }
        guard bytes.byteCount >= head else { return .needMore }
        let length = head + Int(number(bytes, at: 14, bytes: 2))
        guard length <= binaryLimit else { return .reject("it is longer than \(binaryLimit) bytes") }
        guard bytes.byteCount >= length else { return .needMore }
        // LOCAL: whatever else it says is to be passed over.
        if command == 0x20 { return .header(ProxyHeader(client: .peer, length: length)) }
        let family = bytes.byte(at: 13) >> 4
        let transport = bytes.byte(at: 13) & 15
        guard family <= 3, transport <= 2 else { return .reject("its address family is unknown") }
        let addresses = [0, 12, 36, 216][Int(family)]
        guard length >= head + addresses else { return .reject("its addresses are cut") }
        let whole = bytes.extracting(0..<length)
        if let reason = objection(to: whole, from: head + addresses) { return .reject(reason) }
        // Streams alone are told of here; datagrams and the unspecified fall back to the peer, as the document says.
        let client: Client =
            switch (family, transport) {
            case (1, 1):
                .address(
                    IPAddress(ipv4: UInt32(number(whole, at: 16, bytes: 4))),
                    port: UInt16(number(whole, at: 24, bytes: 2)))
            case (2, 1):
                .address(
                    IPAddress(bits: number(whole, at: 16, bytes: 16)), port: UInt16(number(whole, at: 48, bytes: 2)))
            case (3, 1): .unix
            default: .peer
            }
        return .header(ProxyHeader(client: client, length: length))
    }

    /// What is wrong with the type-length-value entries; nil when nothing is. Of their values only the checksum counts.
    private static func objection(to header: RawSpan, from start: Int) -> String? {
        var offset = start
        var hasChecksum = false
        while offset < header.byteCount {
            guard offset + 3 <= header.byteCount else { return "an entry is cut" }
            let value = offset + 3
            let count = Int(number(header, at: offset + 1, bytes: 2))
            guard value + count <= header.byteCount else { return "an entry is cut" }
            if header.byte(at: offset) == 0x03 {
                guard count == 4, !hasChecksum else { return "its checksum is malformed" }
                hasChecksum = true
                guard checksum(header, without: value..<value + 4) == UInt32(number(header, at: value, bytes: 4)) else {
                    return "its checksum is wrong"
                }
            }
            offset = value + count
        }
        return nil
    }

    /// CRC-32C (RFC 3720 appendix B.4) of the bytes, those of the checksum itself taken for zeros.
    private static func checksum(_ bytes: RawSpan, without zeros: Range<Int>) -> UInt32 {
        var checksum: UInt32 = .max
        for offset in bytes.byteOffsets {
            checksum ^= zeros.contains(offset) ? 0 : UInt32(bytes.byte(at: offset))
            for _ in 0..<8 { checksum = checksum & 1 == 0 ? checksum >> 1 : checksum >> 1 ^ 0x82f6_3b78 }
        }
        return ~checksum
    }

    /// A number in network order.
    private static func number(_ bytes: RawSpan, at offset: Int, bytes count: Int) -> UInt128 {
        var number: UInt128 = 0
        for place in offset..<offset + count { number = number << 8 | UInt128(bytes.byte(at: place)) }
        return number
    }
}
