// Plugs the layers together: sockets, rings and roles, handed to the supervisor.
internal import AccessLog
public import BaseHTTPServer
internal import LinuxSyscalls
internal import LogStore
internal import Logging
internal import Supervisor
internal import SystemPackage

/// Serves HTTP with worker processes under a supervising master, and logs to SQLite.
///
/// ```swift
/// var configuration = PreforkConfiguration(port: 8000, workers: 4)
/// configuration.accessLog = "access.db"
/// try PreforkHTTPServer(configuration, handler: Hello.self).run()
/// ```
///
/// The process that calls ``run()`` becomes the master: it must have started no thread before (no `Task`, no Dispatch),
/// since what was started before a fork does not run after it.
public final class PreforkHTTPServer {
    private let configuration: PreforkConfiguration
    private let handler: BaseHTTPRequestHandler.Type
    private let listeners: [Listener]
    private let serverName: String
    private let inheritance: Inheritance?
    private let launch: UpgradeLaunch
    private var hasHandedOver = false
    private var pidFile: PidFile?

    /// Binds and listens; or takes over the sockets that a service manager hands over to this process, in place of
    /// ``PreforkConfiguration/hosts`` (systemd's socket activation, sd_listen_fds(3)). The variables that tell of them
    /// are taken out of the environment.
    ///
    /// - Throws: ``ServerError`` when an address cannot be had or the directory cannot be served.
    public init(_ configuration: PreforkConfiguration, handler: BaseHTTPRequestHandler.Type) throws(ServerError) {
        self.configuration = configuration
        self.handler = handler
        try configuration.checkDirectory(inRoot: configuration.confinement.rootDirectory)
        inheritance = try Inheritance.take()
        if let inheritance {
            listeners = inheritance.listeners
            serverName = ""
        } else if let activated = try Binding.activated() {
            listeners = activated
            serverName = ""
        } else {
            listeners = try Self.bind(configuration)
            serverName =
                try configuration.hosts.first.map { host throws(ServerError) in
                    try ListenAddress(host, port: configuration.port).serverName
                } ?? ""
        }
        launch = UpgradeLaunch(
            listeners, probePath: configuration.upgradeProbePath, tree: inheritance?.tree ?? 0)
    }

    private static func bind(_ configuration: PreforkConfiguration) throws(ServerError) -> [Listener] {
        var options = BindingOptions(
            backlog: configuration.backlog ?? HTTPServer.requestQueueSize, reuseAddress: HTTPServer.allowReuseAddress)
        // A connection comes to a worker with its first bytes, so a short one never needs a place in epoll.
        options.deferAcceptSeconds = 1
        options.socketRights.permissions = FilePermissions(rawValue: CModeT(configuration.socketPermissions))
        if let owner = configuration.socketOwner {
            let owner = try SocketOwner(owner)
            (options.socketRights.user, options.socketRights.group) = (owner.user, owner.group)
        }
        return try Binding.listen(configuration.hosts, port: configuration.port, options)
    }

    /// Where it listens, in the order of ``PreforkConfiguration/hosts``, or in that of the sockets handed over.
    public var addresses: [(host: String, port: Int)] {
        listeners.map { Binding.address(of: $0, or: ("", configuration.port)) }
    }

    /// The files of Unix sockets go with the tree that serves from them last: not before an upgrade has opened to this
    /// one, and no more after one has.
    private func removeSocketFiles() {
        guard !hasHandedOver, inheritance?.privateListener == nil else { return }
        for listener in listeners { listener.socket.file?.remove() }
    }

    /// What an upgrade is made of, on both of its sides.
    private func prepareUpgrades(_ supervisor: inout SupervisorConfiguration) throws(PreforkError) {
        var upgrade = launch.configuration
        upgrade.willHandOver = { [manager = supervisor.serviceManager] in manager?.handOver(to: $0) }
        upgrade.limitNs = Int64(configuration.upgradeTimeoutSeconds * 1e9)
        supervisor.upgrade = upgrade
        guard let inheritance, let privateListener = inheritance.privateListener else { return }
        do throws(Errno) {
            supervisor.succession = try Succession(
                channel: Descriptor(owning: Inheritance.channel), privateSocket: privateListener.socket.rawValue,
                didOpen: { [self] in
                    inheritance.privateListener = nil
                    takeOverPidFile()
                })
        } catch {
            throw .supervision("\(error)")
        }
    }

