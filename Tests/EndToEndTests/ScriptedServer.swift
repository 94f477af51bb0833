// A server of a few lines, in a thread of the test, that answers as a test tells it: it tries the clients themselves.
import Foundation
import LinuxSyscalls
import Synchronization
import SystemPackage

/// Answers every request head with what `script` makes of it, on persistent connections.
final class ScriptedServer: Sendable {
    /// What to do with one request.
    enum Reply: Sendable {
        case bytes(String)
        /// Sends this, then closes the connection.
        case last(String)
        /// Says nothing.
        case silence
    }

    let port: UInt16
    private let isStopped = Atomic(false)

    init(_ script: @escaping @Sendable (_ head: String) -> Reply) throws {
        let listener = try ListeningSocket(.ipv4(0x7f00_0001, port: 0), backlog: 128)
        port = try listener.localAddress().port
        let raw = try Descriptor(owning: listener.rawValue).duplicateAndRelease()
        Thread.detachNewThread { [self] in
            try? serve(ListeningSocket(owning: Descriptor(owning: raw)), script)
        }
    }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
    }

    private final class Connection {
        let socket: Socket
        let buffer = ByteBuffer(capacity: 1024)

        init(_ socket: consuming Socket) {
            self.socket = socket
        }
    }

    private func serve(_ listener: consuming ListeningSocket, _ script: (String) -> Reply) throws {
        let poll = try EventPoll()
        var connections: [UInt64: Connection] = [:]
        try poll.add(listener.rawValue, .read, token: 0)
        while !isStopped.load(ordering: .relaxed) {
            for event in 0..<(try poll.wait(timeoutMs: 20)) {
                let token = poll.token(at: event)
                if token == 0, let socket = try listener.accept() {
                    let connection = Connection(socket)
                    let number = UInt64(connection.socket.rawValue)
                    connections[number] = connection
                    try poll.add(connection.socket.rawValue, .read, token: number)
                } else if let connection = connections[token], !answer(connection, script) {
                    connections[token] = nil
                }
            }
        }
    }

    /// False when the connection is done.
    private func answer(_ connection: Connection, _ script: (String) -> Reply) -> Bool {
        guard case .bytes(let count) = connection.socket.receive(into: connection.buffer, atMost: 4096), count > 0
        else {
            return false
        }
        let end: [UInt8] = [13, 10, 13, 10]
        while let head = head(in: connection.buffer, endingWith: end) {
            switch script(head) {
            case .bytes(let text):
                _ = connection.socket.send([UInt8](text.utf8).rawBytes)
            case .last(let text):
                _ = connection.socket.send([UInt8](text.utf8).rawBytes)
                return false
            case .silence: break
            }
        }
        return true
    }

    private func head(in buffer: ByteBuffer, endingWith end: [UInt8]) -> String? {
        guard buffer.count >= end.count else { return nil }
        for place in 0...(buffer.count - end.count) where (0..<4).allSatisfy({ buffer[place + $0] == end[$0] }) {
            let head = String(decoding: (0..<place).map { buffer[$0] }, as: UTF8.self)
            buffer.discard(place + end.count)
            return head
        }
        return nil
    }
}

extension Descriptor {
    /// A copy without an owner, for another thread to own; this one is only borrowed and stays open.
    fileprivate consuming func duplicateAndRelease() throws -> CInt {
        let copy = try duplicate().release()
        _ = release()
        return copy
    }
}
