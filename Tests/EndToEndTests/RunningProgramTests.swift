// Programs under test are heard, watched and left without a trace.
import LinuxSyscalls
import TestSupport
import Testing

struct RunningProgramTests {
    @Test func hearsBothOutputsAndTheEnd() throws {
        let finished = try RunningProgram.run(
            "/bin/sh", ["-c", "echo out $NAME; echo err >&2; exit 3"], environment: ["NAME": "x"])
        #expect(finished.end == .exited(status: 3))
        #expect(finished.standardOutput == "out x\n" && finished.standardError == "err\n")
    }

    @Test func waitsForAWholeLine() throws {
        let program = try RunningProgram("/bin/sh", ["-c", "printf 'port '; echo 8080; exec sleep 600"])
        #expect(try program.waitForLine { $0.hasPrefix("port ") ? Int($0.dropFirst(5)) : nil } == 8080)
        #expect(throws: TestFailure.self) { try program.waitForLine(timeoutMs: 30) { $0 == "never" ? 1 : nil } }
        try program.send(.terminate)
        #expect(try program.waitForEnd() == .signalled(.terminate))
        #expect(throws: TestFailure.self) { try program.waitForLine { $0 == "never" ? 1 : nil } }
    }

    @Test func seesAndKillsTheWholeFamily() throws {
        let program = try RunningProgram("/bin/sh", ["-c", "sh -c 'sleep 600 & sleep 600' & echo ready; wait"])
        _ = try program.waitForLine { $0 == "ready" ? true : nil }
        #expect(eventually { program.processes(named: "sleep").count == 2 })
        #expect(program.processes.contains { $0.id == program.processID && $0.name == "sh" })
        try program.send(.kill)
        _ = try program.waitForEnd()
        #expect(program.processes(named: "sleep").count == 2, "orphans are still of the group")
        program.killAll()
        #expect(program.processes.isEmpty)
    }

    @Test func findsInstalledPrograms() throws {
        #expect(try RunningProgram.run(InstalledProgram.path(of: "sh"), ["-c", "exit 0"]).end == .exited(status: 0))
        #expect(InstalledProgram.find("no-such-program") == nil && InstalledProgram.find("dev/null") == nil)
        #expect(throws: TestFailure.self) { try InstalledProgram.path(of: "no-such-program") }
    }

    @Test func readsProcessorTimeAndMemory() throws {
        let program = try RunningProgram("/bin/sh", ["-c", "while :; do :; done"])
        #expect(eventually { (RunningProcess(program.processID)?.processorTicks ?? 0) > 5 })
        let memory = try #require(RunningProcess(program.processID)?.memoryBytes)
        #expect((50_000..<50_000_000).contains(memory))
        program.killAll()
        #expect(RunningProcess(program.processID) == nil)
    }
}
