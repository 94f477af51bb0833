// A small strict HTTP/1.1 client: one connection, raw bytes out, one response at a time in, never waits for ever.
public import LinuxSyscalls
internal import SystemPackage

/// A persistent connection to a server.
public final class HTTPClient {
    private let socket: Socket
    private let poll: EventPoll
    private let incoming = ByteBuffer(capacity: 65_536)
    private let timeoutMs: Int32
    private var watched: Readiness = .read

    /// Connects to 127.0.0.1, or to another address.
    ///
    /// - Parameter timeoutMs: how long one read or write may take without any progress, in milliseconds.
    public init(port: UInt16, address: SocketAddress? = nil, timeoutMs: Int = patienceMs) throws {
        socket = try Socket(connectingTo: address ?? .ipv4(0x7f00_0001, port: port))
        socket.disableNagle()
        try DescriptorIO.setNonBlocking(socket.rawValue, true)
        poll = try EventPoll(capacity: 1)
        self.timeoutMs = Int32(timeoutMs)
        try poll.add(socket.rawValue, .read, token: 0)
    }

    /// Sends bytes as they are.
    public func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            switch socket.send(bytes.rawBytes.extracting(droppingFirst: sent)) {
            case .bytes(let count): sent += count
            case .wouldBlock: try wait(for: .write)
            case .failed(let error): throw HTTPClientError.failed("send: \(error)")
            }
        }
    }

    /// Sends a text as it is.
    public func send(_ text: String) throws {
        try send([UInt8](text.utf8))
    }

    /// Sends a request without a body and reads its response.
    ///
    /// - Parameter headers: whole lines without their ends.
    public func request(_ method: String, _ target: String, headers: [String] = []) throws -> HTTPAnswer {
        let lines = ["\(method) \(target) HTTP/1.1", "Host: localhost"] + headers
        try send(lines.joined(separator: "\r\n") + "\r\n\r\n")
        return try receive(answersHead: method == "HEAD")
    }

    /// Reads one response, an interim one (1xx) too; what comes behind it stays for the next.
    public func receive(answersHead: Bool = false) throws -> HTTPAnswer {
        let end: [UInt8] = [13, 10, 13, 10]
        var scanned = 0
        var headEnd = find(end, from: scanned)
        while headEnd == nil {
            scanned = max(0, incoming.count - 3)
            try readMore()
            headEnd = find(end, from: scanned)
        }
        var answer = try HTTPAnswer(head: take(headEnd ?? 0))
        incoming.discard(4)
        switch try answer.framing(answersHead: answersHead) {
        case .none: break
        case .length(let count):
            while incoming.count < count { try readMore() }
            answer.body = take(count)
        case .chunked: answer.body = try receiveChunks()
        case .toEnd: answer.body = try receiveToEnd()
        }
        return answer
    }

    /// Reads until the server closes.
    public func receiveToEnd() throws -> [UInt8] {
        while try receiveSome() {}
        return take(incoming.count)
    }

    /// Reads until the server closes or resets the connection.
    public func receiveUntilClosed() throws -> [UInt8] {
        do {
            return try receiveToEnd()
        } catch HTTPClientError.failed {
            return take(incoming.count)
        }
    }

    /// Waits until the server has sent something, and leaves it to be read.
    public func waitForBytes() throws {
        if incoming.isEmpty { try wait(for: .read) }
    }

    /// Whether something has come, or the server has closed.
    public func hasBytes() throws -> Bool {
        try !incoming.isEmpty || poll.wait(timeoutMs: 0) > 0
    }

    /// Waits until a text has come, and leaves it and what is around it to be read.
    public func waitForText(_ text: String) throws {
        while find([UInt8](text.utf8), from: 0) == nil { try readMore() }
    }

    /// Whether the server closes, or resets, without sending anything more.
    public func isClosedByServer() throws -> Bool {
        do {
            while incoming.isEmpty { guard try receiveSome() else { return true } }
            return false
        } catch HTTPClientError.failed {
            return true
        } catch HTTPClientError.timedOut {
            return false
        }
    }

    /// Has the end of this client reset the connection.
    public func resetOnClose() {
        socket.resetOnClose()
    }

    /// Tells the server that no more requests come; answers can still be read.
    public func shutdownWrite() {
        socket.shutdownWrite()
    }

    private func receiveChunks() throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let line = try receiveLine()
            guard let size = Int(line, radix: 16), size >= 0, !line.hasPrefix("+") else {
                throw HTTPClientError.malformed("chunk size: \(line)")
            }
            if size == 0 { break }
            while incoming.count < size { try readMore() }
            body += take(size)
            guard try receiveLine().isEmpty else { throw HTTPClientError.malformed("no line end behind a chunk") }
        }
        guard try receiveLine().isEmpty else { throw HTTPClientError.malformed("a trailer") }
        return body
    }

    private func receiveLine() throws -> String {
        while true {
            if let end = find([13, 10], from: 0) {
                let line = take(end)
                incoming.discard(2)
                return String(decoding: line, as: UTF8.self)
            }
            try readMore()
        }
    }

    /// Reads at least one byte.
    private func readMore() throws {
        guard try receiveSome() else { throw HTTPClientError.closed(received: receivedText) }
    }

    /// Reads at least one byte; false at the end of input.
    private func receiveSome() throws -> Bool {
        while true {
            switch socket.receive(into: incoming, atMost: 262_144) {
            case .bytes(let count): return count > 0
            case .wouldBlock: try wait(for: .read)
            case .failed(let error): throw HTTPClientError.failed("receive: \(error)")
            }
        }
    }

    private func wait(for readiness: Readiness) throws {
        if watched != readiness {
            try poll.modify(socket.rawValue, readiness, token: 0)
            watched = readiness
        }
        let end = Clock.monotonicNs() + Int64(timeoutMs) * 1_000_000
        while try poll.wait(timeoutMs: timeoutMs) == 0 {
            // A signal ends the wait early; that is no time-out.
            if Clock.monotonicNs() >= end { throw HTTPClientError.timedOut(received: receivedText) }
        }
    }

    private var receivedText: String {
        let buffer = incoming
        return unsafe buffer.bytes.withUnsafeBytes { unsafe String(decoding: $0.prefix(2_000), as: UTF8.self) }
    }

    private func find(_ pattern: [UInt8], from start: Int) -> Int? {
        let buffer = incoming
        return unsafe buffer.bytes.withUnsafeBytes { bytes in
            var place = start
            while place + pattern.count <= bytes.count {
                if unsafe bytes[place] == pattern[0], unsafe bytes[place...].starts(with: pattern) { return place }
                place += 1
            }
            return nil
        }
    }

    private func take(_ count: Int) -> [UInt8] {
        let buffer = incoming
        let bytes = unsafe buffer.bytes.withUnsafeBytes { unsafe Array($0.prefix(count)) }
        buffer.discard(count)
        return bytes
    }
}
