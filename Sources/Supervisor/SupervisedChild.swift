// One running child as the master holds it, and how it comes to be.
internal import LinuxSyscalls
internal import SystemPackage

/// A child of the master: its process and, until it has used it, the pipe by which it says that it is ready.
final class SupervisedChild {
    let process: ChildProcess
    private var readiness: Descriptor?
    private let poll: EventPoll

    init(process: consuming ChildProcess, readiness: consuming Descriptor, poll: EventPoll) {
        self.process = process
        self.readiness = .some(readiness)
        self.poll = poll
    }

    /// Has the loop wake for the child.
    ///
    /// One that cannot be watched is killed, and its end is seen at the next tick.
    func watch() throws(Errno) {
        do throws(Errno) {
            try poll.add(process.rawValue, .read, token: 0)
            if let number = readiness?.rawValue { try poll.add(number, .read, token: 0) }
        } catch {
            try process.send(.kill)
            throw error
        }
    }

    /// Whether the child has just said that it is ready; true once.
    func takeReadiness() -> Bool {
        guard let number = readiness?.rawValue else { return false }
        // Nothing to read yet is an error too, EAGAIN; the end of the pipe is an empty read.
        guard let bytes = try? DescriptorIO.read(from: number, atMost: 1) else { return false }
        // Out of epoll by hand: a sibling that is just being made holds the same open pipe, which keeps it watched
        // after close.
        try? poll.remove(number)
        readiness = nil
        return !bytes.isEmpty
    }

    /// How the child ended, collecting it; nil while it runs.
    func collect() throws(Errno) -> ProcessEnd? {
        guard let end = try process.collect() else { return nil }
        try? poll.remove(process.rawValue)
        return end
    }
}
