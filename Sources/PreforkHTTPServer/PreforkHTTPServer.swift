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
    private let directory: String
    private let inheritance: Inheritance?
    private let launch: UpgradeLaunch

    /// Binds and listens; or takes over the sockets that a service manager hands over to this process, in place of
    /// ``PreforkConfiguration/hosts`` (systemd's socket activation, sd_listen_fds(3)). The variables that tell of them
    /// are taken out of the environment.
    ///
    /// - Throws: ``ServerError`` when an address cannot be had or the directory cannot be served.
    public init(_ configuration: PreforkConfiguration, handler: BaseHTTPRequestHandler.Type) throws(ServerError) {
        self.configuration = configuration
        self.handler = handler
        directory = try Self.checkDirectory(configuration.server.directory)
        inheritance = try Inheritance.take()
        if let inheritance {
            listeners = inheritance.listeners
        } else if let activated = try Binding.activated() {
            listeners = activated
        } else {
            listeners = try Self.bind(configuration)
        }
        launch = UpgradeLaunch(listeners, probePath: configuration.upgradeProbePath)
    }

    private static func bind(_ configuration: PreforkConfiguration) throws(ServerError) -> [Listener] {
        var listeners: [Listener] = []
        for host in configuration.hosts {
            listeners += try Binding.listen(
                host: host, port: configuration.port, backlog: HTTPServer.requestQueueSize,
                reuseAddress: HTTPServer.allowReuseAddress,
                // A connection comes to a worker with its first bytes, so a short one never needs a place in epoll.
                deferAcceptSeconds: 1)
        }
        return listeners
    }

    private static func checkDirectory(_ path: String) throws(ServerError) -> String {
        do throws(Errno) {
            _ = try Directory(FilePath(path))
        } catch {
            throw .directory(path, reason: "\(error)")
        }
        return path
    }

    /// Where it listens, in the order of ``PreforkConfiguration/hosts``, or in that of the sockets handed over.
    public var addresses: [(host: String, port: Int)] {
        listeners.map { Binding.address(of: [$0], or: ("", configuration.port)) }
    }

    /// What an upgrade is made of, on both of its sides.
    private func prepareUpgrades(_ supervisor: inout SupervisorConfiguration) throws(PreforkError) {
        var upgrade = launch.configuration
        upgrade.limitNs = Int64(configuration.upgradeTimeoutSeconds * 1e9)
        supervisor.upgrade = upgrade
        guard let inheritance, let privateListener = inheritance.privateListener else { return }
        do throws(Errno) {
            supervisor.succession = try Succession(
                channel: Descriptor(owning: Inheritance.channel), privateSocket: privateListener.socket.rawValue,
                didOpen: { inheritance.privateListener = nil })
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
        CurrentProcess.raiseDescriptorLimit()
        let log = try LogRing(configuration)
        let logger = configuration.logger
        var supervisor = SupervisorConfiguration(
            name: configuration.name, workers: configuration.workers, log: { logger.notice("\($0)") },
            worker: { [self] context in
                Worker(configuration, handler, listeners, inheritance, log).run(context)
            })
        supervisor.limits.drainNs = Int64(configuration.server.drainTimeoutSeconds * 1e9)
        supervisor.inherited.worker = listeners.map { $0.socket.rawValue } + (log?.descriptors ?? [])
        if let log {
            supervisor.inherited.logWriter = log.descriptors
            supervisor.slots = log
            supervisor.logWriter = { [self] context in
                log.write(context, configuration, succeedsWriter: inheritance != nil)
            }
        }
        try prepareUpgrades(&supervisor)
        let started = StartedServer(addresses: addresses, accessLog: configuration.accessLog)
        supervisor.onReady = { [configuration] in configuration.didStart?(started) }
        supervisor.willDrain = { [listeners] in
            // Where the kernel refuses, clients in the queues are reset, as with any server that stops.
            for listener in listeners { try? listener.socket.refuseConnections() }
        }
        do throws(Errno) {
            return try ProcessSupervisor(supervisor).run()
        } catch {
            throw .supervision("\(error)")
        }
    }
}
