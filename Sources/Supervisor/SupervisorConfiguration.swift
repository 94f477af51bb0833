// Everything a supervisor is told before it runs.

/// What to keep alive and how.
public struct SupervisorConfiguration {
    /// The work of a child; its result, 0…255, is the exit status.
    ///
    /// A status of 64…78 (sysexits) before readiness says that trying again is of no use.
    public typealias Body = (ChildContext) -> Int32

    /// The name of the program in `ps` and `top`; children append `-log` and `-w0` ….
    public var name: String
    /// Workers to keep, at least 1.
    public var workers: Int
    /// The times that are granted.
    public var limits: SupervisorLimits
    /// What children keep open.
    public var inherited: InheritedDescriptors
    /// The shared mapping that is told about workers; nil without an access log.
    public var slots: (any SlotRegistry)?
    /// The log writer; nil without an access log.
    ///
    /// Started first, and asked to finish when all workers are gone.
    public var logWriter: Body?
    /// A worker.
    public var worker: Body
    /// Who is told that the server is ready, stops and is well; nil when nobody wants to know.
    public var serviceManager: ServiceManager?

    /// Answers requests with 503 while no worker gets ready: a child like a worker, without any code of a user; nil:
    /// then clients wait.
    public var responder: Body?
    /// Reads the configuration anew, at HUP; nil when it cannot be, which it has said itself. Without it, HUP replaces
    /// the workers by others with the same configuration.
    public var reload: (() -> SupervisorReload?)?
    /// Runs in each child before its body, while the child still has the rights of the master: the place to give them
    /// up.
    ///
    /// What it throws ends the child with status 77 before it was ready, so that it is not tried again.
    public var giveUpRights: ((ChildRole) throws -> Void)?
    /// How USR2 starts another program in the place of this one; nil ignores it.
    public var upgrade: UpgradeConfiguration?
    /// The master before this one, which has the clients until it hands over; nil without one.
    public var succession: Succession?
    /// Called in the master once, when the first worker is ready.
    public var onReady: () -> Void
    /// Called in the master before a graceful stop of the whole tree, when the workers do not know of it yet.
    public var willDrain: () -> Void
    /// Called in the master when an upgrade has handed over: the sockets are another tree's from here on.
    public var didHandOver: () -> Void
    /// Takes a line of diagnostics, in the master and in a child that cannot begin.
    public var log: (String) -> Void

    /// A tree of workers without a log writer; the rest are properties.
    public init(name: String, workers: Int, log: @escaping (String) -> Void, worker: @escaping Body) {
        self.name = name
        self.workers = workers
        limits = SupervisorLimits()
        inherited = InheritedDescriptors()
        onReady = {}
        willDrain = {}
        didHandOver = {}
        self.log = log
        self.worker = worker
    }

    /// How many slots a tree has that starts with so many workers: as many again for the overlap of a reload, one more
    /// for that of a tree that has grown into those, and the responder's.
    public static func slotCount(workers: Int) -> Int {
        2 * max(1, workers) + 2
    }
}

/// What a reload changes.
public struct SupervisorReload {
    /// Workers to keep.
    public var workers: Int
    /// The times that are granted.
    public var limits: SupervisorLimits
    /// What its workers keep open.
    public var inherited: [CInt]
    /// A worker.
    public var worker: SupervisorConfiguration.Body

    /// Gathers the values.
    public init(
        workers: Int, limits: SupervisorLimits, inherited: [CInt], worker: @escaping SupervisorConfiguration.Body
    ) {
        self.workers = workers
        self.limits = limits
        self.inherited = inherited
        self.worker = worker
    }
}
