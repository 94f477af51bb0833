// Children: refused forks, started programs, their ends, signals and what they inherit.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

struct ProcessTests {
    @Test func aProcessWithThreadsIsNotForked() async {
        // The test process has the main thread and the one that runs this test.
        let error = #expect(throws: ForkError.self) {
            switch try forkProcess() {
            case .child: CurrentProcess.exit(status: 99)
            case .parent: break
            }
        }
        guard case .notSingleThreaded(let threads) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(threads > 1)
    }

    @Test func aProgramRunsWithItsArgumentsEnvironmentAndStreams() throws {
        let output = try run(["-c", "echo \"$1 $GREETING\"; echo problem >&2; exit 7", "name", "two words"])
        #expect(output.end == .exited(status: 7))
        #expect(output.text == "two words hello\nproblem\n")
    }

    @Test func aProgramInheritsOnlyItsThreeStreams() throws {
        let leak = try File.openUnnamed(in: "/tmp")
        try DescriptorIO.writeAll("x", to: leak.rawValue)
        // The listing itself opens one more, the directory.
        let output = try run(["-c", "ls /proc/self/fd"])
        #expect(output.text == "0\n1\n2\n3\n")
    }

    @Test func aProgramStartsWhereItIsToldAndGetsAnyBytes() throws {
        let file = try File.openUnnamed(in: "/tmp")
        var launch = shell(["-c", #"pwd; printf %s "$1$ODD" | od -An -tx1"#, "name"], output: file.rawValue)
        launch.arguments.append([0xff, 0x41])
        launch.environment.append(Array("ODD=".utf8) + [0x80])
        launch.directory = "/usr"
        let child = try launch.start()
        #expect(try eventually { try child.collect() == .exited(status: 0) })
        let text = String(decoding: try File.read(file.rawValue, at: 0, count: 100), as: UTF8.self)
        #expect(text == "/usr\n ff 41 80\n")
        launch.arguments.append([65, 0, 66])
        #expect(throws: Errno.invalidArgument) { try launch.start().processID }
        launch.arguments = []
        launch.directory = "/no/such/directory"
        #expect(throws: Errno.noSuchFileOrDirectory) { try launch.start().processID }
    }

    @Test func aProgramIsItsOwnGroupAndEndsBySignal() throws {
        let launch = shell(["-c", "exec sleep 600"], output: 1)
        let child = try launch.start()
        #expect(try child.collect() == nil)
        try Signal.terminate.send(to: -child.processID)
        let poll = try EventPoll()
        try poll.add(child.rawValue, .read, token: 1)
        #expect(try poll.wait(timeoutMs: 10_000) == 1, "the descriptor of an ended child is readable")
        #expect(try child.end() == .signalled(.terminate), "it stays to be collected")
        #expect(try child.collect() == .signalled(.terminate))
        #expect(throws: Errno.noChildProcess) { try child.collect() }
        try child.send(.kill)  // to an ended child: no error
        #expect(throws: Errno.noSuchProcess) { try Signal.terminate.send(to: -child.processID) }
    }

    @Test func aMissingProgramIsAnError() {
        let launch = ProgramLaunch("/no/such/program", input: 0, output: 1, error: 2)
        #expect(throws: Errno.noSuchFileOrDirectory) { try launch.start().processID }
    }

    @Test func theProcessKnowsItself() {
        #expect(CurrentProcess.processID > 1 && CurrentProcess.parentProcessID > 0)
        #expect(CurrentProcess.environment("PATH")?.isEmpty == false)
        #expect(CurrentProcess.environment("NO_SUCH_VARIABLE_HERE") == nil)
        let path = "PATH=" + (CurrentProcess.environment("PATH") ?? "")
        #expect(CurrentProcess.environmentEntries.contains(Array(path.utf8)))
        #expect(!CurrentProcess.isTerminal(-1))
        #expect(CurrentProcess.raiseDescriptorLimit() >= 1024)
        #expect(threadCount() > 1)
    }

    private func run(_ arguments: [String]) throws -> (text: String, end: ProcessEnd?) {
        let file = try File.openUnnamed(in: "/tmp")
        let child = try shell(arguments, output: file.rawValue).start()
        var end: ProcessEnd?
        _ = try eventually {
            end = try child.collect()
            return end != nil
        }
        return (String(decoding: try File.read(file.rawValue, at: 0, count: 10_000), as: UTF8.self), end)
    }

    private func shell(_ arguments: [String], output: CInt) -> ProgramLaunch {
        var launch = ProgramLaunch("/bin/sh", input: 0, output: output, error: output)
        launch.arguments = arguments.map { Array($0.utf8) }
        launch.environment = ["GREETING=hello", "PATH=/usr/bin:/bin"].map { Array($0.utf8) }
        return launch
    }
}
