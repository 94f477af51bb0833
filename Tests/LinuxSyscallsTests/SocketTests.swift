// Sockets over real loopback: accept, transfer, half-close, files, addresses of both ends.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

struct SocketTests {
    @Test(arguments: ["127.0.0.1", "::1"])
    func carriesBytesBothWays(host: String) throws {
        let address = try #require(try SocketAddress.resolve(host: host, port: 0).first)
        let listener = try ListeningSocket(address, backlog: 8)
        let bound = try listener.localAddress()
        #expect(bound.host == host && bound.port > 0)
        try exchange(listener, bound)
    }

    @Test func carriesBytesOverAPath() throws {
        try withTemporaryDirectory { directory in
            let address = SocketAddress.unix(directory.appending("socket").string)
            let listener = try ListeningSocket(address, backlog: 8)
            #expect(try listener.localAddress() == address)
            try exchange(listener, address)
        }
    }

    @Test func refusesNewConnectionsAndKeepsThoseThatWait() throws {
        let listener = try ListeningSocket(.ipv4(0x7f00_0001, port: 0), backlog: 8)
        let address = try listener.localAddress()
        let early = try Socket(connectingTo: address)
        let before = listener.refusesConnections
        try listener.refuseConnections()
        let after = listener.refusesConnections
        #expect(!before && after)
        let late = try RunningProgram("/bin/bash", ["-c", "exec 3<>/dev/tcp/127.0.0.1/\(address.port)"])
        #expect(early.send([UInt8(1)].rawBytes) == .bytes(1))
        guard let server = try listener.accept() else { throw TestFailure("nobody waits") }
        #expect(eventually { server.hasInput })
        let isQueueEmpty = try listener.accept() == nil
        #expect(try isQueueEmpty && late.collect() == nil, "the late one has not got through")
    }

    @Test func refusesAPathThatDoesNotFit() throws {
        let address = SocketAddress.unix("/tmp/" + String(repeating: "x", count: 103))
        #expect(throws: Errno.fileNameTooLong) { try ListeningSocket(address, backlog: 1).rawValue }
        #expect(throws: Errno.fileNameTooLong) { try Socket(connectingTo: address).rawValue }
    }

    @Test func saysThatAPortIsInUse() throws {
        let listener = try ListeningSocket(.ipv4(0x7f00_0001, port: 0), backlog: 1)
        let taken = try listener.localAddress()
        #expect(throws: Errno.addressInUse) { try ListeningSocket(taken, backlog: 1).rawValue }
    }

    @Test func aResetIsAFailedTransferNotASignal() throws {
        let pair = try connect()
        pair.server.resetOnClose()
        let client = pair.closeServer()
        let buffer = ByteBuffer(capacity: 16)
        #expect(client.receive(into: buffer, atMost: 16) == .failed(.connectionReset))
        var last = Transfer.bytes(0)
        let broken = eventually {
            last = client.send([UInt8(1)].rawBytes)
            return last == .failed(.brokenPipe)
        }
        #expect(broken, "\(last)")
    }

    @Test func sendsAFileFromAnOffset() throws {
        let pair = try connect()
        let file = try File.openUnnamed(in: "/tmp")
        try DescriptorIO.writeAll("0123456789", to: file.rawValue)
        #expect(pair.server.send(file: file.rawValue, at: 3, count: 4) == .bytes(4))
        #expect(pair.server.send(file: file.rawValue, at: 10, count: 4) == .bytes(0), "past its end")
        let buffer = ByteBuffer(capacity: 16)
        #expect(pair.client.receive(into: buffer, atMost: 16) == .bytes(4))
        #expect(buffer[0] == UInt8(ascii: "3"))
    }

    @Test func stopsWhenThePeerDoesNotRead() throws {
        let pair = try connect()
        let block = [UInt8](repeating: 0, count: 1 << 20)
        var sent = 0
        let full = eventually {
            guard case .bytes(let count) = pair.server.send(block.rawBytes, more: true) else { return true }
            sent += count
            return false
        }
        #expect(full && sent > 0)
        #expect(pair.server.send(block.rawBytes) == .wouldBlock)
        #expect(try !pair.server.waitWritable(timeoutMs: 0))
        try DescriptorIO.setNonBlocking(pair.client.rawValue, true)
        let sink = ByteBuffer(capacity: 1 << 20)
        while case .bytes = pair.client.receive(into: sink, atMost: 1 << 20) { sink.removeAll() }
        #expect(try pair.server.waitWritable(timeoutMs: 10_000), "once the peer has read")
    }

    @Test func knowsWhichErrorsAreAShortage() {
        #expect(Errno.tooManyOpenFiles.isResourceShortage && Errno.noMemory.isResourceShortage)
        #expect(!Errno.connectionReset.isResourceShortage)
    }

    /// A client and a server end. Closing needs an owner, hence the type.
    private struct Pair: ~Copyable {
        let client: Socket
        let server: Socket

        consuming func closeServer() -> Socket { client }
    }

    private func connect() throws -> Pair {
        let listener = try ListeningSocket(.ipv4(0x7f00_0001, port: 0), backlog: 8)
        let client = try Socket(connectingTo: try listener.localAddress())
        client.disableNagle()
        guard let server = try listener.accept() else { throw Errno.wouldBlock }
        return Pair(client: client, server: server)
    }

    private func exchange(_ listener: borrowing ListeningSocket, _ address: SocketAddress) throws {
        do {
            let nobody = try listener.accept()
            switch consume nobody {
            case .none: break;
            case .some: Issue.record("accepting never waits")
            }
        }
        let client = try Socket(connectingTo: address)
        guard let server = try listener.accept() else { throw Errno.wouldBlock }
        #expect(server.peer.host == (server.peer.port == 0 ? "unix:" : address.host))
        #expect(try server.localAddress() == address)
        let buffer = ByteBuffer(capacity: 4)
        #expect(server.receive(into: buffer, atMost: 4) == .wouldBlock)
        #expect(client.send([UInt8]("request".utf8).rawBytes) == .bytes(7))
        #expect(server.receive(into: buffer, atMost: 4) == .bytes(4))
        #expect(server.receive(into: buffer, atMost: 4) == .bytes(3))
        client.shutdownWrite()
        #expect(server.receive(into: buffer, atMost: 4) == .bytes(0), "end of input after the half-close")
        #expect(server.send([UInt8]("answer".utf8).rawBytes) == .bytes(6))
        #expect(client.receive(into: buffer, atMost: 100) == .bytes(6), "the other half is still open")
        #expect((0..<buffer.count).map { Character(UnicodeScalar(buffer[$0])) } == Array("requestanswer"))
    }
}
