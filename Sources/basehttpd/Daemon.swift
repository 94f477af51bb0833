// Runs the tree and turns what goes wrong into one line and an exit status.
import ArgumentParser
import BaseHTTPServer
import Foundation
import PreforkHTTPServer

enum Daemon {
    static func run(
        _ configuration: PreforkConfiguration, handler: BaseHTTPRequestHandler.Type,
        reload: @escaping () throws -> ReloadedConfiguration
    ) throws {
        var configuration = configuration
        configuration.reload = reload
        configuration.didStart = { announce($0) }
        let status = try PreforkHTTPServer(configuration, handler: handler).run()
        if status != 0 { throw ExitCode(status) }
    }

    /// Says what would run.
    static func check(_ configuration: PreforkConfiguration) throws {
        let rows = try configuration.check()
        print("basehttpd: the configuration is valid")
        let width = rows.map(\.name.count).max() ?? 0
        for row in rows { print(row.name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + row.value) }
    }

    /// One line on standard output, when the first worker accepts.
    private static func announce(_ server: StartedServer) {
        let places = server.addresses.map {
            $0.host.hasPrefix("unix:") ? $0.host : "\($0.host) port \($0.port) (\(StartedServer.url($0)))"
        }
        let log = server.accessLog.map { "access log \($0)" } ?? "no access log"
        let line = "Serving HTTP on \(places.joined(separator: ", ")), \(log)\n"
        FileHandle.standardOutput.write(Data(line.utf8))
    }

    static func fail(_ error: any Error) throws -> Never {
        let status: Int32
        switch error {
        case let error as OptionError: status = error.exitStatus
        case let error as ServerError: status = error.exitStatus
        case let error as PreforkError: status = error.exitStatus
        default: throw error
        }
        FileHandle.standardError.write(Data("basehttpd: \(error)\n".utf8))
        throw ExitCode(status)
    }
}

/// Files over HTTP/1.1.
final class FileHandler: SimpleHTTPRequestHandler {
    override class var protocolVersion: String { "HTTP/1.1" }
    override class var sendsFieldsAtOnce: Bool { true }
}

/// Files over HTTP/1.0: a connection a request.
final class FileHandler10: SimpleHTTPRequestHandler {
    override class var sendsFieldsAtOnce: Bool { true }
}

/// Files and CGI scripts over HTTP/1.1.
final class ScriptHandler: CGIHTTPRequestHandler {
    override class var protocolVersion: String { "HTTP/1.1" }
    override class var sendsFieldsAtOnce: Bool { true }
}

/// Files and CGI scripts over HTTP/1.0.
final class ScriptHandler10: CGIHTTPRequestHandler {
    override class var sendsFieldsAtOnce: Bool { true }
}
