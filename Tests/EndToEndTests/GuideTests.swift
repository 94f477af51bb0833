// The guides: each command of theirs is one that there is, and what they show of its output begins as it really does.
import Foundation
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct GuideTests {
        static let guides = [
            "README.md", "ReadingTheLog", "AskingTheLog", "RunningInProduction", "RunningCGIScripts",
        ]

        @Test(arguments: guides) func commands_run_andPrintWhatIsShown(guide: String) throws {
            let samples = try Sample.all(in: guide)
            #expect(!samples.isEmpty)
            try withDaemon { daemon, directory in
                for (method, target) in [("GET", "/"), ("GET", "/missing"), ("POST", "/")] {
                    _ = try daemon.connect().request(method, target)
                }
                #expect(daemon.eventuallyCounts(3, "SELECT count(*) FROM requests"))
                // One is in flight: its body does not come.
                let client = try daemon.connect()
                try client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")
                defer { withExtendedLifetime(client) {} }
                for sample in samples {
                    let finished = try Self.run(sample.command, daemon, in: directory)
                    // A check may fail, and a report be empty; what is no command has another status.
                    guard case .exited(status: let status) = finished.end, [0, 1, 3].contains(status) else {
                        Issue.record("\(sample.command): \(finished.end)\n\(finished.standardError)")
                        continue
                    }
                    if status == 3 { continue }
                    let printed = finished.standardOutput.split(separator: "\n").map(Self.squeezed)
                    for line in sample.titles.map(Self.squeezed) {
                        #expect(printed.contains(line), "\(sample.command) prints no line \(line)")
                    }
                }
            }
        }

        /// Runs a command of the shell with the log of a server in the place of the default one.
        private static func run(
            _ command: String, _ daemon: Daemon, in directory: TemporaryDirectory
        ) throws -> FinishedProgram {
            let program = RunningProgram.productsDirectory.appending("httpstats").string
            try directory.installScript(
                "#!/bin/sh\ncase \"$*\" in *--db*) exec '\(program)' \"$@\";; esac\n"
                    + "exec '\(program)' \"$@\" --db '\(daemon.database)'\n", at: "bin/httpstats")
            let script = """
                ln -sf '\(daemon.database)' access.db
                PATH="$PWD/bin:$PATH"
                \(command)
                """
            return try RunningProgram.run("/bin/sh", ["-c", "cd '\(directory.path)'\n" + script])
        }

        /// Columns are as wide as what is in them.
        private static func squeezed(_ line: some StringProtocol) -> String {
            line.split(separator: " ").joined(separator: " ")
        }
    }
}

/// A command of a guide, and the lines of its output that are the same for every log.
private struct Sample {
    let command: String
    let titles: [String]

    static func all(in guide: String) throws -> [Sample] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let path = guide.contains(".") ? guide : "Sources/BaseHTTPServer/BaseHTTPServer.docc/\(guide).md"
        let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
        let blocks = text.components(separatedBy: "\n```").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        return blocks.flatMap { block -> [Sample] in
            let isScript = block.hasPrefix("sh\n")
            var lines = block.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
            var samples: [Sample] = []
            while let line = lines.popFirst() {
                let command = line.hasPrefix("$ ") ? line.dropFirst(2) : isScript ? line : ""
                guard command.hasPrefix("httpstats") else { continue }
                let output = lines.prefix { !$0.hasPrefix("$ ") }
                // A file somewhere else, and what has no end.
                if command.contains("-o /") || command.contains(" -f") { continue }
                samples.append(Sample(command: String(command), titles: isScript ? [] : titles(output)))
            }
            return samples
        }
    }

    /// Names of columns stand above rows, at the begin and behind the title of each table.
    private static func titles(_ output: some Sequence<Substring>) -> [String] {
        var titles: [String] = []
        var isBegin = true
        for line in output {
            let words = line.split(separator: " ")
            let isNames = line.allSatisfy { $0.isLowercase || $0.isNumber || " _,".contains($0) } && !words.isEmpty
            if isBegin, isNames, !words.contains(where: { $0.first?.isNumber == true }) { titles.append(String(line)) }
            isBegin = line.isEmpty || isBegin && words.count == 1
        }
        return titles
    }
}
