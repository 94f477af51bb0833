// What may be named to listen on: an address or a name with or without a port, every interface, or a Unix socket.

/// A place to listen on, read from its text.
package enum ListenAddress: Equatable, Sendable {
    /// A name or an address, empty for every interface, and a port.
    case tcp(host: String, port: UInt16)
    /// An absolute path, or `@` and an abstract name (unix(7)).
    case unix(String)

    /// Reads `HOST`, `HOST:PORT`, `IPV6`, `[IPV6]`, `[IPV6]:PORT`, `:PORT`, `unix:/PATH` or `unix:@NAME`; the empty
    /// text is every interface.
    ///
    /// - Parameter port: where the text names none.
    /// - Throws: ``ServerError/badAddress(_:reason:)``.
    package init(_ text: String, port: Int) throws(ServerError) {
        if text.hasPrefix("unix:") {
            self = .unix(try Self.path(text))
        } else {
            let (host, portText) = try Self.split(text)
            guard let number = UInt16(exactly: portText.map { Self.number($0) } ?? port) else {
                throw .badAddress(text, reason: "a port is a number from 0 to 65535")
            }
            self = .tcp(host: host, port: number)
        }
    }

    /// What a server that listens here is called when a client does not say.
    package var serverName: String {
        switch self {
        case .tcp(let host, _): host
        case .unix: "localhost"
        }
    }

    private static func path(_ text: String) throws(ServerError) -> String {
        let path = String(text.dropFirst(5))
        guard path.hasPrefix("/") || path.hasPrefix("@"), path.utf8.count > 1, !path.hasSuffix("/"),
            !path.utf8.contains(0)
        else {
            throw .badAddress(text, reason: "unix: wants an absolute path, or @ and an abstract name")
        }
        return path
    }

    /// Host and port as they are written; an IPv6 address that is followed by a port has brackets around it.
    private static func split(_ text: String) throws(ServerError) -> (host: String, port: Substring?) {
        guard !text.utf8.contains(0) else { throw .badAddress("NUL", reason: "no address has a NUL") }
        if text.hasPrefix("[") {
            let parts = text.dropFirst().split(separator: "]", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].contains(":"), parts[1].isEmpty || parts[1].hasPrefix(":") else {
                throw .badAddress(text, reason: "brackets hold an IPv6 address, perhaps with a port behind them")
            }
            return (String(parts[0]), parts[1].isEmpty ? nil : parts[1].dropFirst())
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 ? (String(parts[0]), parts[1]) : (text, nil)
    }

    /// Decimal digits alone; -1 for anything else.
    private static func number(_ text: Substring) -> Int {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) ?? -1 : -1
    }
}
