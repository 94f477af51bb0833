// A worker's life: its end of the log, its server on the shared sockets, and what signals mean to it.
internal import AccessLog
internal import BaseHTTPServer
internal import LinuxSyscalls
internal import Logging
internal import Supervisor

/// The work of a worker process, made in the master: a child that copied the whole configuration would copy the memory,
/// too, in which its parts are counted.
final class Worker {
    private let configuration: PreforkConfiguration
    private let handler: BaseHTTPRequestHandler.Type
    private let serverName: String
    private let listeners: [Listener]
    private let inheritance: Inheritance?
    private let log: LogRing?
    private let sandbox: SandboxRules

    init(
        _ configuration: PreforkConfiguration, _ handler: BaseHTTPRequestHandler.Type, _ serverName: String,
        _ listeners: [Listener], _ inheritance: Inheritance?, _ log: LogRing?, _ sandbox: SandboxRules
    ) {
        self.configuration = configuration
        self.handler = handler
        self.serverName = serverName
        self.listeners = listeners
        self.inheritance = inheritance
        self.log = log
        self.sandbox = sandbox
    }

    /// Serves until a signal says to stop. Answers the exit status.
    func run(_ context: ChildContext) -> Int32 {
        serve(context) { server in
            server.requestLimit = configuration.supervision.requestLimit(
                slot: context.slot ?? 0, generation: context.generation)
            server.requestLimitReached = { context.askForReplacement() }
            try configuration.workerDidStart?(server)
        }
    }

    /// The same for the responder, which runs no code of a user.
    func answerUnavailable(_ context: ChildContext) -> Int32 {
        serve(context) { _ in }
    }

    private func serve(_ context: ChildContext, _ prepare: (HTTPServer) throws -> Void) -> Int32 {
        do {
            try checkPlaces()
            let sink = try log?.sink(
                slot: context.slot ?? 0, generation: context.generation, tree: inheritance?.tree ?? 0)
            // No code of the handler's maker runs unconfined.
            try sandbox.enforceForWorker()
            let server = try HTTPServer(
                listeners: listeners, name: serverName, handler: handler, sink: sink,
                sharesListeners: configuration.workers > 1)
            server.configuration = serverConfiguration(slot: context.slot ?? 0)
            server.allowsHTTP09 = configuration.allowsHTTP09
            // Before any code of the user: a handler of signals that it installs comes before this one.
            try server.installCrashHandler(memory: sink?.producer.crashMemory)
            server.watch(context.signals.rawValue) { [self] in obey(context, server) }
            if let gate = context.gate, let privateListener = inheritance?.privateListener {
                // In an upgrade, nobody but the old master asks this server until that has handed over.
                server.accept(from: [privateListener], until: gate)
                inheritance?.privateListener = nil
            }
            try prepare(server)
            context.reportReady()
            try server.serveForever()
            return 0
        } catch {
            configuration.logger.error("\(context.role.description): \(error)")
            return (error as? ServerError)?.exitStatus ?? (error as? PreforkError)?.exitStatus ?? 70
        }
    }

    /// Looks whether a worker of another user, or in another root directory, can open what it will need.
    private func checkPlaces() throws {
        let confinement = configuration.confinement
        guard confinement.user != nil || confinement.rootDirectory != nil else { return }
        try configuration.checkDirectory(inRoot: nil)
        try configuration.checkTemporaryDirectory(inRoot: nil)
    }

    /// The log and what belongs to it are never served. With another root directory it cannot even be named.
    private func serverConfiguration(slot: Int) -> ServerConfiguration {
        var server = configuration.server
        if let total = configuration.connectionLimit {
            // Shares add up to the total, so nobody need count over all workers.
            let workers = configuration.workers
            let share = total / workers + (slot % workers < total % workers ? 1 : 0)
            server.connectionLimit = max(1, min(server.connectionLimit, share))
        }
        server.guardedPath = configuration.accessLog ?? server.guardedPath
        if configuration.confinement.rootDirectory != nil { server.guardedPath = nil }
        return server
    }

    private func obey(_ context: ChildContext, _ server: HTTPServer) {
        while let signal = try? context.signals.next() {
            switch signal {
            case .terminate, .interrupt: server.shutdown()
            case .quit: server.drain()
            default: break
            }
        }
    }
}
