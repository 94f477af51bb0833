// One running child as the master holds it, and how it comes to be.
internal import LinuxSyscalls
internal import SystemPackage

/// A child of the master: its process, and the pipe through which it speaks.
final class SupervisedChild {
    let process: ChildProcess
    private var pipe: Descriptor?
    private let poll: EventPoll

    init(process: consuming ChildProcess, pipe: consuming Descriptor, poll: EventPoll) {
        self.process = process
        self.pipe = .some(pipe)
        self.poll = poll
    }

    /// Has the loop wake for the child.
    ///
    /// One that cannot be watched is killed, and its end is seen at the next tick.
    func watch() throws(Errno) {
        do throws(Errno) {
            try poll.add(process.rawValue, .read, token: 0)
            if let number = pipe?.rawValue { try poll.add(number, .read, token: 0) }
        } catch {
            try process.send(.kill)
            throw error
        }
    }

    /// What the child has said since the last call.
    func takeMessages() -> [ChildMessage] {
        guard let number = pipe?.rawValue else { return [] }
        // Nothing to read yet is an error too, EAGAIN; the end of the pipe is an empty read.
        guard let bytes = try? DescriptorIO.read(from: number, atMost: 16) else { return [] }
        if bytes.isEmpty { closePipe() }
        return bytes.compactMap(ChildMessage.init)
    }

    /// How the child ended, collecting it; nil while it runs.
    func collect() throws(Errno) -> ProcessEnd? {
        guard let end = try process.collect() else { return nil }
        try? poll.remove(process.rawValue)
        return end
    }

    /// The child is done with: what a process that it has left still says is not heard.
    func closePipe() {
        guard let number = pipe?.rawValue else { return }
        // Out of epoll by hand: a sibling that is just being made holds the same open pipe, which keeps it watched
        // after close.
        try? poll.remove(number)
        pipe = nil
    }
}
