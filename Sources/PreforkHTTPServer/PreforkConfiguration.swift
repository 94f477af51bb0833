// What a tree of workers is to be: addresses, workers, limits, access log.
public import BaseHTTPServer
public import Logging

/// A production server: where it listens, how many workers it keeps, and where its access log lies.
public struct PreforkConfiguration {
    /// Where to listen: a name or an address, perhaps with a port of its own (`127.0.0.1:8000`, `[::1]:8000`); `:8000`
    /// or empty for all interfaces; `unix:/PATH` or `unix:@NAME` for a Unix socket. `::` takes IPv4 clients as well,
    /// unless an IPv4 address with the same port stands beside it.
    public var hosts: [String]
    /// The port of those without one; 0 picks a free one for each.
    public var port: Int
    /// Connections the kernel holds until they are accepted; nil for ``TCPServer/requestQueueSize``.
    public var backlog: Int?
    /// The permissions of the files of Unix sockets: who may write may connect.
    public var socketPermissions: UInt16 = 0o660
    /// Who gets these files, by name or number: `USER`, `USER:GROUP` or `:GROUP`; nil for whoever starts the server.
    public var socketOwner: String?
    /// Worker processes.
    public var workers: Int
    /// Connections open at a time in all workers together: each has its share of them, and the rest wait in the
    /// kernel's queue. A worker that TTIN adds, or that ends while its successor serves, has its share on top. Nil
    /// leaves ``ServerConfiguration/connectionLimit`` of each worker as the only limit.
    public var connectionLimit: Int?
    /// The access log: a SQLite database, made if it is missing; nil logs to standard error in the format of Python's
    /// module.
    public var accessLog: String?
    /// Whether a commit waits until the disk has it (SQLite's `synchronous=FULL`), so that rows survive a loss of
    /// power.
    public var logSurvivesPowerLoss = false
    /// Bytes of each worker's log ring, rounded up to a power of two; nil for 16 MiB, less when there are many workers.
    public var logRingBytes: Int?
    /// Seconds after which rows of the log are removed; nil keeps them as long as ``logMaximumBytes`` allows.
    public var logRetentionSeconds: Int?
    /// Seconds after which summaries of minutes are removed; they outlive the rows. nil keeps them. By default 60 days.
    public var logMinutesRetentionSeconds: Int? = 60 * 86_400
    /// Likewise of hours, by default 2 years. Summaries of days are kept.
    public var logHoursRetentionSeconds: Int? = 730 * 86_400
    /// Bytes of disk that the log may take; then its oldest rows are removed. nil: any number. By default 4 GiB, some
    /// 40 million requests: a server that nobody looks after must not fill its disk.
    public var logMaximumBytes: Int? = 4 << 30
    /// Limits and time limits of each worker, and the directory to serve.
    public var server = ServerConfiguration()
    /// As whom the log writer and the workers run, and what they are kept from.
    public var confinement = Confinement()
    /// A file that holds the number of the master while it runs, and refuses a second server; nil for none.
    public var pidFile: String?
    /// The name of the processes in `ps` and `top`; workers append `-w0`, `-w1`, …, the log writer `-log`.
    public var name = "basehttpd"
    /// Whether requests without a version (HTTP/0.9) are answered.
    public var allowsHTTP09 = false
    /// When workers are replaced, and how long they may take to start.
    public var supervision = SupervisionConfiguration()
    /// Seconds from USR2 to the first answer of the new program; then it is killed and this one goes on.
    public var upgradeTimeoutSeconds = 10.0
    /// What the new program is asked for with GET before it gets any client; an answer below 500 is well.
    public var upgradeProbePath = "/"
    /// Diagnostics of the server itself, never of requests.
    public var logger: Logger
    /// Runs in each worker after the fork, before it accepts: the place to open connections of your own, or to start
    /// threads.
    public var workerDidStart: ((HTTPServer) throws -> Void)?
    /// Runs in the master once, when the first worker accepts.
    public var didStart: ((StartedServer) -> Void)?

    /// Reads the configuration anew, at HUP, in the master: what it returns replaces this one in the workers, one after
    /// the other. What it throws is one line of diagnostics, and everything stays as it is. Without it, HUP replaces
    /// the workers by others with this configuration.
    public var reload: (() throws -> ReloadedConfiguration)?

    /// A server on the loopback interface; the rest are properties.
    ///
    /// - Parameters:
    ///   - port: 0 picks a free one.
    ///   - workers: processes; nil for one a processor that this process may use.
    public init(port: Int = 8000, workers: Int? = nil) {
        hosts = ["127.0.0.1"]
        self.port = port
        self.workers = workers ?? Self.availableProcessors
        var logger = Logger(label: "basehttpd", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .notice
        self.logger = logger
    }
}

/// What a server says of itself when it serves.
public struct StartedServer: Sendable {
    /// Where it listens, in the order of ``PreforkConfiguration/hosts``, or in that of the sockets handed over; for a
    /// Unix socket `unix:/PATH` and 0.
    public let addresses: [(host: String, port: Int)]
    /// The access log; nil when there is none.
    public let accessLog: String?

    /// `http://127.0.0.1:8000/` for an address; `unix:/PATH` as it is.
    public static func url(_ address: (host: String, port: Int)) -> String {
        if address.host.hasPrefix("unix:") { return address.host }
        // The interface of a link-local address has its percent sign encoded (RFC 6874).
        let host = address.host.split(separator: "%").joined(separator: "%25")
        return host.contains(":")
            ? "http://[\(host)]:\(address.port)/" : "http://\(host):\(address.port)/"
    }
}

/// What ``PreforkConfiguration/reload`` returns.
public struct ReloadedConfiguration {
    /// The new configuration.
    public var configuration: PreforkConfiguration
    /// The class that handles requests from now on; nil for the one there is.
    public var handler: BaseHTTPRequestHandler.Type?

    /// A new configuration, with another handler or the same.
    public init(_ configuration: PreforkConfiguration, handler: BaseHTTPRequestHandler.Type? = nil) {
        self.configuration = configuration
        self.handler = handler
    }
}
