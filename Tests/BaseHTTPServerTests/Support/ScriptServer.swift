// A server on a tree with scripts in it, for the tests of CGI.
import Foundation
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import BaseHTTPServer

/// Files and scripts over HTTP/1.1.
class Scripts: CGIHTTPRequestHandler {
    override class var protocolVersion: String { "HTTP/1.1" }
}

/// A server on `tree` of a temporary directory.
struct ScriptServer {
    let logged: LoggedServer
    let directory: TemporaryDirectory

    func client() throws -> HTTPClient { try logged.server.client() }

    /// Sends a request on a connection of its own.
    func get(_ target: String, method: String = "GET", headers: [String] = []) throws -> HTTPAnswer {
        try client().request(method, target, headers: headers)
    }

    func text(of file: String) -> String? {
        try? String(contentsOfFile: directory.appending(file).string, encoding: .utf8)
    }

    /// Waits until a script has written its process number into a file.
    func process(_ file: String) throws -> Int32 {
        var number: Int32?
        let came = eventually {
            number = text(of: file).flatMap { $0.last == "\n" ? Int32($0.dropLast()) : nil }
            return number != nil
        }
        try #require(came, "no process number in \(file)")
        return try #require(number)
    }

    /// Whether a process has ended; who collects it is not our matter.
    static func hasEnded(_ process: Int32) -> Bool {
        guard let process = RunningProcess(process) else { return true }
        return process.state == "Z" || process.state == "X"
    }

    /// Lets a script go on that waits for somebody to write into a FIFO.
    func release(_ fifo: String) {
        let opened = eventually {
            (try? File.open(directory.appending(fifo), .writeOnly, options: [.nonBlocking])) != nil
        }
        #expect(opened, "nobody waits for \(fifo)")
    }

    /// The messages of error rows, once so many requests have ended and `isComplete` holds.
    func errors(requests: Int, _ isComplete: ([String]) -> Bool = { _ in true }) throws -> [String] {
        try logged.waitForRequests(requests)
        let complete = eventually {
            logged.drain()
            return isComplete(logged.errors.map(\.message))
        }
        #expect(complete, "\(logged.errors.map(\.message))")
        return logged.errors.map(\.message)
    }

    /// Runs `body` with a server.
    ///
    /// - Parameter scripts: what comes behind `#!/bin/sh`, by path beneath `tree`.
    static func run<Result>(
        _ scripts: [String: String], handler: CGIHTTPRequestHandler.Type = Scripts.self,
        prepare: (TemporaryDirectory) throws -> Void = { _ in },
        configure: @escaping @Sendable (inout ServerConfiguration) -> Void = { _ in },
        _ body: (ScriptServer) throws -> Result
    ) throws -> Result {
        try withTemporaryDirectory { directory in
            try directory.write("a page", to: "tree/page.txt")
            for (path, text) in scripts { try directory.installScript("#!/bin/sh\n" + text, at: "tree/" + path) }
            try prepare(directory)
            let tree = directory.appending("tree").string
            return try LoggedServer.run(
                handler,
                configure: {
                    $0.directory = tree
                    configure(&$0)
                }
            ) { try body(ScriptServer(logged: $0, directory: directory)) }
        }
    }
}
