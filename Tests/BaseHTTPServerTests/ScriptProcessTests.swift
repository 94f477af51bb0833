// The processes of CGI scripts: their errors, their ends, their limits, and that none is left behind.
import AccessLog
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct ScriptProcessTests {
    private static let head = "printf 'Content-Type: text/plain\\n\\n'\n"

    @Test func errorsAndTheExitCodeAreRowsOfTheRequest() throws {
        try ScriptServer.run([
            "cgi-bin/err": Self.head + "printf 'one\\n\\ntwo\\r\\nthree' >&2; exit 7",
            "cgi-bin/signal": Self.head + "kill -SEGV $$",
        ]) { server in
            #expect(try server.get("/cgi-bin/err").status == 200)
            let errors = try server.errors(requests: 1) { $0.count == 4 }
            #expect(errors == ["one", "two", "three", "CGI script exit code 7"])
            #expect(Set(server.logged.errors.map(\.requestID)) == [server.logged.requests[0].requestID])
            #expect(throws: HTTPClientError.self) { try server.get("/cgi-bin/signal") }
            let signals = try server.errors(requests: 2) { $0.count == 6 }
            #expect(signals.last == "CGI script exit code -11 (SIGSEGV)")
            #expect(server.logged.errors.last?.requestID == server.logged.requests[1].requestID)
        }
    }

    @Test func errorsBehindTheAnswerAreRowsOfItsRequest() throws {
        try ScriptServer.run([
            "cgi-bin/late": Self.head + "echo done; exec 1>&-; read x < ../../go; echo late >&2; exit 4"
        ]) {
            makeFIFO($0.appending("go").string)
        } _: { server in
            let client = try server.client()
            #expect(try client.request("GET", "/cgi-bin/late").text == "done\n")
            #expect(try client.request("GET", "/page.txt").status == 200, "the connection goes on")
            server.release("go")
            #expect(try server.errors(requests: 2) { $0.count == 2 } == ["late", "CGI script exit code 4"])
            #expect(Set(server.logged.errors.map(\.requestID)) == [server.logged.requests[0].requestID])
            #expect(server.logged.requests.map(\.outcome) == [.ok, .ok])
        }
    }

    @Test func errorsWithoutEndAreCut() throws {
        let flood = "head -c 5000 /dev/zero | tr '\\0' y >&2; echo >&2; yes | head -c 5000000 >&2"
        try ScriptServer.run(["cgi-bin/flood": Self.head + flood]) { server in
            #expect(try server.get("/cgi-bin/flood").status == 200)
            let errors = try server.errors(requests: 1) { $0.last == ErrorLines.endMark }
            #expect(errors[0] == String(repeating: "y", count: ErrorLines.lineBytes) + ErrorLines.cutMark)
            #expect(errors.reduce(0) { $0 + $1.utf8.count } < ErrorLines.totalBytes + 200)
        }
    }

    @Test func nothingIsInheritedButThreeStreams() throws {
        let script =
            Self.head + "ls /proc/self/fd; pwd; cut -d' ' -f5 /proc/$$/stat; echo $$; grep SigIgn /proc/$$/status"
        try ScriptServer.run(["cgi-bin/sub/fds": script]) { server in
            let lines = try server.get("/cgi-bin/sub/fds").text.split(separator: "\n").map(String.init)
            // The listing itself opens one more, the directory.
            #expect(lines.prefix(4) == ["0", "1", "2", "3"])
            #expect(lines[4].hasSuffix("/tree/cgi-bin/sub") && lines[5] == lines[6])
            // Two signals of the C library's own may be ignored.
            let ignored = try #require(lines[7].split(separator: "\t").last.flatMap { UInt64($0, radix: 16) })
            #expect(ignored & 0x7fff_ffff == 0)
        }
    }

    @Test func aSilentScriptAndItsWholeGroupEndInTime() throws {
        let stubborn = """
            sh -c 'trap "" TERM; echo $$ > ../../child; while :; do sleep 1; done' &
            echo $$ > ../../script; wait
            """
        let configure: @Sendable (inout ServerConfiguration) -> Void = {
            $0.cgiTimeoutSeconds = 3
            $0.cgiKillDelaySeconds = 0.2
        }
        try ScriptServer.run(["cgi-bin/silent": stubborn, "cgi-bin/begun": Self.head + stubborn], configure: configure)
        {
            server in
            for (path, status) in [("silent", 504), ("begun", 200)] {
                let client = try server.client()
                try client.send("GET /cgi-bin/\(path) HTTP/1.1\r\nHost: h\r\n\r\n")
                let processes = try [server.process("script"), server.process("child")]
                if status == 504 {
                    #expect(try client.receive().status == 504)
                } else {
                    #expect(throws: HTTPClientError.self) { try client.receive() }
                }
                #expect(eventually { processes.allSatisfy { ScriptServer.hasEnded($0) } })
                try File.remove(server.directory.appending("script"))
                try File.remove(server.directory.appending("child"))
            }
            let errors = try server.errors(requests: 2)
            #expect(errors == ["CGI script timed out", "code 504, message Gateway Timeout", "CGI script timed out"])
            #expect(server.logged.requests.map(\.outcome) == [.ok, .timeout])
            #expect(server.logged.requests.map(\.status) == [504, 200])
        }
    }

    @Test func aScriptThatWritesNowAndThenMayTakeItsTime() throws {
        let script = Self.head + "for i in 1 2 3 4 5 6; do sleep 0.4; echo $i; done"
        try ScriptServer.run(["cgi-bin/slow": script], configure: { $0.cgiTimeoutSeconds = 2 }) { (server) throws in
            #expect(try server.get("/cgi-bin/slow").text == "1\n2\n3\n4\n5\n6\n")
        }
    }

    @Test func aScriptWhoseOutputNobodyGetsEnds() throws {
        let endless = "echo $$ > ../../script\n"
        try ScriptServer.run(
            [
                "cgi-bin/garbage": endless + "exec yes", "cgi-bin/head": endless + Self.head + "exec yes",
                "cgi-bin/short": endless + "printf 'Content-Length: 1\\n'\n" + Self.head + "exec yes",
                "cgi-bin/lead": endless + "printf 'Location: /page.txt\\n\\n'; exec yes",
            ], configure: { $0.cgiTimeoutSeconds = 3 }
        ) { server in
            for (method, path, status) in [
                ("GET", "garbage", 500), ("HEAD", "head", 200), ("GET", "short", 200), ("GET", "lead", 504),
            ] {
                let answer = try server.get("/cgi-bin/\(path)", method: method)
                #expect(answer.status == status, "\(path)")
                let process = try server.process("script")
                #expect(eventually { ScriptServer.hasEnded(process) }, "\(path)")
                try File.remove(server.directory.appending("script"))
            }
        }
    }

    @Test func aClientThatBreaksOffEndsItsScript() throws {
        let silent = "echo $$ > ../../script\nexec sleep 600"
        let busy = "echo $$ > ../../script\n" + Self.head + "exec yes"
        for (script, halfCloses) in [(silent, false), (silent, true), (busy, false), (busy, true)] {
            try ScriptServer.run(["cgi-bin/x": script]) { server in
                let process: Int32
                do {
                    let client = try server.client()
                    try client.send("GET /cgi-bin/x HTTP/1.1\r\nHost: h\r\n\r\n")
                    process = try server.process("script")
                    if halfCloses { client.shutdownWrite() }
                    client.resetOnClose()
                }
                #expect(eventually { ScriptServer.hasEnded(process) })
                try server.logged.waitForRequests(1)
                #expect(server.logged.requests[0].outcome == .aborted)
                #expect(server.logged.errors.isEmpty)
            }
        }
    }

    @Test func aClientThatStopsReadingHoldsTheScriptThenEndsIt() throws {
        let script = "echo $$ > ../../script\n" + Self.head + "exec cat ../../large"
        try ScriptServer.run(
            ["cgi-bin/large": script], prepare: { try $0.write(Probe.pattern(0, 40_000_000), to: "large") },
            configure: { $0.transferWindowSeconds = 0.5 }
        ) { server in
            let client = try server.client()
            try client.send("GET /cgi-bin/large HTTP/1.1\r\nHost: h\r\n\r\n")
            let process = try server.process("script")
            #expect(eventually { ScriptServer.hasEnded(process) })
            try server.logged.waitForRequests(1)
            #expect(server.logged.requests[0].outcome == .aborted && server.logged.requests[0].status == 200)
            #expect(server.logged.requests[0].bytesOut < 40_000_000)
        }
    }

    @Test func aSlowClientHoldsLittleMemory() throws {
        final class Watching: ObservedServer {
            var connection: Connection?
            private var most = 0

            override func serviceActions() {
                guard let connection, connection.output.memoryCount > most else { return }
                most = connection.output.memoryCount
                observer.note("memory \(most) \(connection.output.hasFiles)")
            }
        }
        final class Watched: Scripts {
            override func setup() throws { (server as? Watching)?.connection = request }
            override func logMessage(_ message: String) {}
        }
        try withTemporaryDirectory { directory in
            try directory.installScript("#!/bin/sh\n" + Self.head + "exec cat ../../large", at: "tree/cgi-bin/large")
            let large = Probe.pattern(0, 20_000_000)
            try directory.write(large, to: "large")
            let tree = directory.appending("tree").string
            try RunningServer.run(
                { try Watching(host: "127.0.0.1", port: 0, handler: Watched.self) }, configure: { $0.directory = tree }
            ) { server in
                let client = try server.client()
                try client.send("GET /cgi-bin/large HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(eventually { server.observer.notes.contains { $0.hasPrefix("memory") } })
                #expect(try client.receive().body == large)
                for note in server.observer.notes where note.hasPrefix("memory") {
                    #expect(
                        note.hasSuffix("false") && (Int(note.split(separator: " ")[1]) ?? .max) <= 262_144, "\(note)")
                }
            }
        }
    }

    @Test func tooManyAtATimeAreTurnedAway() throws {
        try ScriptServer.run(
            ["cgi-bin/wait": Self.head + "echo $$ > ../../script; cat ../../go"],
            prepare: { makeFIFO($0.appending("go").string) }, configure: { $0.cgiProcessLimit = 1 }
        ) { server in
            let client = try server.client()
            try client.send("GET /cgi-bin/wait HTTP/1.1\r\nHost: h\r\n\r\n")
            let process = try server.process("script")
            let refused = try server.get("/cgi-bin/wait")
            #expect(refused.status == 503 && refused["Retry-After"] == "1")
            server.release("go")
            #expect(try client.receive().status == 200)
            #expect(eventually { ScriptServer.hasEnded(process) })
            #expect(try server.errors(requests: 2).contains("1 CGI scripts run already"))
        }
    }

    @Test func aScriptThatCannotStartIsA500() throws {
        try ScriptServer.run([:], prepare: { try $0.installScript("#!/no/such/program\n", at: "tree/cgi-bin/x") }) {
            server in
            #expect(try server.get("/cgi-bin/x").status == 500)
            let errors = try server.errors(requests: 1)
            #expect(errors[0].hasPrefix("cannot run CGI script /") && errors[0].hasSuffix("No such file or directory"))
        }
    }

    @Test func aStoppingServerEndsItsScripts() throws {
        let script = "trap '' TERM; echo $$ > ../../script; while :; do sleep 1; done"
        try ScriptServer.run(["cgi-bin/x": script]) { server in
            let client = try server.client()
            try client.send("GET /cgi-bin/x HTTP/1.1\r\nHost: h\r\n\r\n")
            let process = try server.process("script")
            server.logged.server.stop()
            #expect(eventually { server.logged.server.isOver })
            #expect(ScriptServer.hasEnded(process))
            try server.logged.waitForRequests(1)
            #expect(server.logged.requests[0].outcome == .killed)
        }
    }

    @Test func aDrainingServerWaitsForItsScripts() throws {
        final class Draining: Scripts {
            override func do_OPTIONS() throws {
                server.drain()
                try sendResponse(204)
                try endHeaders()
            }
        }
        try ScriptServer.run(
            ["cgi-bin/x": Self.head + "echo $$ > ../../script; cat ../../go; echo done"], handler: Draining.self,
            prepare: { makeFIFO($0.appending("go").string) }
        ) { server in
            let client = try server.client()
            try client.send("GET /cgi-bin/x HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = try server.process("script")
            #expect(try server.get("/", method: "OPTIONS").status == 204)
            #expect(!server.logged.server.isOver)
            server.release("go")
            #expect(try client.receive().text == "done\n")
            #expect(eventually { server.logged.server.isOver })
        }
    }

    @Test func aHandlerThatFailsBehindItsScriptEndsIt() throws {
        final class Failing: Scripts {
            override func runCGI() throws {
                try super.runCGI()
                throw Errno.ioError
            }
        }
        try ScriptServer.run(["cgi-bin/x": "exec sleep 600"], handler: Failing.self) { (server) throws in
            #expect(try server.get("/cgi-bin/x").status == 500)
            #expect(try server.get("/page.txt").status == 200)
            #expect(eventually { RunningProcess.all().allSatisfy { $0.name != "x" } })
        }
    }
}
