// The PROXY protocol's header: both versions, cut everywhere, and what is none.
import HTTPMessage
import Testing

struct ProxyHeaderTests {
    static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]

    @Test(arguments: [
        (
            "PROXY TCP4 192.0.2.1 10.0.0.1 56324 443",
            ProxyHeader.Client.address(IPAddress(ipv4: 0xc000_0201), port: 56324)
        ),
        ("PROXY TCP4 255.255.255.255 0.0.0.0 65535 0", .address(IPAddress(ipv4: .max), port: 65535)),
        ("PROXY TCP6 2001:db8::1 ::1 1 2", .address(IPAddress(bits: 0x2001_0db8 << 96 | 1), port: 1)),
        ("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2", .address(IPAddress(ipv4: 0xc000_0201), port: 1)),
        ("PROXY TCP6 FFFF::FFFF 1:2:3:4:5:6:7:8 7 8", .address(IPAddress(bits: 0xffff << 112 | 0xffff), port: 7)),
        ("PROXY UNKNOWN", .peer), ("PROXY UNKNOWN anything \u{7f} goes 1 2", .peer),
    ])
    func text_isReadHoweverItIsCut(line: String, client: ProxyHeader.Client) {
        let header = Array("\(line)\r\n".utf8)
        expect(header, .header(ProxyHeader(client: client, length: header.count)))
    }

    @Test func longestText_isReadAndOneByteMoreIsRefused() {
        let fits = Array(("PROXY UNKNOWN " + String(repeating: "x", count: 91) + "\r\n").utf8)
        #expect(fits.count == 107)
        expect(fits, .header(ProxyHeader(client: .peer, length: 107)))
        let long = [UInt8]("PROXY UNKNOWN \(String(repeating: "x", count: 92))\r\n".utf8)
        expect(long, .reject("its line is longer than 107 bytes"))
    }

    @Test(arguments: [
        "PROXY TCP4 192.0.2.1 10.0.0.1 56324", "PROXY TCP4 192.0.2.1 10.0.0.1 56324 443 1", "PROXY", "PROXY ",
        "PROXY TCP4  192.0.2.1 10.0.0.1 1 2", "PROXY TCP4 192.0.2.1 10.0.0.1 01 2",
        "PROXY TCP4 192.0.2.1 10.0.0.1 1 65536",
        "PROXY TCP4 ::1 ::1 1 2", "PROXY TCP6 192.0.2.1 10.0.0.1 1 2", "PROXY TCP4 192.0.2.256 10.0.0.1 1 2",
        "PROXY TCP4 192.0.2.1 10.0.0.1 1 -2", "PROXY tcp4 192.0.2.1 10.0.0.1 1 2", "PROXY UDP4 192.0.2.1 10.0.0.1 1 2",
        "proxy TCP4 192.0.2.1 10.0.0.1 1 2", "GET / HTTP/1.1", "PROXY TCP4 192.0.2.1 10.0.0.1 1 2\n", "PROXY UNKNOWNX",
    ])
    func badText_isRefused(line: String) {
        guard case .reject = ProxyHeader.parse(Array("\(line)\r\n".utf8).span.octets) else {
            Issue.record("\(line)")
            return
        }
    }

    @Test func binary_isReadHoweverItIsCut() {
        let ipv4: [UInt8] = [192, 0, 2, 1, 10, 0, 0, 1, 0xdc, 4, 1, 0xbb]
        let ipv6 = [UInt8](0..<32) + [0, 80, 1, 0xbb]
        let first = IPAddress(bits: (0..<16).reduce(0) { $0 << 8 | UInt128($1) })
        let cases: [([UInt8], ProxyHeader.Client)] = [
            (binary(0x21, 0x11, ipv4), .address(IPAddress(ipv4: 0xc000_0201), port: 56324)),
            (binary(0x21, 0x21, ipv6), .address(first, port: 80)),
            (binary(0x21, 0x31, [UInt8](repeating: 65, count: 216)), .unix),
            (binary(0x20, 0x00, []), .peer), (binary(0x20, 0x11, [1, 2, 3]), .peer), (binary(0x20, 0xff, []), .peer),
            (binary(0x21, 0x00, []), .peer), (binary(0x21, 0x12, ipv4), .peer), (binary(0x21, 0x10, ipv4), .peer),
            (binary(0x21, 0x11, ipv4 + [0xea, 0, 2, 7, 7]), .address(IPAddress(ipv4: 0xc000_0201), port: 56324)),
        ]
        for (header, client) in cases { expect(header, .header(ProxyHeader(client: client, length: header.count))) }
    }

    @Test func badBinary_isRefused() {
        let ipv4: [UInt8] = [192, 0, 2, 1, 10, 0, 0, 1, 0xdc, 4, 1, 0xbb]
        let cases: [(String, [UInt8])] = [
            ("version", binary(0x11, 0x11, ipv4)), ("command", binary(0x22, 0x11, ipv4)),
            ("family", binary(0x21, 0x41, ipv4)), ("family", binary(0x21, 0x13, ipv4)),
            ("cut", binary(0x21, 0x11, Array(ipv4.dropLast()))), ("cut", binary(0x21, 0x21, ipv4)),
            ("entry", binary(0x21, 0x11, ipv4 + [4, 0])), ("entry", binary(0x21, 0x11, ipv4 + [4, 0, 2, 1])),
            ("checksum", binary(0x21, 0x11, ipv4 + [3, 0, 4, 1, 2, 3, 4])),
            ("checksum", binary(0x21, 0x11, ipv4 + [3, 0, 1, 1])),
            ("longer", binary(0x21, 0x00, [UInt8](repeating: 0, count: 4081))),
        ]
        for (word, header) in cases {
            guard case .reject(let reason) = ProxyHeader.parse(header.span.octets), reason.contains(word) else {
                Issue.record("\(word): \(ProxyHeader.parse(header.span.octets))")
                continue
            }
        }
    }

    @Test func longestBinary_isRead() {
        let header = binary(0x21, 0x00, [4, 0x0f, 0xed] + [UInt8](repeating: 0, count: 4077))
        #expect(header.count == ProxyHeader.binaryLimit)
        #expect(ProxyHeader.parse(header.span.octets) == .header(ProxyHeader(client: .peer, length: header.count)))
    }

    @Test func checksum_isTried() {
        let ipv4: [UInt8] = [192, 0, 2, 1, 10, 0, 0, 1, 0xdc, 4, 1, 0xbb]
        // Computed by a program that is not of this project.
        var header = binary(0x21, 0x11, ipv4 + [3, 0, 4, 0xa4, 0x54, 0x06, 0x56])
        let client = ProxyHeader.Client.address(IPAddress(ipv4: 0xc000_0201), port: 56324)
        expect(header, .header(ProxyHeader(client: client, length: header.count)))
        header[16] = 128
        expect(header, .reject("its checksum is wrong"))
    }

    /// The same comes of it with and without bytes behind, and each shorter front asks for more (or, of a refused one,
    /// is refused).
    private func expect(_ header: [UInt8], _ step: ProxyHeader.Step, sourceLocation: SourceLocation = #_sourceLocation)
    {
        for rest in ["", "GET / HTTP/1.1\r\n\r\n"] {
            let bytes = header + rest.utf8
            #expect(ProxyHeader.parse(bytes.span.octets) == step, sourceLocation: sourceLocation)
        }
        if case .reject = step { return }
        for count in header.indices {
            let front = Array(header[..<count])
            #expect(ProxyHeader.parse(front.span.octets) == .needMore, "\(count)", sourceLocation: sourceLocation)
        }
    }

    private func binary(_ command: UInt8, _ family: UInt8, _ rest: [UInt8]) -> [UInt8] {
        Self.signature + [command, family, UInt8(rest.count >> 8), UInt8(rest.count & 255)] + rest
    }
}

