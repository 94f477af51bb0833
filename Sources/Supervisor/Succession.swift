// The new master's part in an upgrade: its workers wait behind a gate until the old master says that they may go.
public import LinuxSyscalls
public import SystemPackage

/// The channel to the master before this one, and the gate for the workers.
///
/// The gate is a pipe that only the master can write to and never does: it ends, for all workers at once, when the
/// master closes it.
public final class Succession {
    private let channel: Descriptor
    private let gate: Descriptor
    private var opener: Descriptor?
    private let privateSocket: CInt
    /// Called in the master when the gate opens.
    private let didOpen: () -> Void

    /// A closed gate.
    ///
    /// - Parameters:
    ///   - channel: given by the old master.
    ///   - privateSocket: the number of what workers listen on while the gate is closed.
    ///   - didOpen: called in the master when the gate has opened; it closes the private socket.
    public init(
        channel: consuming Descriptor, privateSocket: CInt, didOpen: @escaping () -> Void
    ) throws(Errno) {
        self.privateSocket = privateSocket
        self.didOpen = didOpen
        let pipe = try DescriptorIO.makePipe()
        gate = try pipe.read.duplicate()
        opener = .some(try pipe.write.duplicate())
        try DescriptorIO.setNonBlocking(channel.rawValue, true)
        self.channel = channel
    }

    /// Whether this tree has the public sockets for itself.
    public var isOpen: Bool { opener == nil }

    /// What a worker keeps.
    var descriptors: [CInt] { isOpen ? [] : [gate.rawValue, privateSocket] }

    func watch(_ poll: EventPoll) throws(Errno) {
        try poll.add(channel.rawValue, .read, token: 0)
    }

    /// Tells the old master that a worker accepts.
    func reportReady() {
        // The only failure is a master that is gone, which the next look at the channel shows.
        try? DescriptorIO.writeAll("r", to: channel.rawValue)
    }

    /// Opens the gate if the old master said so, or is gone: then nobody else has the sockets. True once.
    func turn(_ poll: EventPoll) -> Bool {
        guard !isOpen, let bytes = try? DescriptorIO.read(from: channel.rawValue, atMost: 1) else { return false }
        _ = bytes
        try? poll.remove(channel.rawValue)
        opener = nil
        didOpen()
        return true
    }
}
