// Addresses as texts: what a log and a URL show.
import LinuxSyscalls
import Testing

struct SocketAddressTests {
    @Test(arguments: [
        (SocketAddress.ipv4(0x7f00_0001, port: 80), "127.0.0.1", "127.0.0.1:80"),
        (.ipv4(0, port: 0), "0.0.0.0", "0.0.0.0:0"),
        (.ipv4(.max, port: 65_535), "255.255.255.255", "255.255.255.255:65535"),
        (.ipv6(high: 0, low: 1, port: 8000, scope: 0), "::1", "[::1]:8000"),
        (.ipv6(high: 0x2001_0db8 << 32, low: 0xff, port: 1, scope: 0), "2001:db8::ff", "[2001:db8::ff]:1"),
        (.ipv6(high: 0, low: 0xffff_c0a8_0102, port: 7, scope: 0), "192.168.1.2", "192.168.1.2:7"),
        (.unix("/run/web.socket"), "unix:/run/web.socket", "unix:/run/web.socket"),
        (.unix(""), "unix:", "unix:"),
    ])
    func reads(address: SocketAddress, host: String, authority: String) {
        #expect(address.host == host)
        #expect(address.authority == authority)
    }

    @Test func resolvesNumbersAndNames() throws {
        #expect(try SocketAddress.resolve(host: "127.0.0.1", port: 81) == [.ipv4(0x7f00_0001, port: 81)])
        #expect(try SocketAddress.resolve(host: "::1", port: 81) == [.ipv6(high: 0, low: 1, port: 81, scope: 0)])
        #expect(try SocketAddress.resolve(host: "", port: 81).contains(.ipv4(0, port: 81)))
        #expect(try SocketAddress.resolve(host: "localhost", port: 81).allSatisfy { $0.port == 81 })
    }

    @Test func saysWhichNameHasNoAddress() {
        let error = #expect(throws: NameError.self) { try SocketAddress.resolve(host: "no such host", port: 1) }
        #expect(error?.host == "no such host")
        #expect(error?.reason.isEmpty == false)
    }
}
