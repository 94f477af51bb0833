// Readiness of many descriptors in one wait: Linux epoll, level-triggered.
internal import CLinux
internal import Glibc
public import SystemPackage

/// What a descriptor is watched for, or is ready for. The values are those of `epoll_ctl(2)`.
public struct Readiness: OptionSet, Sendable {
    /// The EPOLL bits.
    public let rawValue: UInt32

    /// From EPOLL bits.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// EPOLLIN: a read will not wait.
    public static let read = Readiness(rawValue: 0x001)
    /// EPOLLOUT: a write will not wait.
    public static let write = Readiness(rawValue: 0x004)
    /// EPOLLERR: always reported.
    public static let error = Readiness(rawValue: 0x008)
    /// EPOLLHUP: always reported.
    public static let hangUp = Readiness(rawValue: 0x010)
    /// EPOLLRDHUP: the peer has shut its writing side.
    public static let readHangUp = Readiness(rawValue: 0x2000)
    /// EPOLLEXCLUSIVE: wake one of the processes that wait; only for adding.
    public static let exclusive = Readiness(rawValue: 1 << 28)
}

/// An epoll instance and the room for its events.
@safe
public final class EventPoll {
    private let descriptor: Descriptor
    private let events: UnsafeMutablePointer<epoll_event>
    private let capacity: Int

    /// An empty instance that reports at most `capacity` events a wait. The corresponding C function is
    /// `epoll_create1`.
    public init(capacity: Int = 256) throws(Errno) {
        descriptor = Descriptor(owning: try checked { epoll_create1(CInt(0x80000)) })  // EPOLL_CLOEXEC
        unsafe events = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit {
        unsafe events.deallocate()
    }

    /// The number of the instance itself.
    public var rawValue: CInt { descriptor.rawValue }

    /// Starts watching; `token` comes back with each event. The corresponding C function is `epoll_ctl(EPOLL_CTL_ADD)`.
    public func add(_ watched: CInt, _ readiness: Readiness, token: UInt64) throws(Errno) {
        try control(1, watched, readiness, token)
    }

    /// Watches for something else from now on. The corresponding C function is `epoll_ctl(EPOLL_CTL_MOD)`.
    public func modify(_ watched: CInt, _ readiness: Readiness, token: UInt64) throws(Errno) {
        try control(3, watched, readiness, token)
    }

    /// Stops watching. The corresponding C function is `epoll_ctl(EPOLL_CTL_DEL)`.
    public func remove(_ watched: CInt) throws(Errno) {
        try control(2, watched, [], 0)
    }

    private func control(_ operation: CInt, _ watched: CInt, _ readiness: Readiness, _ token: UInt64) throws(Errno) {
        var event = unsafe epoll_event(events: readiness.rawValue, data: epoll_data(u64: token))
        let own = descriptor.rawValue
        _ = try checked { unsafe epoll_ctl(own, operation, watched, &event) }
    }

    /// Waits for events: at most `timeoutMs` milliseconds, for ever if negative. Answers how many there are; a signal
    /// ends the wait with 0. The corresponding C function is `epoll_wait`.
    public func wait(timeoutMs: CInt) throws(Errno) -> Int {
        let count = unsafe epoll_wait(descriptor.rawValue, events, CInt(capacity), timeoutMs)
        if count >= 0 { return Int(count) }
        // Interrupted, most likely. A second look without waiting goes through the one errno read and tells a lasting
        // failure.
        let own = descriptor.rawValue
        return Int(try checked { unsafe epoll_wait(own, events, CInt(capacity), 0) })
    }

    /// The token of event `index` of the last wait.
    public func token(at index: Int) -> UInt64 {
        precondition(index >= 0 && index < capacity)
        return unsafe events[index].data.u64
    }

    /// What event `index` of the last wait reports.
    public func readiness(at index: Int) -> Readiness {
        precondition(index >= 0 && index < capacity)
        return unsafe Readiness(rawValue: events[index].events)
    }
}