struct AddressBlockTests {
    @Test(arguments: [
        ("10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"], ["11.0.0.0", "9.255.255.255", "a00::"]),
        ("192.0.2.77/24", ["192.0.2.0", "192.0.2.255"], ["192.0.3.0"]),
        ("192.0.2.1", ["192.0.2.1"], ["192.0.2.2"]), ("0.0.0.0/0", ["1.2.3.4"], ["::1", "2001:db8::1"]),
        ("::/0", ["::1", "1.2.3.4"], []), ("2001:db8::/32", ["2001:db8:ffff::1"], ["2001:db9::", "32.1.13.184"]),
        ("::1", ["::1"], ["::2", "::"]), ("::ffff:10.0.0.0/104", ["10.9.9.9"], ["11.0.0.0"]),
        ("fe80::/10", ["fe80::1", "febf::"], ["fec0::"]),
    ])
    func block_holdsItsAddresses(text: String, inside: [String], outside: [String]) throws {
        let block = try #require(AddressBlock(text))
        for address in inside {
            #expect(try block.contains(#require(IPAddress(address))), "\(address)")
        }
        for address in outside {
            #expect(try !block.contains(#require(IPAddress(address))), "\(address)")
        }
    }

    @Test(arguments: [
        "", "10.0.0/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/08", "::/129", "::1/8/8", "localhost",
        "10.0.0.0/ 8", "[::1]", "1:2:3:4:5:6:7", "fe80::1%eth0", "10.0.0.0/0008",
    ])
    func badBlock_isNone(text: String) {
        #expect(AddressBlock(text) == nil)
    }

    @Test(
        arguments: [
            ("::", 0), ("1::", 1 << 112), ("::1", 1), ("1:2:3:4:5:6:7:8", 0x0001_0002_0003_0004_0005_0006_0007_0008),
            ("1:2::7:8", 0x0001_0002_0000_0000_0000_0000_0007_0008), ("::102:304", 0x0102_0304),
            ("::1.2.3.4", 0x0102_0304),
            ("1:2:3:4:5:6:1.2.3.4", 0x0001_0002_0003_0004_0005_0006_0102_0304),
            ("1:2:3:4:5:6:7::", 0x0001_0002_0003_0004_0005_0006_0007_0000),
        ] as [(String, UInt128)])
    func text_isItsNumber(text: String, bits: UInt128) {
        #expect(IPAddress(text)?.bits == bits)
    }
}
