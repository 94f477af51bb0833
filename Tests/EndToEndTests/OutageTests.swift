// The log cannot be written for a while: every answer is a row or counted, exactly, and nobody has to lend a hand.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct OutageTests {
        @Test(arguments: ["block", "shed", "drop"])
        func lockedByAnotherProgram(policy: String) throws {
            try expectExactLedger(policy) { daemon, _, whileItLasts in
                let stranger = try Stranger(locking: daemon.database)
                try whileItLasts()
                stranger.release()
            }
        }

        @Test(arguments: ["block", "shed", "drop"])
        func logWriterStopped(policy: String) throws {
            try expectExactLedger(policy) { daemon, _, whileItLasts in
                let writer = try #require(daemon.logWriters.first)
                try Signal(rawValue: 19).send(to: writer.id)
                try whileItLasts()
                try Signal(rawValue: 18).send(to: writer.id)
            }
        }

        @Test(.enabled(if: Mount.isPossible, "only root can mount a small file system"), arguments: ["block", "drop"])
        func diskFull(policy: String) throws {
            try expectExactLedger(policy, onDiskOfBytes: 24 << 20) { daemon, directory, whileItLasts in
                let filler = directory.appending("log/filler")
                let fill = try RunningProgram.run("/bin/sh", ["-c", "cat /dev/zero > \(filler) 2>/dev/null; true"])
                #expect(fill.end == .exited(status: 0))
                try whileItLasts()
                #expect(daemon.program.standardError.contains("nothing is lost"))
                try File.remove(filler)
            }
        }

        @Test(.enabled(if: Mount.isPossible, "only root can mount"), arguments: ["block", "shed"])
        func readOnlyFileSystemOverIt(policy: String) throws {
            try expectExactLedger(policy) { daemon, directory, whileItLasts in
                let log = directory.appending("log")
                try Mount.mount(log, "mode=0700,ro")
                try whileItLasts()
                Mount.unmount(log)
            }
        }

        /// The writer's SQLite is told EIO for all that it writes, by a tracer.
        @Test(.enabled(if: Mount.isPossible && Tracer.isThere, "needs strace, and root"), arguments: ["block", "shed"])
        func inputOutputErrors(policy: String) throws {
            try expectExactLedger(policy) { daemon, _, whileItLasts in
                let writer = try #require(daemon.logWriters.first)
                let tracer = try Tracer(writer.id, failing: "pwrite64", with: "EIO")
                try whileItLasts()
                tracer.detach()
            }
        }

        @Test func logWriterKilledAgainAndAgain() throws {
            // Beside other tests a writer may need several lives to store its first rows; requests wait for it.
            try withDaemon(["--log-ring-size", "64K", "--log-block-timeout", "60"]) { daemon, _ in
                let size = "<!doctype html><title>home</title>".utf8.count
                let loader = LedgerLoader(
                    port: daemon.port, targets: [LedgerLoader.Target(path: "/index.html", size: size)],
                    requests: 20_000)
                var killed = 0
                let ledger = try loader.run(every: 50) {
                    if let writer = daemon.logWriters.first, (try? Signal.kill.send(to: writer.id)) != nil {
                        killed += 1
                    }
                    return true
                }
                try daemon.stop()
                #expect(killed > 3, "\(ledger.elapsedMs) ms")
                #expect(ledger.numbers(.answered).count == 20_000, "\(ledger.refusals)")
                #expect(try daemon.count("SELECT count(*) FROM requests WHERE outcome = 'ok'") == 20_000)
                #expect(try daemon.count("SELECT count(DISTINCT query) FROM requests") == 20_000)
            }
        }

        /// Sends requests before, during and after an outage, and compares the two witnesses.
        private func expectExactLedger(
            _ policy: String, onDiskOfBytes bytes: Int? = nil,
            _ outage: (Daemon, TemporaryDirectory, _ whileItLasts: () throws -> Void) throws -> Void
        ) throws {
            let options = [
                "--log-ring-size", "64K", "--log-overflow", policy, "--log-block-timeout", "0.3",
            ]
            let prepare = { (directory: TemporaryDirectory) throws in
                guard let bytes else { return }
                try directory.write("", to: "log/place")
                try Mount.mount(directory.appending("log"), "size=\(bytes)")
            }
            try withDaemon(options, prepare: prepare) { daemon, directory in
                defer { if bytes != nil { Mount.unmount(directory.appending("log")) } }
                var load = OutageLoad(daemon)
                try load.send(100)
                try outage(daemon, directory) {
                    // Nothing but the rows shows a client that some are dropped, and little room holds many of them.
                    try load.send(policy == "drop" ? 6_000 : 2_000)
                    // The writer notices a file system over its own within a second.
                    for _ in 0..<40 where policy != "drop" && load.refused < 100 { try load.send(500) }
                    #expect(policy == "drop" ? load.refused == 0 : load.refused >= 100)
                }
                let last = try daemon.count("SELECT max(id) FROM requests")
                let recovered = try eventually { try load.send(1) == 200 && load.isLogging(since: last) }
                #expect(recovered, "\(daemon.program.standardError)")
                try load.send(100)
                try daemon.stop()
                let rows = try daemon.count("SELECT count(*) FROM requests WHERE status = 200 AND outcome = 'ok'")
                #expect(rows == (try daemon.count("SELECT count(*) FROM requests")), "nothing else was asked for")
                let gap = try GapCounts(daemon)
                #expect(gap.shed == load.refused)
                #expect(rows + gap.dropped == load.answered)
                #expect(policy == "drop" ? gap.dropped > 100 : gap.dropped == 0)
                #expect(policy == "block" ? gap.waits > 0 && gap.waitedMs >= 300 : gap.waits == 0)
            }
        }
    }
}

