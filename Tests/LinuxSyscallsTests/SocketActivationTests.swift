// Sockets that were handed over: what the environment says of them, and what is taken for a listening socket.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

struct SocketActivationTests {
    @Test func environment_isReadForThisProcessAlone() throws {
        func read(_ pid: String?, _ count: String?, _ names: String? = nil) throws -> [String]? {
            try SocketActivation(listenPID: pid, listenFDs: count, names: names, processID: 42)?.names
        }
        #expect(try read("42", "2") == ["", ""])
        #expect(try read("42", "2", "web:admin") == ["web", "admin"])
        #expect(try read("42", "1", "") == [""])
        #expect(try read(nil, "2") == nil)
        #expect(try read("42", nil) == nil)
        #expect(try read("42", "0") == nil)
        #expect(try read("43", "2") == nil)
        #expect(try read("43", "nonsense") == nil, "what is none of ours is not judged")
    }

    @Test func numbers_beginAtThree() throws {
        let activation = try SocketActivation(listenPID: "7", listenFDs: "3", names: nil, processID: 7)
        #expect(activation?.numbers == [3, 4, 5])
    }

    @Test(arguments: [
        ("x", "1", nil, "LISTEN_PID"), ("0", "1", nil, "LISTEN_PID"), ("", "1", nil, "LISTEN_PID"),
        ("42", "-1", nil, "LISTEN_FDS"), ("42", "1025", nil, "LISTEN_FDS"), ("42", " 1", nil, "LISTEN_FDS"),
        ("42", "99999999999999999999", nil, "LISTEN_FDS"), ("42", "2", "one", "LISTEN_FDNAMES"),
        ("42", "1", "one:two", "LISTEN_FDNAMES"),
    ])
    func wrongValue_isNamed(pid: String, count: String, names: String?, variable: String) {
        let error = #expect(throws: SocketActivationError.self) {
            try SocketActivation(listenPID: pid, listenFDs: count, names: names, processID: 42)
        }
        #expect(error?.description.hasPrefix("\(variable) is ") == true)
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func listeningSocket_isAdoptedAndDoesNotBlock(host: String) throws {
        let address = try #require(try SocketAddress.resolve(host: host, port: 0).first)
        let original = try ListeningSocket(address, backlog: 8)
        let copy = try duplicate(of: original.rawValue)
        try DescriptorIO.setNonBlocking(copy, false)
        let adopted = try ListeningSocket(adopting: copy)
        let bound = try adopted.localAddress()
        #expect(try bound == original.localAddress() && bound.port > 0)
        switch try adopted.accept() {
        case .none: break
        case .some: Issue.record("nobody has connected")
        }
        let client = try Socket(connectingTo: bound)
        guard let server = try adopted.accept() else { throw Errno.wouldBlock }
        #expect(client.send([UInt8("x".utf8.first ?? 0)].rawBytes) == .bytes(1))
        #expect(server.receive(into: ByteBuffer(capacity: 4), atMost: 4) == .bytes(1))
    }

    @Test func whatDoesNotListen_isRefusedAndLeftOpen() throws {
        let file = try File.openUnnamed(in: "/tmp")
        let pipe = try DescriptorIO.makePipe()
        let listener = try ListeningSocket(.ipv4(0x7f00_0001, port: 0), backlog: 1)
        let connected = try Socket(connectingTo: try listener.localAddress())
        #expect(reason(file.rawValue) == .notASocket)
        #expect(reason(pipe.read.rawValue) == .notASocket)
        #expect(reason(connected.rawValue) == .notListening)
        #expect(reason(-1) == .notOpen)
        try DescriptorIO.writeAll("still open", to: file.rawValue)
    }

    private func reason(_ number: CInt) -> InheritedSocketError? {
        #expect(throws: InheritedSocketError.self) { try ListeningSocket(adopting: number).rawValue }
    }

    private func duplicate(of number: CInt) throws -> CInt {
        let original = Descriptor(owning: number)
        let copy = try original.duplicate().release()
        _ = original.release()
        return copy
    }
}
