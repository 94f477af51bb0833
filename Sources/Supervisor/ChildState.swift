// What the policy knows of one child: values only, no process.

/// The life of one role, from one child to the next.
struct ChildState: Equatable, Sendable {
    /// Where the role is in its life.
    ///
    /// Moments are nanoseconds on the policy's clock.
    enum Life: Equatable, Sendable {
        /// There is no child and none is wanted.
        case absent
        /// There is no child; one is started at this moment.
        case waiting(untilNs: Int64)
        /// A child has been started and is killed at this moment; nil once that was done.
        case starting(killAtNs: Int64?)
        /// The child does its work.
        case ready
        /// The child was told to end and is killed at this moment; nil once that was done.
        case stopping(killAtNs: Int64?)
    }

    /// What lies in the slot of a worker.
    enum Residue: Equatable, Sendable {
        /// Nothing that anybody has to look after.
        case none
        /// What an ended worker left; the next worker of the slot completes it.
        case death
        /// The same, handed to the log writer.
        case retired
    }

    var life = Life.absent
    var residue = Residue.none
    /// Children so far.
    var generation: UInt32 = 0
    /// Deaths before readiness in a row.
    var failures = 0
    /// Refused forks in a row.
    var forkFailures = 0
    /// The sysexits status with which the last child gave up before it was ready.
    var permanentStatus: Int32?

    /// Whether it counts towards the number of workers that are wanted.
    var isWanted: Bool {
        switch life {
        case .waiting, .starting, .ready: true
        case .absent, .stopping: false
        }
    }

    /// The moment at which the child is killed, if one runs.
    var killAtNs: Int64? {
        switch life {
        case .starting(let killAtNs), .stopping(let killAtNs): killAtNs
        case .absent, .waiting, .ready: nil
        }
    }

    /// The next moment at which something has to be done.
    var deadlineNs: Int64? {
        switch life {
        case .waiting(let untilNs): untilNs
        case .absent, .starting, .ready, .stopping: killAtNs
        }
    }

    /// Grants the running child that much longer.
    mutating func extendLimit(byNs lateNs: Int64) {
        switch life {
        case .starting(let killAtNs?): life = .starting(killAtNs: killAtNs + lateNs)
        case .stopping(let killAtNs?): life = .stopping(killAtNs: killAtNs + lateNs)
        case .absent, .waiting, .ready, .starting(nil), .stopping(nil): break
        }
    }
}
