// Files: status, locks between open files, unnamed files, allocation, reads at an offset, names.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

struct FileTests {
    @Test func saysWhatAFileIs() throws {
        try withTemporaryDirectory { directory in
            let path = try directory.write("twelve bytes", to: "file")
            let status = try File.status(at: path)
            #expect(status.kind == .regular && status.size == 12)
            #expect(abs(status.modifiedSeconds - Clock.realtimeUs() / 1_000_000) < 600)
            #expect((0..<1_000_000_000).contains(status.modifiedNanoseconds))
            let file = try File.open(path, .readOnly)
            #expect(try File.status(of: file.rawValue) == status)
            #expect(try File.status(at: directory.path).kind == .directory)
            #expect(throws: Errno.noSuchFileOrDirectory) { try File.status(at: directory.appending("missing")) }
        }
    }

    @Test func goesBackToTheFirstByte() throws {
        let file = try File.openUnnamed(in: "/tmp")
        try DescriptorIO.writeAll("text", to: file.rawValue)
        #expect(try DescriptorIO.read(from: file.rawValue, atMost: 10).isEmpty)
        try File.rewind(file.rawValue)
        let buffer = ByteBuffer(capacity: 1)
        #expect(DescriptorIO.read(from: file.rawValue, into: buffer, atMost: 3) == .bytes(3))
        #expect(DescriptorIO.read(from: file.rawValue, into: buffer, atMost: 3) == .bytes(1))
        #expect((0..<buffer.count).map { Character(UnicodeScalar(buffer[$0])) } == Array("text"))
        #expect(DescriptorIO.read(from: -1, into: buffer, atMost: 3) == .failed(.badFileDescriptor))
    }

    @Test func saysWhatMayRun() throws {
        try withTemporaryDirectory { directory in
            let plain = try directory.write("", to: "file")
            #expect(!File.isExecutable(plain))
            #expect(!File.isExecutable(directory.appending("missing")))
            #expect(File.isExecutable("/bin/sh"))
        }
    }

    @Test func locksBetweenTwoOpenFiles() throws {
        try withTemporaryDirectory { directory in
            let path = try directory.write("", to: "lock")
            let first = try File.open(path, .readWrite)
            let second = try File.open(path, .readWrite)
            #expect(try File.tryLock(first.rawValue, exclusive: true))
            #expect(try !File.tryLock(second.rawValue, exclusive: true))
            #expect(try !File.tryLock(second.rawValue, exclusive: false))
            try File.unlock(first.rawValue)
            #expect(try File.tryLock(first.rawValue, exclusive: false))
            #expect(try File.tryLock(second.rawValue, exclusive: false), "shared beside shared")
            #expect(try !File.tryLock(second.rawValue, exclusive: true), "exclusive beside shared")
        }
    }

    @Test func aLockEndsWithTheLastCopyOfItsDescriptor() throws {
        try withTemporaryDirectory { directory in
            let path = try directory.write("", to: "lock")
            let other = try File.open(path, .readWrite)
            let holder = try File.open(path, .readWrite)
            #expect(try File.tryLock(holder.rawValue, exclusive: false))
            let inherited = try holder.duplicate()
            _ = consume holder
            #expect(try !File.tryLock(other.rawValue, exclusive: true), "a copy still holds it")
            _ = consume inherited
            // A program that another test is just starting has a copy until it begins.
            let number = other.rawValue
            #expect(try eventually { try File.tryLock(number, exclusive: true) })
        }
    }

    @Test func anUnnamedFileLeavesNoName() throws {
        try withTemporaryDirectory { directory in
            let file = try File.openUnnamed(in: directory.path)
            try DescriptorIO.writeAll("spooled", to: file.rawValue)
            #expect(try File.read(file.rawValue, at: 2, count: 100) == Array("ooled".utf8))
            #expect(try directory.names().isEmpty)
            #expect(throws: Errno.noSuchFileOrDirectory) {
                try File.openUnnamed(in: directory.appending("missing")).rawValue
            }
        }
    }

    @Test func knowsThePathBehindLinks() throws {
        try withTemporaryDirectory { directory in
            let path = try directory.write("", to: "real/file")
            try directory.link("link", to: "real")
            let file = try File.open(directory.appending("link/file"), .readOnly)
            #expect(try File.resolvedPath(of: file.rawValue) == Array(path.string.utf8))
        }
    }

    @Test func allocatesAndTruncates() throws {
        let file = try File.openUnnamed(in: "/tmp")
        try File.allocate(file.rawValue, length: 1 << 20)
        #expect(try File.status(of: file.rawValue).size == 1 << 20)
        try File.truncate(file.rawValue, to: 10)
        #expect(try File.status(of: file.rawValue).size == 10)
        #expect(throws: Errno.self, "no file system has this much") {
            try File.allocate(file.rawValue, length: .max / 2)
        }
    }

    @Test func renamesOverAndRemoves() throws {
        try withTemporaryDirectory { directory in
            let new = try directory.write("new", to: "new")
            let old = try directory.write("old", to: "old")
            try File.rename(new, to: old)
            #expect(try directory.names() == ["old"])
            let file = try File.open(old, .readOnly)
            #expect(try File.read(file.rawValue, at: 0, count: 9) == Array("new".utf8))
            try File.remove(old)
            #expect(try directory.names().isEmpty)
            #expect(throws: Errno.noSuchFileOrDirectory) { try File.remove(old) }
        }
    }

    @Test func makesDirectoriesOnTheWayOnce() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("a/b/c")
            try File.makeDirectories(path, permissions: .ownerReadWriteExecute)
            try File.makeDirectories(path, permissions: .ownerReadWriteExecute)
            #expect(try File.status(at: path).kind == .directory)
            let file = try directory.write("", to: "a/file")
            #expect(throws: Errno.notDirectory) { try File.makeDirectories(file, permissions: .ownerReadWrite) }
            #expect(throws: Errno.notDirectory) {
                try File.makeDirectories(file.appending("below"), permissions: .ownerReadWrite)
            }
        }
    }
}
