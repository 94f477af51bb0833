// Files of Unix sockets: their rights, who may be replaced, and who removes what.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

struct SocketFileTests {
    @Test func newPath_isServedWithItsRights() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("web.socket").string
            var rights = SocketFileRights()
            rights.permissions = FilePermissions(rawValue: 0o604)
            let listener = try ListeningSocket(path: path, backlog: 8, rights: rights)
            #expect(try directory.names() == ["web.socket"], "the unready name is gone")
            #expect(try listener.localAddress() == .unix(path))
            #expect(try mode(path) == "604")
            let client = try Socket(connectingTo: .unix(path))
            guard let server = try listener.accept() else { throw Errno.wouldBlock }
            #expect(server.peer == .unix(""))
            #expect(client.send([UInt8(1)].rawBytes) == .bytes(1))
            listener.file?.remove()
            #expect(try directory.names() == [])
        }
    }

    @Test func owner_isSet() throws {
        try withTemporaryDirectory { directory in
            var rights = SocketFileRights()
            let user = CurrentProcess.effectiveUserID
            (rights.user, rights.group) = (user, user == 0 ? 65_534 : nil)
            let path = directory.appending("s").string
            let listener = try ListeningSocket(path: path, backlog: 8, rights: rights)
            let seen = try RunningProgram.run("/usr/bin/stat", ["-c", "%u:%g", path]).standardOutput
            #expect(seen.hasPrefix("\(user):"))
            if user == 0 { #expect(seen == "0:65534\n") }
            #expect(listener.rawValue > 2)
        }
    }

    @Test func staleFile_isReplacedAndOnlyItsOwnerRemovesIt() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("s").string
            let stale = try staleFile(at: path)
            #expect(throws: Errno.connectionRefused) { try Socket(connectingTo: .unix(path)).rawValue }
            let listener = try ListeningSocket(path: path, backlog: 8)
            #expect(try directory.names() == ["s"])
            stale.remove()
            #expect(try directory.names() == ["s"], "another's file")
            #expect(try Socket(connectingTo: .unix(path)).rawValue > 2)
            #expect(listener.file == SocketFile(at: path))
        }
    }

    @Test func livingServer_keepsItsName() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("s").string
            let first = try ListeningSocket(path: path, backlog: 1)
            #expect(throws: SocketFileError.inUse) { try ListeningSocket(path: path, backlog: 1).rawValue }
            // With this connection and that of the look before its queue is full: it lives all the same.
            let waiting = try Socket(connectingTo: .unix(path))
            #expect(throws: SocketFileError.inUse) { try ListeningSocket(path: path, backlog: 1).rawValue }
            #expect(first.file == SocketFile(at: path) && waiting.rawValue > 2)
            #expect(try directory.names() == ["s"])
        }
    }

    @Test func whatIsNoSocket_stays() throws {
        try withTemporaryDirectory { directory in
            let file = try directory.write("precious", to: "file").string
            try directory.link("link", to: "nowhere")
            try File.makeDirectories(directory.appending("folder"), permissions: .ownerReadWriteExecute)
            for path in [file, directory.appending("link").string, directory.appending("folder").string] {
                #expect(throws: SocketFileError.notASocket) { try ListeningSocket(path: path, backlog: 1).rawValue }
            }
            #expect(try directory.read("file") == Array("precious".utf8))
            #expect(try directory.names() == ["file", "folder", "link"])
        }
    }

    @Test func longestPath_fitsAndOneMoreIsRefused() throws {
        try withTemporaryDirectory { directory in
            let room = SocketFile.pathLimit - directory.path.string.utf8.count - 1
            let path = directory.appending(String(repeating: "x", count: room)).string
            let listener = try ListeningSocket(path: path, backlog: 1)
            #expect(try listener.localAddress() == .unix(path))
            #expect(throws: SocketFileError.tooLong) { try ListeningSocket(path: path + "x", backlog: 1).rawValue }
            #expect(throws: SocketFileError.system(step: "bind", .noSuchFileOrDirectory)) {
                try ListeningSocket(path: directory.appending("no/s").string, backlog: 1).rawValue
            }
        }
    }

    @Test func adoptedSocket_knowsItsPathAndItsFile() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("s").string
            let original = try ListeningSocket(path: path, backlog: 1)
            let borrowed = Descriptor(owning: original.rawValue)
            let number = try borrowed.duplicate().release()
            _ = borrowed.release()
            let heir = try ListeningSocket(adopting: number)
            #expect(try heir.localAddress() == .unix(path))
            #expect(heir.file == original.file && heir.file != nil)
            // One that another program bound belongs to that.
            let foreign = try ListeningSocket(.unix(directory.appending("other").string), backlog: 1)
            let loan = Descriptor(owning: foreign.rawValue)
            let second = try loan.duplicate().release()
            _ = loan.release()
            let guest = try ListeningSocket(adopting: second)
            #expect(guest.file == nil)
        }
    }

    @Test func abstractName_isServedWithoutAFile() throws {
        let name = "@basehttp-test-\(try Random.bits64())"
        let listener = try ListeningSocket(.unix(name), backlog: 1)
        #expect(try listener.localAddress() == .unix(name) && listener.file == nil)
        #expect(throws: Errno.addressInUse) { try ListeningSocket(.unix(name), backlog: 1).rawValue }
        let client = try Socket(connectingTo: .unix(name))
        guard let server = try listener.accept() else { throw Errno.wouldBlock }
        #expect(client.rawValue > 2 && server.peer == .unix(""))
    }

    /// What a server that was killed leaves behind.
    private func staleFile(at path: String) throws -> SocketFile {
        let listener = try ListeningSocket(path: path, backlog: 1)
        let file = listener.file
        return try #require(file)
    }

    private func mode(_ path: String) throws -> String {
        try RunningProgram.run("/usr/bin/stat", ["-c", "%a", path]).standardOutput.split(separator: "\n")
            .map(String.init).first ?? ""
    }
}
