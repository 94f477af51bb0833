// How both servers begin, wait and end: the same lines on standard output, the same exit status.
import Foundation
import LinuxSyscalls
import TestSupport
import Testing

extension DifferentialTests {
    /// Both servers of a kind, one after the other.
    private func withBoth(_ kind: String, _ body: (Contestant) throws -> Void) throws {
        try body(.python(#require(Python.installed), [kind]))
        try body(.ours([kind]))
    }

    /// What a server printed behind its port when it has ended by itself.
    private func linesAtTheEnd(_ contestant: Contestant) throws -> [String] {
        #expect(try contestant.program.waitForEnd() == .exited(status: 0), "\(contestant.program.standardError)")
        return contestant.program.standardOutput.split(separator: "\n").dropFirst().map(String.init)
    }

    @Test func handleRequestWaitsForOneRequestOrItsTime() throws {
        try withBoth("single") { contestant in
            _ = try contestant.program.waitForLine { $0 == "waiting" ? true : nil }
            let transcript = try contestant.perform(.request("single", "/x", "HTTP/1.0"))
            #expect(transcript.answers == ["200 OK"])
            #expect(try linesAtTheEnd(contestant) == ["handle_timeout", "waiting", "ended"])
        }
    }

    @Test func anotherThreadShutsDown() throws {
        try withBoth("routes") { contestant throws in
            #expect(try contestant.perform(.request("routes", "/stop")).lines.contains("| stop"))
            #expect(try linesAtTheEnd(contestant) == ["ended"])
        }
    }

    @Test func aSignalShutsDownWhileAClientIsConnected() throws {
        // Python's server waits for the connection it serves, so the client has had its answer.
        try withBoth("routes") { contestant in
            let client = try HTTPClient(port: contestant.port)
            #expect(try client.request("GET", "/x").status == 200)
            try contestant.program.send(.terminate)
            #expect(try linesAtTheEnd(contestant) == ["ended"])
        }
    }

    @Test func datesAreNowAndLogDatesLocal() throws {
        try withBoth("routes") { contestant in
            let body = try contestant.perform(.request("routes", "/now")).lines.filter { $0.hasPrefix("| ") }
            let texts = body.map { $0.dropFirst(2) }
            try #require(texts.count == 2)
            let header = try seconds(texts[0], "EEE, dd MMM yyyy HH:mm:ss 'GMT'")
            let log = try seconds(texts[1], "dd/MMM/yyyy HH:mm:ss")
            #expect(abs(header - Clock.realtimeUs() / 1_000_000) < 60)
            // The fixtures' zone is 5:45 ahead of UTC.
            #expect(abs(log - header - (5 * 3600 + 45 * 60)) <= 1)
        }
    }

    private func seconds(_ text: Substring, _ format: String) throws -> Int64 {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = format
        return Int64(try #require(formatter.date(from: String(text)), "\(text)").timeIntervalSince1970)
    }
}
