// What a tree of workers is to be: addresses, workers, limits, access log.
public import BaseHTTPServer
public import Logging

/// A production server: where it listens, how many workers it keeps, and where its access log lies.
public struct PreforkConfiguration {
    /// Addresses to listen on: a name or an address, empty for all interfaces.
    public var hosts: [String]
    /// The port for all of them; 0 picks a free one for each.
    public var port: Int
    /// Worker processes.
    public var workers: Int
    /// The access log: a SQLite database, made if it is missing; nil logs to standard error in the format of Python's
    /// module.
    public var accessLog: String?
    /// Whether a commit waits until the disk has it (SQLite's `synchronous=FULL`), so that rows survive a loss of
    /// power.
    public var logSurvivesPowerLoss = false
    /// Bytes of each worker's log ring, rounded up to a power of two; nil for 16 MiB, less when there are many workers.
    public var logRingBytes: Int?
    /// Limits and time limits of each worker, and the directory to serve.
    public var server = ServerConfiguration()
    /// The name of the processes in `ps` and `top`; workers append `-w0`, `-w1`, …, the log writer `-log`.
    public var name = "basehttpd"
    /// Whether requests without a version (HTTP/0.9) are answered.
    public var allowsHTTP09 = false
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
    /// Where it listens, in the order of ``PreforkConfiguration/hosts``, or in that of the sockets handed over.
    public let addresses: [(host: String, port: Int)]
    /// The access log; nil when there is none.
    public let accessLog: String?

    /// `http://127.0.0.1:8000/` for an address.
    public static func url(_ address: (host: String, port: Int)) -> String {
        address.host.contains(":")
            ? "http://[\(address.host)]:\(address.port)/" : "http://\(address.host):\(address.port)/"
    }
}
