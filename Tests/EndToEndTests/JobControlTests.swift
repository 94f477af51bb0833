// Control-Z and fg: the views that go on give the terminal to the shell, and take it again, in a real one.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite(.needs("python3", "bash"), .timeLimit(.minutes(2))) struct JobControlTests {
        private static let alternateScreen = (begin: "\u{1B}[?1049h", end: "\u{1B}[?1049l")

        @Test func top_isStoppedAndGoesOn() throws {
            try withDaemon { daemon, _ in
                let output = try ShellTerminal.run([
                    ("ready> ", "httpstats top --db '\(daemon.database)'\n"),
                    (Self.alternateScreen.begin, ""), ("q quit", "\u{1A}"),
                    // First the terminal is as it was, then the shell is told.
                    (Self.alternateScreen.end, ""), ("Stopped", ""), ("ready> ", "echo typed $((40 + 2))\n"),
                    ("typed 42", ""), ("ready> ", "fg\n"),
                    (Self.alternateScreen.begin, ""), ("2 workers", ""), ("q quit", "q"),
                    (Self.alternateScreen.end, ""), ("ready> ", "echo status=$?\n"), ("status=0", "exit\n"),
                ])
                #expect(output.contains("[?25h"), "the cursor is shown again")
            }
        }

        @Test func top_isStoppedByASignal() throws {
            try withDaemon { daemon, _ in
                _ = try ShellTerminal.run([
                    ("ready> ", "httpstats top --db '\(daemon.database)' \n"),
                    ("q quit", "kill:TSTP:httpstats"), (Self.alternateScreen.end, ""), ("Stopped", ""),
                    ("ready> ", "fg\n"), (Self.alternateScreen.begin, ""), ("q quit", "\u{3}"),
                    (Self.alternateScreen.end, ""), ("ready> ", "echo status=$?\n"), ("status=130", "exit\n"),
                ])
            }
        }

        @Test func tail_isStoppedAndMissesNothing() throws {
            try withDaemon { daemon, _ in
                let server = "http://127.0.0.1:\(daemon.port)"
                _ = try ShellTerminal.run([
                    ("ready> ", "httpstats tail -f --db '\(daemon.database)'\n"),
                    ("tail -f", "get:\(server)/?alpha"), ("alpha", "\u{1A}"), ("Stopped", ""),
                    ("ready> ", "get:\(server)/?omega"), ("", "fg\n"), ("omega", "\u{3}"),
                    ("ready> ", "echo status=$?\n"), ("status=130", "exit\n"),
                ])
            }
        }
    }
}

/// An interactive shell on a terminal of its own, with somebody who types.
enum ShellTerminal {
    /// Runs steps: waits for a text behind the one before, then types something.
    ///
    /// - Parameter steps: What is typed may also be `get:` and an address to be asked for meanwhile, or `kill:` with a
    ///   signal and the name of a program that the shell has started.
    /// - Returns: All that the terminal was sent.
    static func run(_ steps: [(wanted: String, typed: String)]) throws -> String {
        let path = RunningProgram.productsDirectory.string
        let finished = try RunningProgram.run(
            InstalledProgram.path(of: "python3"), ["-c", driver, path] + steps.flatMap { [$0.wanted, $0.typed] })
        if finished.end != .exited(status: 0) {
            throw TestFailure("\(finished.standardError)\n\(finished.standardOutput.debugDescription)")
        }
        return finished.standardOutput
    }

    private static let driver = """
        import fcntl, os, pty, select, signal, struct, sys, termios, time, urllib.request
        path, *steps = sys.argv[1:]
        process, screen = pty.fork()
        if process == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 100, 0, 0))
            os.environ.update(TERM="xterm", PS1="ready> ", PATH=path + ":" + os.environ["PATH"], HOME="/")
            os.execvp("bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"])
        seen, place = b"", 0
        def children(of):
            with open(f"/proc/{of}/task/{of}/children") as file: return [int(word) for word in file.read().split()]
        def name(of):
            with open(f"/proc/{of}/comm") as file: return file.read().strip()
        for wanted, typed in zip(steps[::2], steps[1::2]):
            end = time.time() + \(patienceMs / 1_000)
            while seen.find(wanted.encode(), place) < 0:
                if time.time() > end:
                    sys.stdout.buffer.write(seen)
                    sys.exit("did not come: " + repr(wanted))
                if select.select([screen], [], [], 0.1)[0]: seen += os.read(screen, 65536)
            place = seen.find(wanted.encode(), place) + len(wanted.encode())
            if typed.startswith("get:"):
                urllib.request.urlopen(typed[4:]).read()
            elif typed.startswith("kill:"):
                _, number, program = typed.split(":")
                for child in children(process):
                    if name(child) == program: os.kill(child, getattr(signal, "SIG" + number))
            else:
                os.write(screen, typed.encode())
        sys.stdout.buffer.write(seen)
        """
}
