// The daemon with --cgi, and programs as they are: Perl's CGI module, Python, git over HTTP, and processes that die.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct CGITests {
        /// A bad value is refused like that of other options, on the command line and in the file.
        @Test(arguments: [
            (["--cgi-directory", "scripts"], "cgi-directory must be"),
            (["--cgi-directory", "/"], "cgi-directory must be"),
            (["--cgi-timeout", "0"], "cgi-timeout must be"), (["--body-limit", "1X"], "body-limit must be"),
            (["--body-limit", "-1"], "body-limit"),
        ])
        func badOptionsAreRefused(_ options: [String], _ message: String) throws {
            let finished = try RunningProgram.run("basehttpd", ["--check"] + options)
            #expect(finished.end == .exited(status: 64) && finished.standardError.contains(message))
        }

        @Test func theFileHasTheSameNames() throws {
            try withTemporaryDirectory { directory in
                let good = "cgi: true\ncgi-directory: [/a, /b]\ncgi-timeout: 5\ncgi-credentials: true\nbody-limit: 2G\n"
                let file = try directory.write(good, to: "good.yaml").string
                #expect(try RunningProgram.run("basehttpd", ["--check", "--config", file]).end == .exited(status: 0))
                let bad = try directory.write("cgi-directory: here", to: "bad.yaml").string
                #expect(try RunningProgram.run("basehttpd", ["--check", "--config", bad]).end == .exited(status: 78))
            }
        }

        /// Runs `body` with a server of one worker on scripts, by path beneath `site`.
        private func withScripts(
            _ scripts: [String: String], _ options: [String] = [],
            prepare: (TemporaryDirectory) throws -> Void = { _ in }, _ body: (Daemon, TemporaryDirectory) throws -> Void
        ) throws {
            try withDaemon(["--cgi", "--workers", "1"] + options) { directory in
                for (path, text) in scripts { try directory.installScript(text, at: "site/" + path) }
                try prepare(directory)
            } _: { daemon, directory in
                try body(daemon, directory)
            }
        }

        @Test(.needs(perlModule: "CGI"))
        func perlsModuleReadsFormsAndSetsCookies() throws {
            let script = """
                #!/usr/bin/perl
                use CGI;
                my $q = CGI->new;
                print $q->redirect('/cgi-bin/form.pl?name=led') and exit if $q->param('lead');
                print $q->header(-type => 'text/plain', -status => '201 Made', -cookie => $q->cookie('seen', 'yes'));
                print join(',', map { "$_=" . $q->param($_) } sort $q->param), ' ', $q->request_method, ' ',
                    $q->path_info, ' ', $q->cookie('old') // '-', "\\n";
                """
            try withScripts(["cgi-bin/form.pl": script]) { daemon, _ in
                let client = try daemon.connect()
                let get = try client.request(
                    "GET", "/cgi-bin/form.pl/info?name=a%20b&n=1", headers: ["Cookie: old=here"])
                #expect(get.status == 201 && get.reason == "Made" && get["Set-Cookie"]?.hasPrefix("seen=yes") == true)
                #expect(get.text == "n=1,name=a b GET /info here\n")
                let form = "name=%C3%A9&x=+"
                try client.send(
                    "POST /cgi-bin/form.pl HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                        + "Content-Length: \(form.utf8.count)\r\n\r\n\(form)")
                #expect(try client.receive().text == "name=é,x=  POST  -\n")
                let lead = try client.request("GET", "/cgi-bin/form.pl?lead=1")
                #expect(lead.status == 302 && lead["Location"] == "/cgi-bin/form.pl?name=led")
            }
        }

        @Test(.needs("python3"))
        func pythonReadsItsBodyAndWritesAStream() throws {
            let script = """
                #!/usr/bin/env python3
                import hashlib, os, sys
                body = sys.stdin.buffer.read(int(os.environ["CONTENT_LENGTH"]))
                sys.stdout.write("Content-Type: text/plain\\r\\n\\r\\n" + hashlib.sha256(body).hexdigest())
                """
            try withScripts(["cgi-bin/hash": script]) { daemon, _ in
                let client = try daemon.connect()
                try client.send("POST /cgi-bin/hash HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
                #expect(try client.receive().text.hasPrefix("ba7816bf8f01cfea414140de5dae2223b00361a3"))
            }
        }

        @Test(.needs("git"))
        func gitClonesAndPushesOverHTTP() throws {
            // Whoever may run the script may push here: its repository says so.
            let script = """
                #!/bin/sh
                GIT_PROJECT_ROOT=$DOCUMENT_ROOT/../repositories GIT_HTTP_EXPORT_ALL=1 exec git http-backend
                """
            try withScripts(["cgi-bin/git": script]) { directory in
                let noise = (0..<3_000_000).map { _ in UInt8.random(in: 0...255) }
                try directory.write(noise, to: "noise")
                let setUp = """
                    git init -q --bare repositories/r.git && git -C repositories/r.git config http.receivepack true
                    git init -q -b main first && cd first && echo one > one && git add one && git commit -qm one
                    git push -q ../repositories/r.git main
                    git -C ../repositories/r.git symbolic-ref HEAD refs/heads/main
                    """
                try runAsGitUser(setUp, in: directory)
            } _: { daemon, directory in
                let url = "http://127.0.0.1:\(daemon.port)/cgi-bin/git/r.git"
                try runAsGitUser("git clone -q \(url) second", in: directory)
                // More than git keeps to send with a length: the body comes in chunks.
                try runAsGitUser(
                    "cd second && cp ../noise two && git add two && git commit -qm two && git push -q \(url) main",
                    in: directory)
                try runAsGitUser(
                    "git clone -q \(url) third && cmp noise third/two && git -C third fsck --strict", in: directory)
                #expect(
                    daemon.eventuallyCounts(2, "SELECT count(*) FROM requests WHERE path LIKE '%/git-receive-pack'"))
                let pushed =
                    "SELECT count(*) FROM requests WHERE method = 'POST' AND bytes_in > 3000000 AND status = 200"
                #expect(daemon.eventuallyCounts(1, pushed))
                #expect(try daemon.count("SELECT count(*) FROM requests WHERE outcome <> 'ok' OR status <> 200") == 0)
                #expect(try daemon.query("SELECT message FROM errors") == [])
            }
        }

        @Test func aScriptHoldsNobodyElse() throws {
            try withScripts(["cgi-bin/wait": "#!/bin/sh\necho $$ > ../../script; exec sleep 600"]) {
                daemon, directory in
                let waiting = try daemon.connect()
                try waiting.send("GET /cgi-bin/wait HTTP/1.1\r\nHost: h\r\n\r\n")
                for _ in 0..<20 { #expect(try daemon.connect().request("GET", "/").status == 200) }
                let process = try script(directory)
                try daemon.stop()
                #expect(eventually { RunningProcess(process) == nil })
                #expect(
                    try daemon.query("SELECT path, outcome FROM requests WHERE outcome <> 'ok'") == [
                        ["/cgi-bin/wait", "killed"]
                    ])
            }
        }

        @Test func aKilledWorkerLeavesARowForItsScript() throws {
            let text = "#!/bin/sh\necho $$ > ../../script; exec sleep 600"
            try withScripts(["cgi-bin/wait": text]) { daemon, directory in
                let client = try daemon.connect()
                try client.send("GET /cgi-bin/wait?x HTTP/1.1\r\nHost: h\r\n\r\n")
                let process = try script(directory)
                defer { try? Signal.kill.send(to: process) }
                try Signal.kill.send(to: try #require(daemon.workers.first).id)
                let killed = "SELECT count(*) FROM requests WHERE path = '/cgi-bin/wait' AND outcome = 'killed'"
                #expect(daemon.eventuallyCounts(1, killed))
                #expect(eventually { (try? daemon.connect().request("GET", "/").status) == 200 })
            }
        }

        @Test func errorsAndTimeoutsAreInTheLog() throws {
            let scripts = [
                "programs/err": "#!/bin/sh\necho oops >&2; printf 'Content-Type: text/plain\\n\\nx'; exit 5",
                "programs/wait": "#!/bin/sh\nexec sleep 600", "cgi-bin/plain": "text",
            ]
            let options = ["--cgi-directory", "/programs", "--cgi-timeout", "4", "--body-limit", "1K"]
            try withScripts(scripts, options) { daemon, _ in
                let client = try daemon.connect()
                #expect(try client.request("GET", "/programs/err").text == "x")
                #expect(try client.request("GET", "/cgi-bin/plain").text == "text")
                #expect(try client.request("GET", "/programs/wait").status == 504)
                let large = try daemon.connect()
                try large.send("POST /programs/err HTTP/1.1\r\nHost: h\r\nContent-Length: 1025\r\n\r\n")
                #expect(try large.receive().status == 413)
                let linked = """
                    SELECT count(*) FROM request_errors
                    WHERE path = '/programs/err' AND status = 200 AND message IN ('oops', 'CGI script exit code 5')
                    """
                #expect(daemon.eventuallyCounts(2, linked))
                let timedOut = "SELECT status, outcome FROM request_errors WHERE message = 'CGI script timed out'"
                #expect(eventually { (try? daemon.query(timedOut)) == [["504", "ok"]] })
            }
        }

        private func script(_ directory: TemporaryDirectory) throws -> Int32 {
            var number: Int32?
            let came = eventually {
                guard let file = try? File.open(directory.appending("script"), .readOnly),
                    let text = try? File.read(file.rawValue, at: 0, count: 20), text.last == 10
                else { return false }
                number = Int32(String(decoding: text.dropLast(), as: UTF8.self))
                return true
            }
            try #require(came, "the script does not run")
            return try #require(number)
        }
    }
}

/// Runs a command of the shell in a directory, with a home and a name of its own for git.
private func runAsGitUser(_ command: String, in directory: TemporaryDirectory) throws {
    let who = ["AUTHOR", "COMMITTER"].flatMap { [("GIT_\($0)_NAME", "test"), ("GIT_\($0)_EMAIL", "test@localhost")] }
    let environment = [
        "HOME": directory.path.string, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "no_proxy": "*",
    ].merging(who) { $1 }
    let finished = try RunningProgram.run(
        "/bin/sh", ["-ec", "cd \"$0\"; \(command)", directory.path.string], environment: environment)
    guard finished.end == .exited(status: 0) else {
        throw TestFailure("\(command): \(finished.end)\n\(finished.standardOutput)\(finished.standardError)")
    }
}
