// The reading end of a child's pipe in the loop's epoll.
internal import LinuxSyscalls
internal import SystemPackage

/// The reading end of a pipe, which the loop watches while it is not paused.
final class PipeReader {
    private let descriptor: Descriptor
    private let loop: EventLoop
    private let action: () -> Void
    private var token: UInt64?

    /// A reader that is paused at first.
    ///
    /// - Parameter action: runs when there is something to read, or the other end is closed.
    init(_ descriptor: consuming Descriptor, _ loop: EventLoop, _ action: @escaping () -> Void) {
        self.descriptor = descriptor
        self.loop = loop
        self.action = action
    }

    /// Reads what is there, at most `limit` bytes.
    func read(into buffer: ByteBuffer, atMost limit: Int) -> Transfer {
        DescriptorIO.read(from: descriptor.rawValue, into: buffer, atMost: limit)
    }

    var isPaused: Bool { token == nil }

    /// Watches no more. A pipe that is closed at the other end cannot be watched for nothing: epoll always tells.
    func pause() {
        if let token { loop.unwatch(token, descriptor.rawValue) }
        token = nil
    }

    func resume() throws(Errno) {
        if token == nil { token = try loop.watch(descriptor.rawValue, action) }
    }
}
