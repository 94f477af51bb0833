// Who is at the other end: the peer, or whom a trusted proxy says that it connects for; and who is turned away.
internal import AccessLog
internal import HTTPMessage
internal import LinuxSyscalls

extension Connection {
    /// The client's address; nil for one of a Unix socket.
    var client: IPAddress? { toldClient ?? (clientPort == 0 ? nil : socket.peer.ipAddress) }

    /// Takes the header of the PROXY protocol from the front of the input; false when it has not come whole, or the
    /// connection was closed.
    func receiveProxyHeader() -> Bool {
        guard let input else { return false }
        switch ProxyHeader.parse(input.bytes) {
        case .needMore:
            // Whoever only looks whether the port is open sends nothing, and is no matter.
            if inputEnded, !input.isEmpty { refuseProxyHeader("it is cut") }
            return false
        case .reject(let reason):
            refuseProxyHeader(reason)
            return false
        case .header(let header):
            input.discard(header.length)
            switch header.client {
            case .peer: break
            case .address(let address, let port):
                toldClient = address
                clientHost = SocketAddress(address).host
                clientPort = port
            case .unix:
                clientHost = SocketAddress.unix("").host
                clientPort = 0
            }
            loggedClient = loop.log.clientText(of: clientHost, timeUs: loop.wallClockUs(loop.nowNs))
            phase = .head
            return loop.introduce(self)
        }
    }

    /// Closes a connection whose peer must say who its client is and did not. No answer: a proxy would pass it to a
    /// client that is not to blame.
    func refuseProxyHeader(_ reason: String) {
        let message = "no header of the PROXY protocol from a peer that must send one: \(reason)"
        if !loop.log.append(message, isError: true, of: self) { LogLine.write("\(clientHost) - ", message) }
        close(outcome: .ok)
    }

    /// Answers 503 to a client that has too many connections, and closes.
    func refuse() {
        // What has come is taken: unread, it would make closing a reset, which can overtake the answer.
        loop.scratch.removeAll()
        _ = socket.receive(into: loop.scratch, atMost: 16_384)
        loop.scratch.removeAll()
        _ = socket.send(Self.tooMany.span.octets)
        close(outcome: .ok)
    }

    private static let tooMany = Array(
        """
        HTTP/1.1 503 Service Unavailable\r
        Retry-After: 10\r
        Content-Length: 0\r
        Connection: close\r
        \r

        """.utf8)
}

extension SocketAddress {
    fileprivate init(_ address: IPAddress) {
        if let ipv4 = address.ipv4 {
            self = .ipv4(ipv4, port: 0)
        } else {
            self = .ipv6(
                high: UInt64(address.bits >> 64), low: UInt64(truncatingIfNeeded: address.bits), port: 0, scope: 0)
        }
    }
}
