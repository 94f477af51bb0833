// A graceful stop of a loop: nobody who has begun to speak is left without an answer.
internal import LinuxSyscalls
internal import SystemPackage

extension EventLoop {
    /// Stops accepting and ends when every request that was sent is answered, at the latest after the drain time.
    ///
    /// A kept connection may carry a request that is on its way, so it stays open for a while; then it is shut for
    /// writing, and closed when its client has read that. Where no other process goes on with the listening sockets
    /// (their last holder refuses connections), what waits in their queues is served as well.
    func drain() {
        if isDraining { return }
        isDraining = true
        drainDeadlineNs = nowNs + Deadlines.nanoseconds(configuration.drainTimeoutSeconds)
        if acceptor.isLastHolder {
            acceptUntilNs = nowNs + Deadlines.nanoseconds(configuration.drainLingerSeconds)
        }
        while let idle = deadlines.oldest(.idle) { deadlines.start(.parting, idle, nowNs: nowNs) }
    }

    /// When a drain has something to do without an event.
    var drainDueNs: Int64 {
        isDraining ? min(drainDeadlineNs, acceptUntilNs > nowNs ? acceptUntilNs : .max) : .max
    }

    /// Ends the loop when nothing is left to do.
    func drainFurther() {
        if nowNs >= drainDeadlineNs { return stop() }
        if acceptUntilNs > nowNs { return }
        if acceptUntilNs != .min {
            acceptUntilNs = .min
            while openCount < configuration.connectionLimit, let socket = acceptor.accept(nowNs: nowNs) {
                admit(socket)
            }
        }
        if openCount == 0, scripts.isEmpty { stop() }
    }
}

extension EventLoop {
    /// Accepts from other listeners as soon as a descriptor is readable.
    func awaitGate(_ gate: CInt, then listeners: [Listener]) throws(Errno) {
        var token: UInt64 = 0
        token = try watch(gate) { [unowned self] in
            unwatch(token, gate)
            acceptor.replace(with: listeners, poll)
        }
    }
}
