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
}

/// The same from both places, the command line first.
struct ListenOptions: Decodable {
    private var bind: OneOrMore?
    private var backlog: Int?
    private var socketMode: NumberOrWord?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case bind, backlog
        case socketMode = "socket-mode"
    }

    init() {}

    mutating func override(by arguments: ListenArguments) {
        if !arguments.bind.isEmpty { bind = OneOrMore(values: arguments.bind) }
        backlog = arguments.backlog ?? backlog
        socketMode = arguments.socketMode.map(NumberOrWord.init) ?? socketMode
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
    }
}
