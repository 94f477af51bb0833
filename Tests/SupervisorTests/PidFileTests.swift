// The pid file: one process a file, stale ones taken over, handed on at an upgrade, removed only by its owner.
import LinuxSyscalls
import Supervisor
import SystemPackage
import TestSupport
import Testing

struct PidFileTests {
    private let own = "\(CurrentProcess.processID)\n"

    @Test func take_writesTheProcessAndRemovesTheFileAtTheEnd() throws {
        try withTemporaryDirectory { directory in
            let file = try PidFile(directory.appending("pid"))
            #expect(try text(directory) == own)
            #expect(try directory.names() == ["pid"], "no file of another name stays")
            file.remove()
            #expect(try directory.names().isEmpty)
        }
    }

    @Test func take_refusesWhatAnotherHolds() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("pid")
            let holder = try PidFile(path)
            #expect(throws: PidFileError.held(path: path, processID: CurrentProcess.processID)) { try PidFile(path) }
            #expect(try text(directory) == own, "it is as it was")
            holder.remove()
        }
    }

    @Test(arguments: ["", "1\n", "99999999999\n", "no number", "\0\0"])
    func take_replacesWhatADeadServerLeft(content: String) throws {
        try withTemporaryDirectory { directory in
            try directory.write(content, to: "pid")
            let file = try PidFile(directory.appending("pid"))
            #expect(try text(directory) == own)
            file.remove()
        }
    }

    @Test func successor_takesOverAndTheOldOneLeavesItAlone() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("pid")
            let old = try PidFile(path)
            // Both are this process here; whoever is not the holder's successor gets nothing.
            #expect(throws: PidFileError.self) { try PidFile(path, successorOf: 1) }
            let new = try PidFile(path, successorOf: CurrentProcess.processID)
            old.remove()
            #expect(try text(directory) == own, "the file is the new one's")
            #expect(throws: PidFileError.self, "and locked by it") { try PidFile(path) }
            new.remove()
            #expect(try directory.names().isEmpty)
        }
    }

    @Test func take_followsNoLink() throws {
        try withTemporaryDirectory { directory in
            try directory.write("precious", to: "other")
            try directory.link("pid", to: "other")
            #expect(throws: PidFileError.self) { try PidFile(directory.appending("pid")) }
            #expect(try directory.read("other") == Array("precious".utf8))
        }
    }

    @Test func take_withoutItsDirectory() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("none/pid")
            #expect(throws: PidFileError.system(operation: "open", path: path, cause: .noSuchFileOrDirectory)) {
                try PidFile(path)
            }
        }
    }

    private func text(_ directory: TemporaryDirectory) throws -> String {
        String(decoding: try directory.read("pid"), as: UTF8.self)
    }
}
