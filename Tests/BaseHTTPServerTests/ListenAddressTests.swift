// What may be named to listen on, and which names fit together.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import BaseHTTPServer

struct ListenAddressTests {
    @Test(arguments: [
        ("", ListenAddress.tcp(host: "", port: 8000)), (":81", .tcp(host: "", port: 81)),
        ("127.0.0.1", .tcp(host: "127.0.0.1", port: 8000)), ("localhost:0", .tcp(host: "localhost", port: 0)),
        ("::", .tcp(host: "::", port: 8000)), ("::1", .tcp(host: "::1", port: 8000)),
        ("[::1]", .tcp(host: "::1", port: 8000)), ("[::1]:65535", .tcp(host: "::1", port: 65_535)),
        ("fe80::1%eth0", .tcp(host: "fe80::1%eth0", port: 8000)),
        ("[fe80::1%eth0]:80", .tcp(host: "fe80::1%eth0", port: 80)),
        ("unix:/run/web.socket", .unix("/run/web.socket")), ("unix:@web", .unix("@web")),
    ])
    func text_isRead(text: String, expected: ListenAddress) throws {
        #expect(try ListenAddress(text, port: 8000) == expected)
    }

    @Test(arguments: [
        "127.0.0.1:65536", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:+1", "[::1", "[::1]80", "[localhost]:80",
        "[]:80", "unix:", "unix:relative", "unix:/", "unix:/run/", "unix:@", "a\0b", "unix:/a\0b",
    ])
    func badText_isNamed(text: String) {
        let error = #expect(throws: ServerError.self) { try ListenAddress(text, port: 8000) }
        guard case .badAddress = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func portOutOfRange_isNamed() {
        #expect(throws: ServerError.self) { try ListenAddress("127.0.0.1", port: 70_000) }
    }

    @Test func port0_givesEachItsOwn() throws {
        let ports = try ports(listen(["127.0.0.1", "127.0.0.1", "::", "0.0.0.0", ""]))
        #expect(Set(ports).count == 5 && !ports.contains(0))
    }

    @Test func wildcardsOfBothFamilies_listenOnOnePort() throws {
        let port = try freePort()
        let listeners = try listen(["[::]:\(port)", "0.0.0.0:\(port)"])
        #expect(try ports(listeners) == [port, port])
        #expect(try peerFamily(of: listeners[0], .ipv6(high: 0, low: 1, port: port, scope: 0)) == "::1")
        #expect(try peerFamily(of: listeners[1], .ipv4(0x7f00_0001, port: port)) == "127.0.0.1")
    }

    @Test(arguments: ["", "::"]) func wildcardAlone_takesBothFamilies(host: String) throws {
        let listeners = try listen([host])
        let port = try ports(listeners)[0]
        #expect(try peerFamily(of: listeners[0], .ipv6(high: 0, low: 1, port: port, scope: 0)) == "::1")
        #expect(try peerFamily(of: listeners[0], .ipv4(0x7f00_0001, port: port)) == "127.0.0.1")
    }

    @Test(arguments: [
        ["127.0.0.1", "127.0.0.1"], ["0.0.0.0", "127.0.0.1"], ["127.0.0.1", ""], ["", "::1"], ["::1", "::"],
        ["", ":%"],
        ["unix:@a", "unix:@a"], ["localhost", "localhost"],
    ])
    func whatIsTakenAlready_isRefused(hosts: [String]) throws {
        let port = try freePort()
        let named = hosts.map { $0.replacing("%", with: "\(port)") }
        let error = #expect(throws: ServerError.self) { try listen(named, port: Int(port)).count }
        guard case .addressTwice = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func failureOfOne_leavesNoFileOfTheOthers() throws {
        try withTemporaryDirectory { directory in
            let taken = try ListeningSocket(.ipv4(0x7f00_0001, port: 0), backlog: 1)
            let port = try taken.localAddress().port
            #expect(throws: ServerError.addressInUse("127.0.0.1:\(port)")) {
                try listen(["unix:\(directory.path)/s", "127.0.0.1:\(port)"]).count
            }
            #expect(try directory.names() == [])
        }
    }

    private func listen(_ hosts: [String], port: Int = 0) throws -> [Listener] {
        try Binding.listen(hosts, port: port, BindingOptions(backlog: 8, reuseAddress: true))
    }

    private func ports(_ listeners: [Listener]) throws -> [UInt16] {
        try listeners.map { try $0.socket.localAddress().port }
    }

    private func freePort() throws -> UInt16 {
        try ports(listen([""]))[0]
    }

    /// Connects, and answers what the server end calls the client.
    private func peerFamily(of listener: Listener, _ address: SocketAddress) throws -> String? {
        let client = try Socket(connectingTo: address)
        guard let server = try listener.socket.accept() else { return nil }
        return client.rawValue > 2 ? server.peer.host : nil
    }
}
