// Each rule finds what breaks it and leaves alone what does not.
import Testing

struct RuleTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let rule: Rule
        let path: String
        let text: String
        /// The lines that break the rule.
        let lines: [Int]

        init(_ rule: Rule, _ text: String, in path: String = "Sources/AccessLog/Ring.swift", lines: [Int]) {
            self.rule = rule
            self.path = path
            self.text = text
            self.lines = lines
        }

        var testDescription: String { "\(rule.name) in \(path): \(text.prefix(40))" }
    }

    @Test(arguments: samples)
    func finds(_ sample: Sample) {
        let findings = sample.rule.check(SourceText(sample.path, sample.text))
        #expect(findings.map(\.line) == sample.lines, "\(findings)")
    }

    @Test func everyRuleHasABadAndAGoodSample() {
        for rule in Rule.all {
            let own = Self.samples.filter { $0.rule.name == rule.name }
            #expect(own.contains { $0.lines.isEmpty } && own.contains { !$0.lines.isEmpty }, "\(rule.name)")
        }
    }

    @Test func aForkIsACallNotAMention() {
        let text = "let p = fork()\nfork.fork()\n// fork()\nfunc forkProcess() {}\nx = vfork()"
        #expect(forkCalls(SourceText("Sources/Supervisor/Loop.swift", text)).map(\.line) == [1, 5])
    }

    static let long = String(repeating: "x", count: 121)
    static let body = String(repeating: "    work()\n", count: 59)
    static let mark = "TO" + "DO"
    static let place = "/" + "wo" + "rk/tree"

    static let samples: [Sample] = [
        Sample(.purpose, "// Rings.\nimport X", lines: []),
        Sample(.purpose, "import X", lines: [1]),
        Sample(.purpose, "// swift-tools-version: 6.2\n// The package.", in: "Package.swift", lines: []),
        Sample(.purpose, "SELECT 1;", in: "Schema/report/x.sql", lines: [1]),
        Sample(.purpose, "#define X", in: "Sources/CLinux/CLinux.c", lines: [1]),
        Sample(.purpose, "anything", in: "README.md", lines: []),

        Sample(.lineLength, "let a = 1\nlet \(long) = 1", lines: [2]),
        Sample(.lineLength, "let a = \"" + String(repeating: "é", count: 105) + "\"", lines: []),

        Sample(.fileLength, String(repeating: "let a = 1\n", count: 400), lines: []),
        Sample(.fileLength, String(repeating: "let a = 1\n", count: 401), lines: [400]),
        Sample(.fileLength, String(repeating: "a line\n", count: 500), in: "README.md", lines: []),

        Sample(.functionLength, "func short() {\n" + body.dropLast(11) + "}", lines: []),
        Sample(.functionLength, "let a = 1\npublic func long(\n    a: Int\n) -> Int {\n" + body + "}", lines: [2]),
        Sample(.functionLength, "init?(a: Int) {\n" + body + "}\n", lines: [1]),
        Sample(.functionLength, "protocol P {\n    func a()\n    func b() throws -> Int\n}\n" + body, lines: []),
        Sample(.functionLength, "func a() {\n    text = \"{\"  // {\n}\n" + body + body, lines: []),

        Sample(.noUnfinished, "// \(mark): later", lines: [1]),
        Sample(.noUnfinished, "template = \"spool-XXXXXX\" // \(mark)LIST", lines: []),

        Sample(.machinePaths, "a\ncd \(place)", in: "README.md", lines: [2]),
        Sample(.machinePaths, "let a = \"Sources\(place)\"; b = a./x", lines: []),

        Sample(.noForce, "let a = try! b()\nlet c = d as! E", lines: [1, 2]),
        Sample(.noForce, "let a = try? b() // try! as!\nlet c = \"try! x\"\nif try !d() {}", lines: [3]),
        Sample(.noForce, "let a = try b()\nlet c = d as? E", lines: []),
        Sample(.noForce, "let a = try! b()", in: "Tests/XTests/X.swift", lines: []),

        Sample(.noSleep, "usleep(5)", lines: [1]),
        Sample(.noSleep, "sleeping(5)\nlet sleep = 5", lines: []),

        Sample(
            .noConcurrency, "Task { }\nDispatchQueue.main\nfunc a() async\nawait b()\nTask.detached {}",
            lines: [1, 2, 3, 4, 5]),
        Sample(.noConcurrency, "let tasks: [Task]\nasyncSignalSafe()\n// Task { }", lines: []),
        Sample(.noConcurrency, "DispatchQueue.main", in: "Tools/httpstats/Main.swift", lines: []),

        Sample(.unsafeCode, "unsafe pointer.pointee", in: "Sources/BaseHTTPServer/Loop.swift", lines: [1]),
        Sample(.unsafeCode, "nonisolated(unsafe) var a", in: "Tools/bench/hello/main.swift", lines: [1]),
        Sample(.unsafeCode, "unsafe pointer.pointee", in: "Sources/LinuxSyscalls/File.swift", lines: []),
        Sample(.unsafeCode, "// unsafe\nlet unsafety = \"unsafe\"", lines: []),

        Sample(.sqlInSwift, "let a = \"SELECT 1\"\nlet b = \"\"\"\n    INSERT INTO t\n    \"\"\"", lines: [1, 2]),
        Sample(.sqlInSwift, "let a = #\"DELETE FROM \\#(table)\"#", lines: [1]),
        Sample(.sqlInSwift, "let a = \"DELETE \" + path\nlet b = \"Select a file\"\n// SELECT 1", lines: []),
        Sample(.sqlInSwift, "let a = \"SELECT 1\"", in: "Tests/LogStoreTests/X.swift", lines: []),

        Sample(.imports, "internal import Glibc", lines: [1]),
        Sample(.imports, "import Foundation\n@testable import LogStore", lines: [1, 2]),
        Sample(.imports, "public import LinuxSyscalls\nimport Synchronization\n// import Glibc", lines: []),
        Sample(.imports, "import Glibc", in: "Tests/XTests/X.swift", lines: [1]),
        Sample(.imports, "import struct Foundation.URL", in: "Sources/HTTPMessage/X.swift", lines: [1]),
        Sample(.imports, "import GRDB", in: "Sources/LogStore/X.swift", lines: []),
    ]
}
