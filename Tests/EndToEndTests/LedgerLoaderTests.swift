// The witness itself: it tells answered from broken and refused, survives lost connections, and is fast enough.
import LinuxSyscalls
import Synchronization
import TestSupport
import Testing

struct LedgerLoaderTests {
    private let targets = [LedgerLoader.Target(path: "/five", size: 5), LedgerLoader.Target(path: "/three", size: 3)]

    @Test func bookkeepsEveryNumberOnce() throws {
        let seen = Seen()
        let server = try ScriptedServer { head in
            seen.note(head)
            let isFive = head.hasPrefix("GET /five?n=")
            return .bytes("HTTP/1.1 200 OK\r\ncontent-length: \(isFive ? 5 : 3)\r\n\r\n\(isFive ? "12345" : "123")")
        }
        defer { server.stop() }
        let loader = LedgerLoader(port: server.port, targets: targets, requests: 5_000)
        let ledger = try loader.run()
        #expect(ledger.count(.answered) == 5_000 && ledger.lostConnections == 0 && ledger.refusals.isEmpty)
        #expect(seen.numbers.withLock { $0 }.sorted() == Array(0..<5_000))
        #expect(Set((0..<100).map { loader.target(of: $0).path }).count == 2, "both targets are drawn")
    }

    @Test func tellsBrokenFromRefused() throws {
        let server = try ScriptedServer { head in
            switch Seen.number(in: head) % 4 {
            case 0: .last("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n123")
            case 1: .bytes("HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\n12345")
            case 2: .bytes("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n1234")
            default: .last("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n12345")
            }
        }
        defer { server.stop() }
        let ledger = try LedgerLoader(port: server.port, targets: [targets[0]], requests: 400).run()
        for number in 0..<400 {
            let expected: Ledger.Fate = [.cut, .refused, .refused, .answered][number % 4]
            #expect(ledger.fates[number] == expected, "\(number)")
        }
        #expect(ledger.lostConnections == 100 && ledger.refusals.contains { $0.contains("status 503") })
    }

    @Test func tellsBrokenFromCut() throws {
        let server = try ScriptedServer { Seen.number(in: $0) % 2 == 0 ? .last("") : .last("HTTP/1.1 2") }
        defer { server.stop() }
        let ledger = try LedgerLoader(port: server.port, targets: targets, requests: 40).run()
        #expect(ledger.count(.broken) == 20 && ledger.count(.cut) == 20)
    }

    @Test func aLoadInTheBackgroundEndsWhenItsAnswersAreThere() throws {
        let server = try ScriptedServer { _ in .bytes("HTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\n1") }
        defer { server.stop() }
        let missing = LedgerLoader.Target(path: "/none", size: 1, status: 404)
        let load = BackgroundLoad(LedgerLoader(port: server.port, targets: [missing], requests: 1_000_000))
        #expect(!eventually(timeoutMs: 100) { !load.isRunning })
        let ledger = try load.finish()
        #expect(ledger.count(.answered) > 0 && ledger.count(.sent) == 0 && ledger.count(.unsent) > 0)
        #expect(ledger.statuses[0] == 404 && ledger.answersByTenth.reduce(0, +) == ledger.count(.answered))
    }

    @Test func endsByTimeAndByHook() throws {
        let server = try ScriptedServer { _ in .silence }
        defer { server.stop() }
        var loader = LedgerLoader(port: server.port, targets: targets, requests: 100)
        loader.connections = 4
        loader.timeLimitMs = 100
        let byTime = try loader.run()
        #expect(byTime.count(.sent) == 4 && byTime.count(.unsent) == 96 && byTime.elapsedMs >= 100)
        loader.timeLimitMs = 60_000
        var calls = 0
        let byHook = try loader.run(every: 20) {
            calls += 1
            return calls < 3
        }
        #expect(calls == 3 && byHook.elapsedMs < 30_000)
    }

    @Test func countsWhatCannotBeReached() throws {
        let server = try ScriptedServer { _ in .silence }
        server.stop()
        let port = server.port
        #expect(eventually { (try? HTTPClient(port: port)) == nil })
        var loader = LedgerLoader(port: port, targets: targets, requests: 10)
        loader.timeLimitMs = 100
        let ledger = try loader.run()
        #expect(ledger.failedConnections > 0 && ledger.count(.unsent) == 10)
    }

    /// The numbers a server was asked for.
    private final class Seen: Sendable {
        let numbers = Mutex<[Int]>([])

        func note(_ head: String) {
            numbers.withLock { $0.append(Seen.number(in: head)) }
        }

        static func number(in head: String) -> Int {
            let target = head.split(separator: " ")[1]
            return target.split(separator: "=").last.flatMap { Int($0) } ?? -1
        }
    }
}
