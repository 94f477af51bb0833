// Signals have names and arrive as reads. Raised in the calling thread only: the test process has many.
import LinuxSyscalls
import SystemPackage
import Testing

struct SignalTests {
    @Test func blockedSignalsWaitForAReader() throws {
        let signals = try SignalDescriptor(blocking: [.user1, .user2])
        defer { try? Signal.unblockAll() }
        #expect(try signals.next() == nil)
        try Signal.user2.raise()
        let poll = try EventPoll()
        try poll.add(signals.rawValue, .read, token: 1)
        #expect(try poll.wait(timeoutMs: 1_000) == 1)
        #expect(try signals.next() == .user2)
        try Signal.user1.raise()
        try Signal.user1.raise()
        #expect(try signals.next() == .user1, "two of a kind are one")
        #expect(try signals.next() == nil)
    }

    @Test func haveTheirNames() {
        #expect(Signal.terminate.name == "SIGTERM" && Signal.kill.name == "SIGKILL")
        #expect(Signal(rawValue: 11).name == "SIGSEGV" && Signal(rawValue: 63).name == "signal 63")
    }

    @Test func knowFaults() {
        #expect(Signal(rawValue: 11).isFault && Signal(rawValue: 4).isFault)
        #expect(!Signal.kill.isFault && !Signal.terminate.isFault)
    }
}