    /// Forks the log writer and the workers, keeps them alive, and returns when a signal has ended them: TERM and INT
    /// at once, QUIT when the requests in flight are answered. TTIN and TTOU add and remove a worker. USR2 starts the
    /// program anew beside this one, and hands over to it when it answers.
    ///
    /// - Returns: 0, or the exit status that says why the server cannot run (sysexits).
    /// - Throws: ``PreforkError`` when the log cannot be written or the kernel refuses the means to supervise.
    @discardableResult
    public func run() throws(PreforkError) -> Int32 {
        let rights = try ChildRights(configuration.confinement)
        let sandbox = try SandboxRules(configuration)
        try configuration.checkLogOutsideRoot()
        if let mask = configuration.confinement.fileModeMask { CurrentProcess.setFileModeMask(mask) }
        // In an upgrade the old master keeps its file until it hands over.
        if inheritance == nil { try takePidFile() }
        defer { pidFile?.remove() }
        CurrentProcess.raiseDescriptorLimit()
        Rehearsal.run()
        // In the master alone: its children end without coming back here.
        defer { removeSocketFiles() }
        if let path = configuration.accessLog { try rights.makeLogDirectory(of: FilePath(path)) }
        let log = try rights.asUser { () throws(PreforkError) in try LogRing(configuration) }
        let logger = configuration.logger
        for warning in rights.warnings + sandbox.warnings { logger.warning("\(warning)") }
        let worker = Worker(configuration, handler, serverName, listeners, inheritance, log, sandbox)
        var supervisor = SupervisorConfiguration(
            name: configuration.name, workers: configuration.workers, log: { logger.notice("\($0)") },
            worker: { worker.run($0) })
        supervisor.giveUpRights = { role in try rights.giveUp(role) }
        supervisor.limits = limits(configuration)
        supervisor.inherited.worker = inherited(log, sandbox)
        let responder = Worker(configuration, Responder.self, serverName, listeners, inheritance, log, sandbox)
        supervisor.responder = { responder.answerUnavailable($0) }
        if let log {
            supervisor.inherited.logWriter = log.descriptors
            supervisor.slots = log
            supervisor.logWriter = { [self] context in
                log.write(context, configuration, sandbox, succeedsWriter: inheritance != nil)
            }
        }
        supervisor.serviceManager = ServiceManager { logger.notice("\($0)") }
        supervisor.reload = { [self, manager = supervisor.serviceManager] in
            manager?.reloading()
            defer { manager?.ready() }
            return reload(log)
        }
        try prepareUpgrades(&supervisor)
        let started = StartedServer(addresses: addresses, accessLog: configuration.accessLog)
        supervisor.onReady = { [configuration] in configuration.didStart?(started) }
        supervisor.didHandOver = { [self] in hasHandedOver = true }
        supervisor.willDrain = { [self] in
            // Where the kernel refuses, clients in the queues are reset, as with any server that stops.
            for listener in listeners { try? listener.socket.refuseConnections() }
            // Nobody new finds a Unix socket without its file.
            removeSocketFiles()
        }
        do throws(Errno) {
            return try ProcessSupervisor(supervisor).run()
        } catch {
            throw .supervision("\(error)")
        }
    }

    /// What a worker keeps open.
    private func inherited(_ log: LogRing?, _ sandbox: SandboxRules) -> [CInt] {
        listeners.map { $0.socket.rawValue } + (log?.descriptors ?? []) + sandbox.descriptors
    }

    private func limits(_ configuration: PreforkConfiguration) -> SupervisorLimits {
        var limits = SupervisorLimits()
        limits.drainNs = Int64(configuration.server.drainTimeoutSeconds * 1e9)
        configuration.supervision.apply(to: &limits)
        // A request may set limits of its own, so there is always something to look at; and a limit that is seen before
        // half of it is over is met to the millisecond.
        let seconds = configuration.server.requestTimeoutSeconds
        let halfNs = seconds > 0 ? Int64(seconds / 2 * 1e9) : limits.tickNs
        limits.requestLookNs = configuration.accessLog == nil ? nil : min(limits.tickNs, max(1_000_000, halfNs))
        return limits
    }

    /// Reads the configuration anew and checks it; nil when it cannot be, which was said.
    private func reload(_ log: LogRing?) -> SupervisorReload? {
        do {
            let read = try configuration.reload?() ?? ReloadedConfiguration(configuration)
            var fresh = read.configuration
            fresh.keepWhatOnlyARestartChanges(of: configuration)
            try fresh.checkDirectory(inRoot: fresh.confinement.rootDirectory)
            let sandbox = try SandboxRules(fresh)
            let worker = Worker(fresh, read.handler ?? handler, serverName, listeners, inheritance, log, sandbox)
            return SupervisorReload(
                workers: fresh.workers, limits: limits(fresh), inherited: inherited(log, sandbox)
            ) { worker.run($0) }
        } catch {
            configuration.logger.error("the new configuration cannot be: \(error)")
            return nil
        }
    }

    private func takePidFile() throws(PreforkError) {
        guard let path = configuration.pidFile else { return }
        do throws(PidFileError) {
            // The old master of an upgrade has started this one.
            let predecessor = inheritance == nil ? nil : CurrentProcess.parentProcessID
            pidFile = try PidFile(FilePath(path), successorOf: predecessor)
        } catch {
            throw PreforkError(error)
        }
    }

    private func takeOverPidFile() {
        do throws(PreforkError) { try takePidFile() } catch { configuration.logger.warning("\(error)") }
    }
}
