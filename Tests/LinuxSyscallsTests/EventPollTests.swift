// Readiness comes back with the token it was asked for, as long as it lasts.
import LinuxSyscalls
import SystemPackage
import Testing

struct EventPollTests {
    @Test func reportsTokenAndReadiness() throws {
        let poll = try EventPoll(capacity: 8)
        let first = try DescriptorIO.makePipe()
        let second = try DescriptorIO.makePipe()
        try poll.add(first.read.rawValue, .read, token: .max)
        try poll.add(second.read.rawValue, .read, token: 42)
        #expect(try poll.wait(timeoutMs: 0) == 0)
        try DescriptorIO.writeAll("x", to: second.write.rawValue)
        for _ in 0..<2 {  // level-triggered: until it is read
            #expect(try poll.wait(timeoutMs: 1_000) == 1)
            #expect(poll.token(at: 0) == 42 && poll.readiness(at: 0) == .read)
        }
        try DescriptorIO.writeAll("x", to: first.write.rawValue)
        #expect(try poll.wait(timeoutMs: 1_000) == 2)
        #expect(Set([poll.token(at: 0), poll.token(at: 1)]) == [42, .max])
    }

    @Test func changesAndEndsWatching() throws {
        let poll = try EventPoll()
        let pipe = try DescriptorIO.makePipe()
        try poll.add(pipe.write.rawValue, [], token: 1)
        #expect(try poll.wait(timeoutMs: 0) == 0)
        try poll.modify(pipe.write.rawValue, .write, token: 2)
        #expect(try poll.wait(timeoutMs: 0) == 1)
        #expect(poll.token(at: 0) == 2 && poll.readiness(at: 0).contains(.write))
        try poll.remove(pipe.write.rawValue)
        #expect(try poll.wait(timeoutMs: 0) == 0)
        #expect(throws: Errno.noSuchFileOrDirectory) { try poll.remove(pipe.write.rawValue) }
    }

    @Test func reportsAHangUpUnasked() throws {
        let poll = try EventPoll()
        let ends = try DescriptorIO.makePipe()
        try poll.add(ends.read.rawValue, [], token: 5)
        let reading = ends.keepRead()
        #expect(try poll.wait(timeoutMs: 1_000) == 1)
        #expect(poll.readiness(at: 0) == .hangUp)
        _ = consume reading
    }

    @Test func reportsNoMoreThanItHasRoomFor() throws {
        let poll = try EventPoll(capacity: 1)
        let bells = [Bell(try EventDescriptor()), Bell(try EventDescriptor())]
        for (token, bell) in bells.enumerated() {
            bell.descriptor.signal()
            try poll.add(bell.descriptor.rawValue, .read, token: UInt64(token))
        }
        #expect(try poll.wait(timeoutMs: 0) == 1)
    }

    @Test func aDoorbellStaysRungUntilItIsCleared() throws {
        let poll = try EventPoll()
        let bell = try EventDescriptor()
        try poll.add(bell.rawValue, .read, token: 3)
        bell.clear()
        #expect(try poll.wait(timeoutMs: 0) == 0)
        bell.signal()
        EventDescriptor.signal(bell.rawValue)
        #expect(try poll.wait(timeoutMs: 1_000) == 1)
        bell.clear()
        #expect(try poll.wait(timeoutMs: 0) == 0, "one clearing undoes any number of rings")
    }

    /// Holds what an array cannot.
    private final class Bell {
        let descriptor: EventDescriptor

        init(_ descriptor: consuming EventDescriptor) {
            self.descriptor = descriptor
        }
    }
}
