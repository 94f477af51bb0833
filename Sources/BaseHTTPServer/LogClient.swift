// How much of a client's address the access log is told, from the shared memory on.

/// What the access log holds of a client's address. The handler sees all of it whatever is chosen.
public enum LogClient: String, Sendable, CaseIterable {
    /// The address.
    case full
    /// Its network: the first 24 bits of an IPv4 address, the first 48 of an IPv6 address.
    case short
    /// A name that stands for the address for one day (UTC) in the life of one server: `h-` and 16 hexadecimal digits,
    /// SipHash-2-4 of the address with a key that is never stored. So whoever has the log can tell the requests of a
    /// day by their clients, but neither who a client is nor whether it came on another day; whoever can read the
    /// server's memory can.
    case hash
    /// Nothing.
    case none
}

/// Turns addresses into what the log is told, once a connection.
struct ClientText {
    private let policy: LogClient
    private let key: SipKey
    private var day: Int64 = .min
    private var dayKey = SipKey(0, 0)

    init(_ policy: LogClient, key: SipKey) {
        self.policy = policy
        self.key = key
    }

    /// The text for a host; what is no address is left as it is by ``LogClient/short``.
    mutating func text(of host: String, unixSeconds: Int64) -> String {
        switch policy {
        case .full: return host
        case .none: return ""
        case .short: return Self.network(of: host)
        case .hash:
            let today = unixSeconds / 86_400
            if today != day {
                day = today
                dayKey = SipKey(key.hash("a\(today)".utf8), key.hash("b\(today)".utf8))
            }
            let digits = String(dayKey.hash(host.utf8), radix: 16)
            return "h-" + String(repeating: "0", count: 16 - digits.count) + digits
        }
    }

    /// `192.0.2.7` → `192.0.2.0`, `2001:db8:1:2::3` → `2001:db8:1::`.
    static func network(of host: String) -> String {
        // Of an IPv4 address in the form of IPv6 the last part counts: `::ffff:192.0.2.7`.
        let octetStart = host.lastIndex(of: ":").map(host.index(after:)) ?? host.startIndex
        let octets = host[octetStart...].split(separator: ".", omittingEmptySubsequences: false)
        if octets.count == 4, octets.allSatisfy({ UInt8($0) != nil }) {
            return host[..<octetStart] + octets.dropLast().joined(separator: ".") + ".0"
        }
        guard host.contains(":") else { return host }
        // Behind the percent sign stands the interface of a link-local address.
        let address = host.prefix { $0 != "%" }
        guard let groups = groups(of: address) else { return host }
        var network = groups.prefix(3)
        while network.last == 0 { network.removeLast() }
        return network.map { String($0, radix: 16) }.joined(separator: ":") + "::"
    }

    private static func groups(of address: Substring) -> [UInt16]? {
        var parts = address.split(separator: ":", omittingEmptySubsequences: false)
        // At an end the two colons make two empty parts.
        if parts.count > 2, parts[0].isEmpty, parts[1].isEmpty { parts.removeFirst() }
        if parts.count > 2, parts[parts.count - 1].isEmpty, parts[parts.count - 2].isEmpty { parts.removeLast() }
        if let gap = parts.firstIndex(of: ""), parts.count <= 8 {
            parts.replaceSubrange(gap...gap, with: repeatElement("0", count: 9 - parts.count))
        }
        let groups = parts.compactMap { $0.count <= 4 ? UInt16($0, radix: 16) : nil }
        return groups.count == 8 && parts.count == 8 ? groups : nil
    }
}
