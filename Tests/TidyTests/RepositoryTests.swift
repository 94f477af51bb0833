// The repository keeps its own rules.
import Testing

struct RepositoryTests {
    @Test(arguments: Rule.all)
    func keeps(_ rule: Rule) {
        for finding in Repository.files.flatMap(rule.check) {
            Issue.record("\(finding)")
        }
    }

    @Test func forksInOnePlace() {
        let calls = Repository.files.filter(\.isProduct).flatMap(forkCalls)
        #expect(calls.map(\.path) == ["Sources/LinuxSyscalls/Fork.swift"], "fork by forkProcess(); found \(calls)")
    }

    @Test func usesEverySQLFile() {
        let names = Set(
            Repository.files.filter { $0.path.hasPrefix("Schema/") && $0.isSwift }
                .flatMap(\.words).map(\.text).filter { $0.hasSuffix("_sql") })
        for file in Repository.files where file.path.hasSuffix(".sql") {
            let name = String(file.fileName.dropLast(4)) + "_sql"
            #expect(names.contains(name), "\(file.path): name it in Schema/SQL.swift or delete it")
        }
    }

    @Test func hasWhatAVisitorLooksFor() throws {
        let readme = try #require(Repository.file("README.md"), "write README.md")
        #expect(readme.lines.first?.hasPrefix("# ") == true, "README.md: begin with a title")
        let changelog = try #require(Repository.file("CHANGELOG.md"), "write CHANGELOG.md")
        let sections = changelog.lines.filter { $0.hasPrefix("## ") }
        #expect(sections.first?.contains("Unreleased") == true, "CHANGELOG.md: begin with `## Unreleased`")
    }

    @Test func namesOnlyWhatIsThere() {
        for folder in ModuleMap.folders {
            #expect(Repository.files.contains { $0.path.hasPrefix(folder) }, "ModuleMap names \(folder), which is gone")
        }
        for name in Allowances.unsafeFiles.union(Allowances.tablesOfData) {
            #expect(Repository.files.contains { $0.path.hasPrefix(name) }, "Allowances names \(name), which is gone")
        }
    }
}

/// Calls of fork, not its mention in a name or a comment.
func forkCalls(_ file: SourceText) -> [Finding] {
    file.words.filter {
        ["fork", "vfork", "clone", "clone3"].contains($0.text) && $0.next == UInt8(ascii: "(")
            && $0.previous != UInt8(ascii: ".")
    }.map { Finding(path: file.path, line: $0.line, message: "call forkProcess(), which checks for threads") }
}
