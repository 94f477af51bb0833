// Who may connect and how often: peers that speak for others, and the connections of each client.
internal import HTTPMessage
internal import LinuxSyscalls

/// The peers that must tell of their clients, and the count of connections by client.
final class ClientLimits {
    private let limit: Int
    private let proxies: [AddressBlock]
    private let hasUnixProxies: Bool
    /// Whether any peer is a trusted proxy: nothing else is asked of a connection where none is.
    private let hasProxies: Bool
    private var counts: [IPAddress: Int] = [:]
    private var refused = 0
    private var lastRefused = ""
    /// When the refused are told of; never when there are none.
    private(set) var reportDueNs: Int64 = .max

    /// Refused connections become one row in so much time, however many they are.
    private static let reportIntervalNs: Int64 = 10_000_000_000

    init(_ configuration: ServerConfiguration) {
        limit = configuration.connectionsPerClient ?? .max
        proxies = configuration.proxyProtocolPeers
        hasUnixProxies = configuration.proxyProtocolOnUnixSockets
        hasProxies = hasUnixProxies || !proxies.isEmpty
    }

    /// Whether the connection of this peer begins with what it says of its client.
    func expectProxyHeader(of peer: SocketAddress) -> Bool {
        guard hasProxies else { return false }
        guard let address = peer.ipAddress else { return hasUnixProxies }
        return proxies.contains { $0.contains(address) }
    }

    /// Counts a connection whose client is known; false when it has too many.
    func admit(_ connection: Connection) -> Bool {
        guard limit != .max, let address = connection.client?.counted else { return true }
        let count = counts[address, default: 0]
        guard count < limit else {
            if refused == 0 { reportDueNs = connection.loop.nowNs + Self.reportIntervalNs }
            refused += 1
            lastRefused = connection.clientHost
            return false
        }
        counts[address] = count + 1
        connection.countedClient = address
        return true
    }

    func forget(_ connection: Connection) {
        guard let address = connection.countedClient else { return }
        counts[address] = counts[address].flatMap { $0 > 1 ? $0 - 1 : nil }
    }

    /// What is to be told of the refused when ``reportDueNs`` has come.
    func takeReport() -> String {
        defer {
            refused = 0
            reportDueNs = .max
        }
        return "refused \(refused) connections of clients that had \(limit) in this worker; the last was \(lastRefused)"
    }
}

extension SocketAddress {
    /// The address without its port; nil for a Unix socket.
    var ipAddress: IPAddress? {
        switch self {
        case .ipv4(let address, _): IPAddress(ipv4: address)
        case .ipv6(let high, let low, _, _): IPAddress(bits: UInt128(high) << 64 | UInt128(low))
        case .unix: nil
        }
    }
}

extension IPAddress {
    /// What one client is known by: an IPv4 address, or the 64 bits of an IPv6 network, within which it has addresses
    /// at will.
    fileprivate var counted: IPAddress { ipv4 == nil ? IPAddress(bits: (bits >> 64) << 64) : self }
}
