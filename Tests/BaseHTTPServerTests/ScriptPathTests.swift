// Which paths run a script, which name none, and that none of them shows a script's source.
import AccessLog
import Foundation
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct ScriptPathTests {
    /// Says where it is and what is left of the path; its source holds a word that it does not print.
    private static let echo = """
        : secret-source
        printf 'Content-Type: text/plain\\n\\n%s|%s' "$SCRIPT_NAME" "$PATH_INFO"
        """

    @Test func theDecodedAndReducedPathDecides() throws {
        try ScriptServer.run(["cgi-bin/script.sh": Self.echo, "cgi-bin/deep/down/x": Self.echo, "htbin/y": Self.echo]) {
            server in
            for (target, text) in [
                ("/cgi-bin/script.sh", "/cgi-bin/script.sh|"), ("/cgi-bin/script.sh/", "/cgi-bin/script.sh|/"),
                ("/cgi-bin/script.sh/a/b%20c", "/cgi-bin/script.sh|/a/b c"),
                ("/cgi-bin/../cgi-bin/script.sh", "/cgi-bin/script.sh|"),
                ("/cgi-bin/./script.sh", "/cgi-bin/script.sh|"),
                ("//cgi-bin//script.sh", "/cgi-bin/script.sh|"), ("/%63gi-bin/script%2esh", "/cgi-bin/script.sh|"),
                ("/cgi-bin%2fscript.sh", "/cgi-bin/script.sh|"), ("/x/%2e%2e/cgi-bin/script.sh", "/cgi-bin/script.sh|"),
                ("/cgi-bin/deep/down/x/y", "/cgi-bin/deep/down/x|/y"),
                ("/cgi-bin/deep/../script.sh", "/cgi-bin/script.sh|"),
                ("/cgi-bin/script.sh/../script.sh", "/cgi-bin/script.sh|"), ("/htbin/y?a=b", "/htbin/y|"),
                ("http://other/cgi-bin/script.sh/i", "/cgi-bin/script.sh|/i"),
            ] {
                for method in ["GET", "POST", "PUT", "BREW"] {
                    let answer = try server.get(target, method: method, headers: ["Content-Length: 0"])
                    #expect(answer.status == 200 && answer.text == text, "\(method) \(target): \(answer.text)")
                }
            }
        }
    }

    @Test func whatRunsNothingShowsNothing() throws {
        try ScriptServer.run(["cgi-bin/script.sh": Self.echo, "cgi-bin/deep/down/x": Self.echo]) { directory in
            try directory.write("#!/bin/sh\n# secret-source", to: "tree/cgi-bin/plain.sh")
            try directory.installScript("#!/bin/sh\n: secret-source", at: "outside/away.sh")
            try directory.link("tree/cgi-bin/away.sh", to: "../../outside/away.sh")
            try directory.link("tree/cgi-bin/loop.sh", to: "loop.sh")
            makeFIFO(directory.appending("tree/cgi-bin/fifo").string)
            for name in ["link.sh", "linked.txt"] { try directory.link("tree/\(name)", to: "cgi-bin/script.sh") }
            try directory.link("tree/scripts", to: "cgi-bin")
        } _: { server in
            for (target, status) in [
                ("/cgi-bin", 403), ("/cgi-bin/", 403), ("/cgi-bin/.", 403), ("/cgi-bin/deep", 403),
                ("/cgi-bin/deep/down/", 403), ("/cgi-bin/plain.sh", 403), ("/cgi-bin/plain.sh/", 403),
                ("/cgi-bin/fifo", 403), ("/cgi-bin/away.sh", 404), ("/cgi-bin/loop.sh", 404), ("/cgi-bin/missing", 404),
                ("/cgi-bin/script.shx", 404), ("/CGI-BIN/script.sh", 404), ("/cgi-binx/script.sh", 404),
                ("/cgi-bin%5cscript.sh", 404), ("/cgi-bin\\script.sh", 404),
                ("/cgi-bin/%2e%2e/%2e%2e/outside/away.sh", 404),
                ("/link.sh", 404), ("/linked.txt", 404), ("/scripts/", 404), ("/scripts/script.sh", 404),
                ("/scripts/deep/down/x", 404), ("/cgi-bin/script.sh%00", 400), ("/cgi-bin/%zz", 400),
                ("/cgi-bin/\(String(repeating: "x", count: 300))", 404),
            ] {
                let answer = try server.get(target)
                #expect(
                    answer.status == status && !answer.text.contains("secret-source"), "\(target): \(answer.status)")
            }
            for target in ["/", "/page.txt", "/cgi-binx", "/cgi-bin%00/x"] {
                let answer = try server.get(target, method: "POST", headers: ["Content-Length: 0"])
                #expect(answer.status == 501 && answer.reason == "Can only POST to CGI scripts", "\(target)")
            }
            #expect(try server.get("/page.txt", method: "PUT", headers: ["Content-Length: 0"]).status == 501)
            #expect(try server.get("/page.txt").text == "a page")
            let errors = try server.errors(requests: 30)
            #expect(errors.contains("code 404, message No such CGI script ('/cgi-bin/missing')"))
            #expect(errors.contains("code 403, message CGI script is not executable ('/cgi-bin/plain.sh')"))
            #expect(errors.contains("code 403, message CGI script is not a plain file ('/cgi-bin/deep')"))
        }
    }

    @Test func theLogIsNoScript() throws {
        try withTemporaryDirectory { directory in
            try directory.installScript("#!/bin/sh\n", at: "tree/cgi-bin/access.db")
            let (tree, log) = (directory.appending("tree").string, directory.appending("tree/cgi-bin/access.db").string)
            try LoggedServer.run(
                Scripts.self,
                configure: {
                    $0.directory = tree
                    $0.guardedPath = log
                }
            ) { (logged) throws in
                #expect(try logged.server.client().request("GET", "/cgi-bin/access.db").status == 404)
            }
        }
    }

    @Test func directoriesAreConfiguredOrOverridden() throws {
        final class Everywhere: Scripts {
            override var cgiDirectories: [String] { ["programs/here/"] }
            override func isCGI() -> Bool { super.isCGI() || path.hasSuffix(".cgi") }
        }
        let scripts = ["programs/here/x": Self.echo, "any/y.cgi": Self.echo, "cgi-bin/z": "echo"]
        try ScriptServer.run(scripts, handler: Everywhere.self) { (server) throws in
            #expect(try server.get("/programs/here/x").text == "/programs/here/x|")
            #expect(try server.get("/any/y.cgi").text == "/any/y.cgi|")
            #expect(try server.get("/cgi-bin/z").text == "#!/bin/sh\necho", "no directory of scripts here")
        }
        try ScriptServer.run(scripts, configure: { $0.cgiDirectories = ["/programs"] }) { (server) throws in
            #expect(try server.get("/programs/here/x").text == "/programs/here/x|")
            #expect(try server.get("/cgi-bin/z").status == 200)
        }
    }

    @Test func namesOfAnyBytesRun() throws {
        try ScriptServer.run([:]) { directory in
            try directory.installScript("#!/bin/sh\n" + Self.echo, at: "tree/cgi-bin/plain")
            let path = directory.appending("tree/cgi-bin/")
            let script = "printf '#!/bin/sh\\n%s' \"$2\" > \"$1$(printf '\\377')\"; chmod +x \"$1\"*"
            _ = try RunningProgram.run("/bin/sh", ["-c", script, "x", path.string + "/", Self.echo])
        } _: { server in
            try server.client().send("")
            let client = try server.client()
            try client.send("GET /cgi-bin/%ff/%fe HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.receive().body == Array("/cgi-bin/".utf8) + [0xff] + Array("|/".utf8) + [0xfe])
        }
    }
}
