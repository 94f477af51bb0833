// A worker's life: its end of the log, its server on the shared sockets, and what signals mean to it.
internal import AccessLog
internal import BaseHTTPServer
internal import LinuxSyscalls
internal import Logging
internal import Supervisor

/// The work of a worker process.
struct Worker {
    private let configuration: PreforkConfiguration
    private let handler: BaseHTTPRequestHandler.Type
    private let listeners: [Listener]
    private let inheritance: Inheritance?
    private let log: LogRing?

    init(
        _ configuration: PreforkConfiguration, _ handler: BaseHTTPRequestHandler.Type, _ listeners: [Listener],
        _ inheritance: Inheritance?, _ log: LogRing?
    ) {
        self.configuration = configuration
        self.handler = handler
        self.listeners = listeners
        self.inheritance = inheritance
        self.log = log
    }

    /// Serves until a signal says to stop. Answers the exit status.
    func run(_ context: ChildContext) -> Int32 {
        do {
            let sink = try log?.sink(slot: context.slot ?? 0, generation: context.generation)
            let server = try HTTPServer(
                listeners: listeners, name: configuration.hosts.first ?? "", handler: handler, sink: sink,
                sharesListeners: configuration.workers > 1)
            server.configuration = serverConfiguration
            server.allowsHTTP09 = configuration.allowsHTTP09
            server.watch(context.signals.rawValue) { obey(context, server) }
            if let gate = context.gate, let privateListener = inheritance?.privateListener {
                // In an upgrade, nobody but the old master asks this server until that has handed over.
                server.accept(from: [privateListener], until: gate)
                inheritance?.privateListener = nil
            }
            try configuration.workerDidStart?(server)
            context.reportReady()
            try server.serveForever()
            return 0
        } catch {
            configuration.logger.error("worker \(context.slot ?? 0): \(error)")
            return 70
        }
    }

    /// The log and what belongs to it are never served.
    private var serverConfiguration: ServerConfiguration {
        var server = configuration.server
        server.guardedPath = configuration.accessLog ?? server.guardedPath
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
