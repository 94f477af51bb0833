// A server of one of the kinds that seed_fixture.py has too. Usage: seed-fixture KIND [DIRECTORY]
internal import BaseHTTPServer
internal import Dispatch
internal import Foundation
internal import HTTPTypes

typealias Status = HTTPResponse.Status

@main
enum SeedFixture {
    private static let kinds: [String: BaseHTTPRequestHandler.Type] = [
        "routes": Routes.self, "persistent": Persistent.self, "early": Early.self, "default": Default.self,
        "shaped": Shaped.self, "missing": Missing.self, "stray": Stray.self, "hooks": Hooks.self, "files": Files.self,
        "persistent-files": PersistentFiles.self, "typed-files": TypedFiles.self,
        "scripts": Scripts.self, "impatient": Persistent.self,
        "gate": Persistent.self,
        "single": Routes.self,
    ]

    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 2, let handler = kinds[arguments[1]] else {
            fatalError("usage: seed-fixture KIND [DIRECTORY]")
        }
        let kind = arguments[1]
        let isGate = kind == "gate" || kind == "single"
        let server: Server =
            isGate
            ? try Gate(host: "127.0.0.1", port: 0, handler: handler)
            : try Server(host: "127.0.0.1", port: 0, handler: handler)
        if arguments.count > 2 { server.configuration.directory = arguments[2] }
        if kind == "impatient" {
            server.configuration.headTimeoutSeconds = 0.3
            server.configuration.idleTimeoutSeconds = 0.3
            server.configuration.transferWindowSeconds = 0.3
        }
        say("port \(server.serverPort)")
        if kind == "single" {
            server.timeout = 0.2
            try server.handleRequest()
            server.timeout = nil
            say("waiting")
            try server.handleRequest()
        } else {
            let source = stopOnTerminate(server.stopper)
            try server.serveForever()
            source.cancel()
        }
        server.close()
        say("ended")
    }

    /// As a program with a loop of its own would: the signal comes as an event, in another thread.
    private static func stopOnTerminate(_ stopper: Stopper) -> any DispatchSourceSignal {
        signal(SIGTERM, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
        source.setEventHandler { stopper.stop() }
        source.resume()
        return source
    }
}
