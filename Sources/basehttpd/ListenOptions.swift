// The options of where to listen and for whom: on the command line, in the configuration file, and checked.
import ArgumentParser
import BaseHTTPServer
import PreforkHTTPServer

/// What `basehttpd --help` shows of listening.
struct ListenArguments: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            """
            Where to listen: ADDRESS, ADDRESS:PORT, [IPV6]:PORT, :PORT or '' for every interface, unix:/PATH or \
            unix:@NAME; may be given again. (default: 127.0.0.1)
            """, valueName: "address"))
    var bind: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Connections that wait in the kernel's queue, which net.core.somaxconn limits too. (default: 1024)",
            valueName: "n"))
    var backlog: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Permissions of the files of Unix sockets, octal: who may write may connect. (default: 660)",
            valueName: "mode"))
    var socketMode: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            """
            Who gets the files of Unix sockets, by name or number: USER, USER:GROUP or :GROUP. (default: whoever \
            starts the server)
            """, valueName: "owner"))
    var socketOwner: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            """
            Proxies whose connections must begin with a PROXY protocol header, which is believed: addresses or blocks \
            such as 10.0.0.0/8, and unix for Unix sockets, with commas; may be given again. (default: none)
            """, valueName: "peers"))
    var proxyProtocol: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Connections at a time in all workers together; further ones wait. (default: those of all workers)",
            valueName: "n"))
    var maxConnections: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            """
            Connections of one address (64 bits of an IPv6 address) at a time in each worker; further ones get a 503. \
            (default: no limit)
            """, valueName: "n"))
    var maxConnectionsPerClient: Int?
}

/// The same from both places, the command line first.
struct ListenOptions: Decodable {
    private var bind: OneOrMore?
    private var backlog: Int?
    private var socketMode: NumberOrWord?
    private var socketOwner: NumberOrWord?
    private var proxyProtocol: OneOrMore?
    private var maxConnections: Int?
    private var maxConnectionsPerClient: Int?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case bind, backlog
        case socketMode = "socket-mode"
        case socketOwner = "socket-owner"
        case proxyProtocol = "proxy-protocol"
        case maxConnections = "max-connections"
        case maxConnectionsPerClient = "max-connections-per-client"
    }

    init() {}

    mutating func override(by arguments: ListenArguments) {
        if !arguments.bind.isEmpty { bind = OneOrMore(values: arguments.bind) }
        backlog = arguments.backlog ?? backlog
        socketMode = arguments.socketMode.map(NumberOrWord.init) ?? socketMode
        socketOwner = arguments.socketOwner.map(NumberOrWord.init) ?? socketOwner
        if !arguments.proxyProtocol.isEmpty { proxyProtocol = OneOrMore(values: arguments.proxyProtocol) }
        maxConnections = arguments.maxConnections ?? maxConnections
        maxConnectionsPerClient = arguments.maxConnectionsPerClient ?? maxConnectionsPerClient
    }

    /// - Throws: ``OptionError`` for the first option that cannot be.
    func apply(to configuration: inout PreforkConfiguration) throws {
        if let bind {
            guard !bind.values.isEmpty else { throw OptionError("bind", mustBe: "at least one address") }
            for value in bind.values {
                do throws(ServerError) {
                    _ = try ListenAddress(value, port: configuration.port)
                } catch {
                    throw OptionError(description: "bind: \(error)", exitStatus: 64)
                }
            }
            configuration.hosts = bind.values
        }
        if let backlog {
            guard (1...65_535).contains(backlog) else {
                throw OptionError("backlog", mustBe: "a number from 1 to 65535")
            }
            configuration.backlog = backlog
        }
        if let socketMode {
            guard let mode = UInt16(socketMode.text, radix: 8), mode <= 0o777 else {
                throw OptionError("socket-mode", mustBe: "an octal number from 0 to 777")
            }
            configuration.socketPermissions = mode
        }
        configuration.socketOwner = socketOwner?.text ?? configuration.socketOwner
        try applyLimits(to: &configuration)
        for peer in proxyProtocol?.values.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }) ?? []
        {
            if peer == "unix" {
                configuration.server.proxyProtocolOnUnixSockets = true
            } else if let block = AddressBlock(String(peer)) {
                configuration.server.proxyProtocolPeers.append(block)
            } else {
                throw OptionError("proxy-protocol", mustBe: "addresses, blocks such as 10.0.0.0/8, or unix")
            }
        }
    }

    private func applyLimits(to configuration: inout PreforkConfiguration) throws {
        if let maxConnections {
            // Each worker must be able to hold one.
            guard (configuration.workers...1 << 24).contains(maxConnections) else {
                throw OptionError("max-connections", mustBe: "a number from that of the workers to 16777216")
            }
            configuration.connectionLimit = maxConnections
        }
        if let maxConnectionsPerClient {
            guard (1...65_536).contains(maxConnectionsPerClient) else {
                throw OptionError("max-connections-per-client", mustBe: "a number from 1 to 65536")
            }
            configuration.server.connectionsPerClient = maxConnectionsPerClient
        }
    }
}
