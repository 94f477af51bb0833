// Taking connections from the listening sockets: one a turn, fairly between processes, pausing when descriptors run
// out.
package import LinuxSyscalls
internal import SystemPackage

/// A listening socket that several owners hold.
package final class Listener {
    package let socket: ListeningSocket

    package init(_ socket: consuming ListeningSocket) {
        self.socket = socket
    }
}

/// The listening sockets of a loop.
struct Acceptor {
    private var listeners: [Listener]
    /// Whether other processes accept from the same sockets.
    private let shared: Bool
    private var registered = false
    private var next = 0
    private var sinceRegistration = 0
    private(set) var pauseEndNs: Int64?
    /// Accepts nothing ever again.
    var isPausedForGood = false

    private static let tokenBase: UInt64 = 1 << 62
    /// Wake-ups go to the process that registered first: so each goes to the end of that queue every few connections.
    private static let acceptsPerRegistration = 8
    private static let pauseNs: Int64 = 100_000_000

    init(_ listeners: [Listener], shared: Bool) {
        self.listeners = listeners
        self.shared = shared
        acceptsPerTurn = shared ? 1 : 16
    }

    /// Connections taken in one turn of the loop: one where other processes wait for theirs.
    var acceptsPerTurn: Int

    func owns(_ token: UInt64) -> Bool { token & Self.tokenBase != 0 }

    /// Whether the sockets end with this server: nobody takes up what still waits in their queues.
    var isLastHolder: Bool { listeners.contains { $0.socket.refusesConnections } }

    /// Watches the sockets, or not.
    mutating func update(_ poll: EventPoll, accepting: Bool, nowNs: Int64) {
        if let end = pauseEndNs, end <= nowNs { pauseEndNs = nil }
        let wanted = accepting && pauseEndNs == nil && !isPausedForGood
        if registered, !wanted || (shared && sinceRegistration >= Self.acceptsPerRegistration) {
            for listener in listeners { try? poll.remove(listener.socket.rawValue) }
            registered = false
        }
        if wanted, !registered {
            for (index, listener) in listeners.enumerated() {
                try? poll.add(
                    listener.socket.rawValue, shared ? [.read, .exclusive] : .read,
                    token: Self.tokenBase | UInt64(index))
            }
            registered = true
            sinceRegistration = 0
        }
    }

    /// Accepts from other sockets from now on.
    mutating func replace(with others: [Listener], _ poll: EventPoll) {
        if registered { for listener in listeners { try? poll.remove(listener.socket.rawValue) } }
        registered = false
        listeners = others
        next = 0
    }

    /// The next connection that waits; nil when there is none, or descriptors ran out: then accepting pauses.
    mutating func accept(nowNs: Int64) -> Socket? {
        for _ in listeners.indices {
            let listener = listeners[next]
            next = next + 1 == listeners.count ? 0 : next + 1
            do {
                guard let socket = try listener.socket.accept() else { continue }
                sinceRegistration += 1
                return socket
            } catch {
                // A connection that broke while it waited is no matter; a shortage would come again at once.
                if error.isResourceShortage { pauseEndNs = nowNs + Self.pauseNs }
                return nil
            }
        }
        return nil
    }
}
