// A start that cannot work: one clear line that names the thing, an exit status of sysexits, and nothing overwritten.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct BadStartTests {
        @Test func portInUse() throws {
            try withSite { directory in
                let listener = try ListeningSocket(.ipv4(0x7f00_0001, port: 0), backlog: 1)
                let port = try listener.localAddress().port
                try expectRefusal(in: directory, port: port, naming: "\(port)")
            }
        }

        @Test func directoryMissing() throws {
            try withTemporaryDirectory { directory in
                try expectRefusal(in: directory, naming: directory.appending("site").string)
            }
        }

        @Test func databaseDamaged() throws {
            try withSite { directory in
                let garbage = (0..<16_384).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 13) }
                try directory.write(garbage, to: "log/access.db")
                try expectRefusal(in: directory, naming: "access.db")
                #expect(try bytes(directory.appending("log/access.db")) == garbage)
            }
        }

        /// Offsets in the header of a database file (SQLite file format, section 1.3): user_version and application_id.
        @Test(arguments: [("newer", 60), ("foreign", 68)])
        func databaseOfAnotherKind(name: String, offset: Int) throws {
            try withSite { directory in
                let daemon = try Daemon(in: directory)
                #expect(try daemon.connect().request("GET", "/").status == 200)
                try daemon.stop()
                var content = try bytes(daemon.database)
                content.replaceSubrange(offset..<(offset + 4), with: [0, 1, 2, 3])
                try directory.write(content, to: "log/access.db")
                try expectRefusal(in: directory, naming: "access.db")
                #expect(try bytes(daemon.database) == content, "\(name)")
            }
        }

        @Test func databaseUnwritable() throws {
            try withSite { directory in
                // A file in the place of its directory stops even root.
                try directory.write("a file", to: "log")
                try expectRefusal(in: directory, naming: directory.appending("log").string)
                #expect(try bytes(directory.appending("log")) == Array("a file".utf8))
            }
        }

        @Test func databaseIsADirectory() throws {
            try withSite { directory in
                try directory.write("", to: "log/access.db/file")
                try expectRefusal(in: directory, naming: "access.db")
            }
        }

        @Test(.enabled(if: Mount.isPossible, "only root can mount a small file system"))
        func diskFull() throws {
            try withSite { directory in
                try directory.write("", to: "log/place")
                try Mount.mount(directory.appending("log"), "size=512k")
                defer { Mount.unmount(directory.appending("log")) }
                try expectRefusal(in: directory, naming: directory.appending("log").string)
                #expect(try directory.names(in: "log").isEmpty)
            }
        }

        @Test func databaseOfTooFewBytes() throws {
            try withSite { directory in
                try directory.write("SQLite format 3\0", to: "log/access.db")
                try expectRefusal(in: directory, naming: "access.db")
            }
        }

        @Test func databaseEmptyOrCutShortOrBehindALink_isServedWith() throws {
            try withSite { directory in
                try directory.write("", to: "log/real.db")
                try directory.link("log/access.db", to: "real.db")
                let daemon = try Daemon(in: directory)
                #expect(try daemon.connect().request("GET", "/").status == 200)
                // One writer, whatever name the log is given.
                let arguments = Daemon.arguments(in: directory, database: "log/real.db", port: 0)
                #expect(try RunningProgram("basehttpd", arguments).waitForEnd() == .exited(status: 75))
                try daemon.stop()
                let whole = try bytes(daemon.database)
                try directory.write(Array(whole[..<(whole.count / 2)]), to: "log/real.db")
                let next = try Daemon(in: directory)
                #expect(try next.connect().request("GET", "/").status == 200)
                try next.stop()
                #expect(try next.count("SELECT count(*) FROM requests") == 1)
                #expect(next.program.standardError.contains("set aside as"))
                #expect(try next.count("SELECT count(*) FROM errors WHERE level = 'critical'") == 1)
            }
        }

        @Test func logWithAnotherWriter() throws {
            try withSite { directory in
                let daemon = try Daemon(in: directory)
                // It waits for a while, as at an upgrade, and says so; then it gives up: EX_TEMPFAIL.
                let arguments = Daemon.arguments(in: directory, database: "log/access.db", port: 0)
                let second = try RunningProgram("basehttpd", arguments)
                #expect(try second.waitForEnd() == .exited(status: 75), "\(second.standardError)")
                #expect(second.standardError.contains("access.db-lock: another server writes this log"))
                #expect(second.standardOutput.isEmpty, "nothing was announced")
                // The first goes on undisturbed.
                #expect(try daemon.connect().request("GET", "/").status == 200)
                try daemon.stop()
                #expect(try daemon.count("SELECT count(*) FROM requests WHERE path = '/'") == 1)
            }
        }

        @Test func ringFileOfAnotherFormat() throws {
            try withSite { directory in
                let daemon = try Daemon(in: directory)
                #expect(try daemon.connect().request("GET", "/").status == 200)
                try Signal.kill.send(to: -daemon.program.processID)
                _ = try daemon.program.waitForEnd()
                #expect(eventually { daemon.program.processes.isEmpty })
                let name = try #require(try directory.names(in: "log").first { $0.contains("-ring-") })
                var content = try bytes(directory.appending("log/\(name)"))
                content.replaceSubrange(0..<16, with: Array("another format!!".utf8))
                try directory.write(content, to: "log/\(name)")
                try expectRefusal(in: directory, naming: name)
                #expect(try bytes(directory.appending("log/\(name)")) == content)
            }
        }

        @Test(arguments: ["workers: 0", "wrokers: 2", "port: [", "log-db: \"\""])
        func badConfigurationFile(text: String) throws {
            try withSite { directory in
                try directory.write(text, to: "server.yaml")
                let file = directory.appending("server.yaml").string
                let program = try RunningProgram("basehttpd", ["--config", file, "--check"])
                #expect(try program.waitForEnd() == .exited(status: 78), "\(program.standardError)")
                #expect(program.standardError.split(separator: "\n").count == 1 && program.standardError.contains(file))
            }
        }

        @Test(arguments: [["--workers", "none"], ["--no-such-option"], ["70000"], ["--workers", "0"]])
        func badUsage(options: [String]) throws {
            let finished = try RunningProgram.run("basehttpd", options)
            #expect(finished.end == .exited(status: 64), "\(finished.standardError)")
            #expect(!finished.standardError.isEmpty && finished.standardOutput.isEmpty)
        }

        private func withSite(_ body: (TemporaryDirectory) throws -> Void) throws {
            try withTemporaryDirectory { directory in
                try directory.write("x", to: "site/index.html")
                try body(directory)
            }
        }

        private func expectRefusal(
            in directory: TemporaryDirectory, port: UInt16 = 0, naming name: String,
            sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            let arguments = Daemon.arguments(in: directory, database: "log/access.db", port: port)
            let program = try RunningProgram("basehttpd", arguments)
            let end = try program.waitForEnd()
            guard case .exited(let status) = end, (64...78).contains(status) else {
                Issue.record("\(end): \(program.standardError)", sourceLocation: sourceLocation)
                return
            }
            let lines = program.standardError.split(separator: "\n")
            #expect(
                lines.count == 1 && program.standardError.contains(name), "\(lines)", sourceLocation: sourceLocation)
            #expect(program.standardOutput.isEmpty, "nothing was announced", sourceLocation: sourceLocation)
            #expect(eventually { program.processes.isEmpty }, sourceLocation: sourceLocation)
        }

        private func bytes(_ path: FilePath) throws -> [UInt8] {
            let file = try File.open(path, .readOnly)
            return try File.read(file.rawValue, at: 0, count: Int(try File.status(of: file.rawValue).size))
        }
    }
}
