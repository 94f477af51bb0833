// A server started through a link, so that another program can take its place, and its upgrades.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

/// A running server of which the programs change.
final class UpgradableServer {
    /// What the link leads to when a USR2 comes.
    enum Program: CaseIterable {
        case good, missing, exitsAtOnce, neverReady, answers500, neverAnswers
    }

    private let directory: TemporaryDirectory
    private let link: FilePath
    /// All output of all generations.
    let program: RunningProgram
    let port: UInt16
    let database: FilePath
    /// The masters so far, the present one last.
    private(set) var masters: [Int32]

    init(in directory: TemporaryDirectory, _ options: [String] = [], environment: [String: String] = [:]) throws {
        self.directory = directory
        link = directory.appending("bin/basehttpd")
        try directory.write("<!doctype html><title>home</title>", to: "site/index.html")
        try directory.installScript(
            """
            #!/bin/sh
            case $(cat "$PATH_TRANSLATED" 2>/dev/null) in
            ill) printf 'Status: 500\\n\\nill\\n' ;;
            mute) exec tail -f /dev/null ;;
            *) printf 'Content-Type: text/plain\\n\\nwell\\n' ;;
            esac

            """, at: "site/cgi-bin/health")
        try directory.write("well", to: "site/state")
        try directory.installScript("#!/bin/sh\nexit 3\n", at: "bin/exits")
        try directory.installScript("#!/bin/sh\nexec tail -f /dev/null\n", at: "bin/hangs")
        try directory.link("bin/basehttpd", to: RunningProgram.productsDirectory.appending("basehttpd").string)
        database = directory.appending("log/access.db")
        program = try RunningProgram(
            link.string,
            Daemon.arguments(in: directory, database: "log/access.db", port: 0)
                + ["--cgi", "--upgrade-probe", "/cgi-bin/health/state", "--upgrade-timeout", "3"] + options,
            environment: environment)
        port = try program.waitForLine { Daemon.port(in: $0) }
        masters = [program.processID]
    }

    deinit {
        for master in masters { try? Signal.kill.send(to: -master) }
    }

    var master: Int32 { masters[masters.count - 1] }

    /// Processes of the present master's group.
    var processes: [RunningProcess] { RunningProcess.all().filter { $0.group == master } }

    /// Lines that diagnostics have said so far, of all generations.
    func lines(with text: String) -> Int {
        program.standardError.split(separator: "\n").count { $0.contains(text) }
    }

    /// Puts a program in the place of the present one.
    func install(_ kind: Program) throws {
        let good = RunningProgram.productsDirectory.appending("basehttpd")
        let target =
            switch kind {
            case .good, .answers500, .neverAnswers: good
            case .exitsAtOnce: directory.appending("bin/exits")
            case .neverReady: directory.appending("bin/hangs")
            case .missing: directory.appending("bin/nothing")
            }
        let state = kind == .answers500 ? "ill" : kind == .neverAnswers ? "mute" : "well"
        try directory.write(state, to: "site/state")
        try directory.link("bin/next", to: target.string)
        try File.rename(directory.appending("bin/next"), to: link)
    }

    /// Sends USR2 to the newest master that lives.
    func requestUpgrade() throws {
        try Signal.user2.send(to: masters.last(where: Self.lives) ?? master)
    }

    /// Has a good program take over. On a busy machine it may not be ready in time and is rolled back; then it is asked
    /// again.
    func upgrade() throws {
        let before = lines(with: "takes over")
        for _ in 0..<5 {
            let late = lines(with: "goes on")
            try requestUpgrade()
            let isDecided = eventually {
                lines(with: "takes over") > before || lines(with: "goes on") > late
            }
            if lines(with: "takes over") > before { return }
            if !isDecided { break }
        }
        throw TestFailure("no new server takes over", program)
    }

    /// The number of the new master, once it has taken over; nil before.
    func takeSuccessor() -> Int32? {
        let started = program.standardError.split(separator: "\n").compactMap { line in
            Self.number(in: line)
        }
        guard let newest = started.last, !masters.contains(newest) else { return nil }
        masters.append(newest)
        return newest
    }

    private static func number(in line: Substring) -> Int32? {
        let words = line.split(separator: " ")
        guard line.hasSuffix("was started"), words.count > 3 else { return nil }
        return Int32(words[words.count - 3])
    }

    /// Whether a process is there, and no zombie.
    static func lives(_ process: Int32) -> Bool {
        RunningProcess(process).map { $0.state != "Z" } ?? false
    }

    /// Stops the present generation and waits until nothing is left of any.
    func stop() throws {
        try Signal.terminate.send(to: master)
        let ended = eventually {
            RunningProcess.all().allSatisfy { !masters.contains($0.group) }
        }
        if !ended { throw TestFailure("processes are left", program) }
    }
}
