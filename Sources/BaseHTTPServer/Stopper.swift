// Stopping a server from elsewhere: another thread, a signal handler, another handler.
internal import LinuxSyscalls
internal import SystemPackage

/// Asks a server's loop to end. May be used from any thread, and outlives its server.
public final class Stopper: Sendable {
    private let doorbell: EventDescriptor

    init() throws(ServerError) {
        do {
            doorbell = try EventDescriptor()
        } catch {
            throw .system(operation: "make an event descriptor", subject: "the server", cause: "\(error)")
        }
    }

    var descriptor: CInt { doorbell.rawValue }

    /// Forgets that it was asked, so that the server can run again.
    func clear() {
        doorbell.clear()
    }

    /// Has ``HTTPServer/serveForever()`` return after its present turn. Returns at once.
    public func stop() {
        doorbell.signal()
    }
}
