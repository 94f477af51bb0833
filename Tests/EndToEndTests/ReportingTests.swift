// httpstats as people and scripts use it: hostile requests in every format, files, signals, pipes, shells, manuals.
import Foundation
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct ReportingTests {
        private func httpstats(_ daemon: Daemon, _ arguments: String...) throws -> FinishedProgram {
            try RunningProgram.run("httpstats", arguments + ["--db", daemon.database.string])
        }

        /// Asks for what would harm if it left the log as it came.
        private func attack(_ daemon: Daemon) throws {
            let agent = "=cmd|'/x'!A1 \u{9B}31m\u{202E}\u{2028}\t\"\\ [x](http://evil.example) <script>|` \u{FEFF}"
            for path in ["/", "/=1+1", "/%1B", "/%22;x", "/|<b>"] {
                _ = try daemon.connect().request("GET", path, headers: ["User-Agent: \(agent)", "Referer: +1\u{85}"])
            }
            #expect(daemon.eventuallyCounts(5, "SELECT count(*) FROM requests"))
        }

        @Test(arguments: ["table", "json", "ndjson", "csv", "tsv", "md", "combined", "prometheus"])
        func hostileRequests_areHarmlessInEveryFormat(_ format: String) throws {
            try withDaemon { daemon, _ in
                try attack(daemon)
                let sql = "SELECT agent, referer, path, client, time, method, status FROM requests"
                let report = format == "prometheus" ? ["paths"] : ["query", sql]
                let finished = try RunningProgram.run(
                    "httpstats", report + ["--format", format, "--db", daemon.database.string])
                #expect(finished.end == .exited(status: 0), "\(finished.standardError)")
                let output = finished.standardOutput
                let bad = output.unicodeScalars.filter { scalar in
                    switch scalar.value {
                    case 0x0A: false
                    case 0x09: format != "tsv"
                    case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFFD: true
                    default: false
                    }
                }
                #expect(bad.isEmpty, "\(bad.map(\.value)) in \(output)")
                #expect(output.split(separator: "\n").count >= 5)
                if format == "csv" { #expect(output.contains("\"'=cmd|") && output.contains("'+1")) }
                if format == "tsv" { #expect(output.contains("\n'=cmd|") && output.contains("\t'+1")) }
                if format == "md" { #expect(output.contains("| `` =cmd\\|") && !output.contains("| =cmd")) }
            }
        }

        /// What Prometheus itself says of the text.
        @Test(.needs("promtool")) func prometheus_isWhatPromtoolTakes() throws {
            try withDaemon { daemon, _ in
                try attack(daemon)
                let reports = [
                    "overview", "paths --percentiles 50,99.9", "latency", "latency --by path --columns path,p99_ms",
                    "clients --last 1h", "status", "agents --by agent_class", "errors", "notfound", "balance",
                    "connections", "workers", "compare", "check requests=5",
                ]
                for report in reports {
                    let program = RunningProgram.productsDirectory.appending("httpstats")
                    let command = "'\(program)' \(report) --format prometheus --db '\(daemon.database)'"
                    let checked = try RunningProgram.run(
                        "/bin/sh", ["-c", command + " | tee /dev/stderr | promtool check metrics"])
                    #expect(checked.end == .exited(status: 0), "\(report): \(checked.standardOutput)")
                    #expect(checked.standardError.contains("# TYPE httpstats_"), "\(report)")
                }
            }
        }

        @Test func output_isWholeOrNotThere() throws {
            try withDaemon { daemon, directory in
                _ = try daemon.connect().request("GET", "/")
                #expect(daemon.eventuallyCounts(1, "SELECT count(*) FROM requests"))
                let folder = directory.path.appending("reports")
                try File.makeDirectories(folder, permissions: .ownerReadWriteExecute)
                let file = folder.appending("report.json")
                let manager = FileManager.default
                _ = manager.createFile(
                    atPath: file.string, contents: Data("old".utf8), attributes: [.posixPermissions: 0o600])
                let written = try httpstats(daemon, "status", "--format", "json", "-o", file.string)
                #expect(written.end == .exited(status: 0) && written.standardOutput.isEmpty)
                let text = try String(contentsOfFile: file.string, encoding: .utf8)
                #expect(text.hasPrefix("{\"schema\":\"httpstats/1\"") && text.hasSuffix("}\n"))
                let mode = try manager.attributesOfItem(atPath: file.string)[.posixPermissions] as? Int
                #expect(mode == 0o600)
                // A report without rows, a directory, the log itself, a list without an end: the file stays.
                for (arguments, status) in [
                    (["status", "--until", "2021-01-01", "-o", file.string], 3), (["status", "-o", folder.string], 4),
                    (["status", "-o", daemon.database.string], 4), (["tail", "-f", "-o", file.string], 2),
                    (["status", "-o", "/nowhere/x"], 4),
                ] {
                    let finished = try RunningProgram.run("httpstats", arguments + ["--db", daemon.database.string])
                    #expect(finished.end == .exited(status: Int32(status)), "\(arguments): \(finished.standardError)")
                    #expect(finished.standardError.split(separator: "\n").count == 1)
                }
                #expect(try String(contentsOfFile: file.string, encoding: .utf8) == text)
                #expect(try manager.contentsOfDirectory(atPath: folder.string) == ["report.json"])
                // A link stays a link.
                let link = folder.appending("link")
                try manager.createSymbolicLink(atPath: link.string, withDestinationPath: "report.json")
                #expect(try httpstats(daemon, "status", "-o", link.string).end == .exited(status: 0))
                #expect(try manager.destinationOfSymbolicLink(atPath: link.string) == "report.json")
                #expect(try String(contentsOfFile: file.string, encoding: .utf8).hasPrefix("status"))
            }
        }

        private static let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"

        @Test func controlC_endsAtOnce_andLeavesNoHalfFile() throws {
            try withDaemon { daemon, directory in
                let file = directory.path.appending("half.csv")
                let running = try RunningProgram(
                    "httpstats",
                    ["query", Self.endless, "--format", "csv", "-o", file.string, "--db", daemon.database.string])
                #expect(try eventually { try directory.names(in: "").contains { $0.hasPrefix("half.csv.part-") } })
                try running.send(.interrupt)
                #expect(try running.waitForEnd() == .exited(status: 130))
                #expect(try directory.names(in: "").allSatisfy { !$0.hasPrefix("half") })
            }
        }

        @Test(.needs("bash")) func brokenPipe_isTheQuietEnd() throws {
            try withDaemon { daemon, _ in
                let program = RunningProgram.productsDirectory.appending("httpstats").string
                let script = "'\(program)' query \"$1\" --format csv --db \"$2\" | head -n 2; echo ${PIPESTATUS[0]}"
                let finished = try RunningProgram.run(
                    InstalledProgram.path(of: "bash"), ["-c", script, "x", Self.endless, daemon.database.string])
                #expect(finished.standardOutput == "i\n1\n0\n" && finished.standardError.isEmpty)
            }
        }

        @Test func doctor_namesTheWriter_andTellsAScript() throws {
            try withDaemon { daemon, _ in
                _ = try daemon.connect().request("GET", "/")
                #expect(daemon.eventuallyCounts(1, "SELECT count(*) FROM requests"))
                let well = try httpstats(daemon, "doctor", "--full")
                #expect(well.end == .exited(status: 0), "\(well.standardOutput)")
                let writer = try #require(daemon.program.processes(named: "basehttpd-log").first)
                #expect(well.standardOutput.contains("basehttpd-log (process \(writer.id)) writes the log"))
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o644], ofItemAtPath: daemon.database.string)
                let open = try httpstats(daemon, "doctor", "--format", "csv")
                #expect(open.end == .exited(status: 1) && open.standardOutput.contains("permissions,wrong,"))
            }
        }

        @Test func usageErrors_areOneLineThatSaysWhatToDo() throws {
            for arguments in [
                ["--frob"], ["nope"], ["--format", "xml"], ["tail", "--limit", "x"], ["status", "--width", "3"],
                ["completion", "tcsh"], ["top", "--format", "json"], ["--color", "mauve"],
            ] {
                let finished = try RunningProgram.run("httpstats", arguments)
                #expect(finished.end == .exited(status: 2), "\(arguments)")
                let lines = finished.standardError.split(separator: "\n")
                #expect(lines.count == 1 && lines[0].hasPrefix("httpstats: "), "\(finished.standardError)")
                #expect(finished.standardOutput.isEmpty)
            }
        }

        // MARK: Shells and manuals

        @Test(.needs("bash", "zsh", "fish")) func completions_workInTheShellsThemselves() throws {
            let program = RunningProgram.productsDirectory.appending("httpstats").string
            let scripts = [
                "bash": """
                source <("$1" completion bash)
                COMP_WORDS=(httpstats do) COMP_CWORD=1 COMP_LINE="httpstats do" COMP_POINT=12
                _httpstats httpstats do httpstats; echo "${COMPREPLY[@]}"
                COMP_WORDS=(httpstats tail --format nd) COMP_CWORD=3 COMP_LINE="httpstats tail --format nd"
                COMP_POINT=26; _httpstats httpstats nd --format; echo "${COMPREPLY[@]}"
                """,
                "zsh": "\"$1\" completion zsh | zsh -n && \"$1\" completion zsh | grep -ow 'doctor\\|ndjson' | sort -u",
                "fish": """
                "$1" completion fish > "$2"; fish --no-config -c "source $2; complete -C 'httpstats do'
                complete -C 'httpstats tail --format nd'"; rm "$2"
                """,
            ]
            for (shell, script) in scripts {
                let file = FileManager.default.temporaryDirectory.appendingPathComponent("completion-\(UUID())").path
                let finished = try RunningProgram.run(
                    InstalledProgram.path(of: "bash"), ["-c", script, "x", program, file])
                let words = finished.standardOutput.split(whereSeparator: \.isWhitespace).map(String.init)
                #expect(words.contains { $0.hasPrefix("doctor") }, "\(shell): \(finished.standardError)")
                #expect(words.contains("ndjson"), "\(shell): \(finished.standardOutput)")
            }
        }

        @Test(.needs("python3", "mandoc"), arguments: [("httpstats", "1"), ("basehttpd", "8")])
        func manualPage_saysWhatHelpSays(_ name: String, _ section: String) throws {
            let program = RunningProgram.productsDirectory.appending(name).string
            let script = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
                .appending("Tools/packaging/manual").string
            let page = try RunningProgram.run(
                InstalledProgram.path(of: "python3"), [script, program, section], environment: ["COLUMNS": "200"])
            #expect(page.end == .exited(status: 0), "\(page.standardError)")
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("manual-\(UUID()).\(section)").path
            try page.standardOutput.write(toFile: file, atomically: true, encoding: .utf8)
            defer { try? FileManager.default.removeItem(atPath: file) }
            let mandoc = try InstalledProgram.path(of: "mandoc")
            let lint = try RunningProgram.run(mandoc, ["-Tlint", "-Wwarning", file])
            #expect(lint.standardOutput.isEmpty && lint.end == .exited(status: 0), "\(lint.standardOutput)")
            let text = try RunningProgram.run(mandoc, ["-Tascii", "-O", "width=100", file]).standardOutput
                .replacing(/.\x08/, with: "")
            // Every option of --help, of the program and of each report, is in the page, and nothing else is.
            let names = try helps(name)
            let shown = Set(text.matches(of: /(?:^|[\s,])(--[a-z][a-z-]+)/).map { String($0.1) })
            #expect(names.subtracting(shown).isEmpty, "the page lacks \(names.subtracting(shown).sorted())")
            let tagged = Set(
                page.standardOutput.matches(of: /Fl \\-([a-z\\-]+)/).map { "--" + $0.1.replacing("\\", with: "") })
            #expect(tagged.subtracting(names).isEmpty, "the page invents \(tagged.subtracting(names).sorted())")
        }

        /// The options that --help names, of the program and of its reports.
        private func helps(_ name: String) throws -> Set<String> {
            var reports: [[String]] = [[]]
            let help = try RunningProgram.run(name, ["--help"]).standardOutput
            if name == "httpstats" {
                // A line of a report: its name two spaces from the left, then what it prints.
                reports += help.matches(of: #/(?m)^  ([a-z]+)(?: \(default\))?(?: +[A-Z]|$)/#).map { [String($0.1)] }
                #expect(reports.count > 20)
            }
            var names: Set<String> = []
            for report in reports {
                let text = try RunningProgram.run(name, report + ["--help"]).standardOutput
                // A line of an option begins with its names, two spaces from the left.
                for line in text.matches(of: #/(?m)^  (-[^<\n]*?)(?: \[?<|  |$)/#) {
                    names.formUnion(line.1.matches(of: /--[a-z][a-z-]+/).map { String($0.0) })
                }
            }
            return names
        }
    }
}