/// Requests one after another over two connections, and what came of them.
private struct OutageLoad {
    private let daemon: Daemon
    private var clients: [HTTPClient?] = [nil, nil]
    private(set) var answered = 0
    private(set) var refused = 0

    init(_ daemon: Daemon) {
        self.daemon = daemon
    }

    /// Answers the last status.
    @discardableResult
    mutating func send(_ count: Int) throws -> Int {
        var status = 0
        for number in 0..<count {
            let client = try clients[number % 2] ?? daemon.connect()
            let answer = try client.request("GET", "/index.html")
            clients[number % 2] = answer["Connection"] == "close" ? nil : client
            status = answer.status
            switch status {
            case 200: answered += 1
            case 503 where answer["Retry-After"] == "1": refused += 1
            default: throw TestFailure("status \(status)")
            }
        }
        return status
    }

    /// Whether rows have come since.
    func isLogging(since id: Int) -> Bool {
        ((try? daemon.count("SELECT count(*) FROM requests WHERE id > \(id)")) ?? 0) > 0
    }
}

/// What the rows about gaps say together.
private struct GapCounts {
    var shed = 0
    var dropped = 0
    var waits = 0
    var waitedMs = 0

    init(_ daemon: Daemon) throws {
        // The output of a query has no commas.
        let sentences = try daemon.query(
            "SELECT replace(message, ',', ';') FROM errors WHERE message LIKE 'The log was full: %'")
        for sentence in sentences.compactMap(\.first) {
            for part in sentence.dropFirst("The log was full: ".count).split(separator: ";") {
                let words = part.split(separator: " ")
                let count = words.first.flatMap { Int($0) } ?? 0
                if part.contains("refused") { shed += count }
                if part.contains("served without") { dropped += count }
                if part.contains("waited") { waits += count }
                if words.count > 1, words[1] == "ms" { waitedMs += count }
            }
        }
    }
}

/// Another program with a write transaction on the database.
private final class Stranger {
    private let program: RunningProgram

    init(locking database: FilePath) throws {
        let script = """
            import signal, sqlite3, sys
            connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
            connection.execute("BEGIN " "IMMEDIATE")
            print("locked", flush=True)
            signal.pause()
            """
        program = try RunningProgram("/usr/bin/env", ["python3", "-c", script, database.string])
        _ = try program.waitForLine { $0 == "locked" ? true : nil }
    }

    func release() {
        program.killAll()
    }
}

/// A tracer that has a process's system calls fail.
private final class Tracer {
    static let isThere = (try? File.status(at: "/usr/bin/strace")) != nil
    private let program: RunningProgram

    init(_ process: Int32, failing call: String, with error: String) throws {
        program = try RunningProgram(
            "/usr/bin/strace", ["-p", "\(process)", "-e", "trace=\(call)", "-e", "inject=\(call):error=\(error)"])
        _ = try program.waitForLine(of: \.standardError) { $0.contains("attached") ? true : nil }
    }

    func detach() {
        try? program.send(.interrupt)
        _ = try? program.waitForEnd()
    }
}
