// No path leads out of a directory: neither by the kernel's resolution nor by the fallback.
import SystemPackage
import TestSupport
import Testing

@testable import LinuxSyscalls

struct DirectoryTests {
    /// Which of the two ways to open beneath a directory.
    enum Way: CaseIterable {
        case kernel
        case stepwise

        func open(_ path: String, in directory: borrowing Directory) throws(Errno) -> Descriptor {
            switch self {
            case .kernel: try directory.openBeneath(Array(path.utf8))
            // O_NONBLOCK, as the caller of the fallback passes it.
            case .stepwise: try directory.openStepwise(Array(path.utf8), 0o4000)
            }
        }
    }

    @Test(arguments: Way.allCases)
    func opensWhatIsBeneath(_ way: Way) throws {
        try inTree { (directory: borrowing Directory) throws in
            #expect(try read("index.html", way, directory) == "index")
            #expect(try read("a/b/deep.txt", way, directory) == "deep")
            #expect(try read("a//b/./deep.txt", way, directory) == "deep")
            for path in ["", ".", "a", "a/", "a/b/"] {
                let opened = try way.open(path, in: directory)
                #expect(try File.status(of: opened.rawValue).kind == .directory, "\(path)")
            }
        }
    }

    @Test(arguments: Way.allCases)
    func refusesWhatLeadsOut(_ way: Way) throws {
        try inTree { (directory: borrowing Directory) throws in
            for path in ["..", "../secret", "a/../../secret", "a/../..", "/etc/passwd", "/", "//etc/passwd"] {
                #expect(throws: Errno.improperLink, "\(path)") { try way.open(path, in: directory).rawValue }
            }
            for path in ["out-file", "out-dir/secret", "out-absolute", "a/out-up"] {
                #expect(throws: Errno.self, "\(path)") { try way.open(path, in: directory).rawValue }
            }
        }
    }

    @Test(arguments: Way.allCases)
    func saysWhatIsMissing(_ way: Way) throws {
        try inTree { (directory: borrowing Directory) throws in
            #expect(throws: Errno.noSuchFileOrDirectory) { try way.open("missing", in: directory).rawValue }
            #expect(throws: Errno.notDirectory) { try way.open("index.html/x", in: directory).rawValue }
            #expect(throws: Errno.notDirectory) { try way.open("index.html/", in: directory).rawValue }
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: Way.allCases)
    func opensAFIFOWithoutWaitingForItsWriter(_ way: Way) throws {
        try inTree { (directory: borrowing Directory) throws in
            let fifo = try way.open("fifo", in: directory)
            #expect(try File.status(of: fifo.rawValue).kind == .other)
        }
    }

    @Test func theKernelFollowsLinksThatStayInsideAndTheFallbackNone() throws {
        try inTree { (directory: borrowing Directory) throws in
            #expect(try read("inside", .kernel, directory) == "deep")
            #expect(try read("a/sideways", .kernel, directory) == "index")
            #expect(throws: Errno.self) { try Way.stepwise.open("inside", in: directory).rawValue }
            #expect(throws: Errno.self) { try Way.stepwise.open("link-dir/deep.txt", in: directory).rawValue }
        }
    }

    @Test func aNameIsNotCutAtANul() throws {
        try inTree { (directory: borrowing Directory) throws in
            #expect(throws: Errno.invalidArgument) {
                try directory.openBeneath(Array("index.html\0.png".utf8)).rawValue
            }
        }
    }

    @Test func listsEntriesByKindEachTimeAnew() throws {
        try inTree { (directory: borrowing Directory) throws in
            let expected: [(String, FileKind)] = [
                ("a", .directory), ("fifo", .other), ("index.html", .regular), ("inside", .symbolicLink),
                ("link-dir", .symbolicLink), ("out-absolute", .symbolicLink), ("out-dir", .symbolicLink),
                ("out-file", .symbolicLink),
            ]
            for _ in 0..<2 {
                let entries = try directory.entries().sorted { name($0) < name($1) }
                #expect(entries.map(name) == expected.map(\.0))
                #expect(entries.map(\.kind) == expected.map(\.1))
            }
            #expect(try directory.entries(limit: 3).count == 3)
        }
    }

    @Test func saysTheStatusOfANameWithOrWithoutItsLink() throws {
        try inTree { (directory: borrowing Directory) throws in
            let link = Array("inside".utf8)
            #expect(try directory.status(of: link, followingLink: false).kind == .symbolicLink)
            #expect(try directory.status(of: link, followingLink: true).size == 4)
        }
    }

    /// A tree with links of every kind; the root of the server is `root`, and `secret` lies beside it.
    private func inTree(_ body: (borrowing Directory) throws -> Void) throws {
        try withTemporaryDirectory { temporary in
            try temporary.write("secret", to: "secret")
            try temporary.write("index", to: "root/index.html")
            try temporary.write("deep", to: "root/a/b/deep.txt")
            try temporary.link("root/inside", to: "a/b/deep.txt")
            try temporary.link("root/link-dir", to: "a/b")
            try temporary.link("root/a/sideways", to: "../index.html")
            try temporary.link("root/out-file", to: "../secret")
            try temporary.link("root/out-dir", to: "..")
            try temporary.link("root/out-absolute", to: "/etc/passwd")
            try temporary.link("root/a/out-up", to: "../../secret")
            try makeFIFO(temporary.appending("root/fifo"))
            try body(try Directory(temporary.appending("root")))
        }
    }

    private func makeFIFO(_ path: FilePath) throws {
        var launch = ProgramLaunch("/usr/bin/mkfifo", input: 0, output: 1, error: 2)
        launch.arguments = [Array(path.string.utf8)]
        let child = try launch.start()
        #expect(try eventually { try child.collect() == .exited(status: 0) })
    }

    private func read(_ path: String, _ way: Way, _ directory: borrowing Directory) throws -> String {
        let file = try way.open(path, in: directory)
        return String(decoding: try File.read(file.rawValue, at: 0, count: 100), as: UTF8.self)
    }

    private func name(_ entry: DirectoryEntry) -> String {
        String(decoding: entry.name, as: UTF8.self)
    }
}
