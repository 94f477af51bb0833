// What the policy knows of one child: values only, no process.
//
// The life of a role, in the words of `Life`:
//
//   absent ──► waiting ──► starting ──► ready ──► stopping ──► absent
//                 ▲            │           │
//                 └────────────┘           └──► starting      (it ended by itself: replaced at once, in the same slot)
//              ended before it was ready: after a delay that doubles
//
// Workers come in two kinds. Those that are *wanted* make up the number that the operator asked for; a *replacement*
// (`replaces` names the slot of the old worker) is started beside them, by a reload or a recycling:
//
//   it gets ready               the old one is told QUIT, and the replacement is wanted in its place
//   it ends before              it is given up; the old one goes on (a reload stops, a recycling tries again later)
//   the old one ends first      the replacement is wanted in its place
//
// What the tree as a whole adds to that:
//
//   phase        idle ──► preparing (log writer) ──► serving ──► draining (workers) ──► finishing (log writer) ──►
//                ended
//   degraded     serving, no worker ready, and so many deaths before readiness since the last one was: one worker
//                probes, the others wait without a date, and the responder answers 503, until a worker is ready
//   paused       WINCH: serving, but no worker is wanted, until HUP or TTIN
//   roll         HUP: workers of an older configuration are replaced, a tenth of them at a time; a configuration is
//                proven when the first worker got ready with it, and from then on ended workers are started with it

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
    /// The number of the configuration that the last child was started with.
    var configuration: UInt32 = 0
    /// The slot of the worker that this one is to replace; nil for one that is wanted by itself.
    var replaces: Int?
    /// Why a fresh worker should take its place.
    var recycling: RecyclingReason?
    /// When it has served for long enough.
    var lifetimeEndNs: Int64?
    /// Bytes of memory when it was measured last.
    var residentBytes: Int64 = 0
    /// The request that runs in it.
    var request = RequestWatch()

    /// Whether it counts towards the number of workers that are wanted.
    var isWanted: Bool {
        switch life {
        case .waiting, .starting, .ready: replaces == nil
        case .absent, .stopping: false
        }
    }

    /// Whether a process of it may exist.
    var isRunning: Bool {
        switch life {
        case .starting, .ready, .stopping: true
        case .absent, .waiting: false
        }
    }

    /// Whether it may have taken requests, and not ended since.
    var mayRunRequests: Bool {
        switch life {
        case .ready, .stopping: true
        case .absent, .waiting, .starting: false
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
        case .ready: recycling == nil ? lifetimeEndNs : nil
        case .absent, .starting, .stopping: killAtNs
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

    /// Forgets what concerned the last child alone.
    mutating func beginNext(configuration: UInt32) {
        generation += 1
        self.configuration = configuration
        recycling = nil
        lifetimeEndNs = nil
        residentBytes = 0
        request = RequestWatch()
    }
}
