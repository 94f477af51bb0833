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
    private let directory: String

    /// Binds and listens; or takes over the sockets that a service manager hands over to this process, in place of
    /// ``PreforkConfiguration/hosts`` (systemd's socket activation, sd_listen_fds(3)). The variables that tell of them
    /// are taken out of the environment.
    ///
    /// - Throws: ``ServerError`` when an address cannot be had or the directory cannot be served.
    public init(_ configuration: PreforkConfiguration, handler: BaseHTTPRequestHandler.Type) throws(ServerError) {
        self.configuration = configuration
        self.handler = handler
        directory = try Self.checkDirectory(configuration.server.directory)
        if let inherited = try Binding.activated() {
            listeners = inherited
            serverName = ""
        } else {
            listeners = try Self.bind(configuration)
            serverName =
                try configuration.hosts.first.map { host throws(ServerError) in
                    try ListenAddress(host, port: configuration.port).serverName
                } ?? ""
        }
    }

    private static func bind(_ configuration: PreforkConfiguration) throws(ServerError) -> [Listener] {
        var options = BindingOptions(
            backlog: configuration.backlog ?? HTTPServer.requestQueueSize, reuseAddress: HTTPServer.allowReuseAddress)
        // A connection comes to a worker with its first bytes, so a short one never needs a place in epoll.
        options.deferAcceptSeconds = 1
        options.socketRights.permissions = FilePermissions(rawValue: CModeT(configuration.socketPermissions))
        return try Binding.listen(configuration.hosts, port: configuration.port, options)
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
        listeners.map { Binding.address(of: $0, or: ("", configuration.port)) }
    }

    /// Forks the log writer and the workers, keeps them alive, and returns when a signal has ended them: TERM and INT
    /// at once, QUIT when the requests in flight are answered. TTIN and TTOU add and remove a worker.
    ///
    /// - Returns: 0, or the exit status that says why the server cannot run (sysexits).
    /// - Throws: ``PreforkError`` when the log cannot be written or the kernel refuses the means to supervise.
    @discardableResult
    public func run() throws(PreforkError) -> Int32 {
        CurrentProcess.raiseDescriptorLimit()
        // In the master alone: its children end without coming back here.
        defer { for listener in listeners { listener.socket.file?.remove() } }
        let log = try LogRing(configuration)
        let logger = configuration.logger
        var supervisor = SupervisorConfiguration(
            name: configuration.name, workers: configuration.workers, log: { logger.notice("\($0)") },
            worker: { [self] context in Worker(configuration, handler, serverName, listeners, log).run(context) })
        supervisor.limits.drainNs = Int64(configuration.server.drainTimeoutSeconds * 1e9)
        supervisor.inherited.worker = listeners.map { $0.socket.rawValue } + (log?.descriptors ?? [])
        if let log {
            supervisor.inherited.logWriter = log.descriptors
            supervisor.slots = log
            supervisor.logWriter = { [self] context in log.write(context, configuration) }
        }
        let started = StartedServer(addresses: addresses, accessLog: configuration.accessLog)
        supervisor.onReady = { [configuration] in configuration.didStart?(started) }
        do throws(Errno) {
            return try ProcessSupervisor(supervisor).run()
        } catch {
            throw .supervision("\(error)")
        }
    }
}
