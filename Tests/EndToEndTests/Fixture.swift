// The server of Tests/HandlerFixture, whose handlers answer any method, throw and trap.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

/// Starts the fixture, waits until it serves, and stops it in the end.
func withFixture(_ body: (HTTPClientMaker, FilePath) throws -> Void) throws {
    try withTemporaryDirectory { directory in
        let database = directory.appending("access.db")
        let program = try RunningProgram("handler-fixture", [database.string])
        defer { program.killAll() }
        #expect(eventually { program.standardError.contains("serving http://") })
        let text = program.standardError.split(separator: "127.0.0.1:").last ?? ""
        let port = try #require(UInt16(text.prefix { $0.isNumber }))
        try body(HTTPClientMaker(port: port), database)
        try program.send(.terminate)
        #expect(try program.waitForEnd() == .exited(status: 0), "\(program.standardError)")
    }
}

/// Connects to a port again and again.
struct HTTPClientMaker {
    let port: UInt16

    func connect() throws -> HTTPClient { try HTTPClient(port: port, timeoutMs: 20_000) }
}
