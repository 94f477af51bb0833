// A basehttpd of this build that serves a generated site, with its log in the same temporary directory.
public import LinuxSyscalls
public import SystemPackage
internal import Testing

/// A server that runs, and what it writes.
public final class Daemon {
    /// The program, or the program that runs it.
    public let program: RunningProgram
    /// Where it serves, on 127.0.0.1.
    public let port: UInt16
    /// Its log.
    public let database: FilePath
    /// The number of the master; not that of the program when that one only runs it.
    public let masterID: Int32

    /// Starts the server on a free port and waits until it accepts.
    ///
    /// - Parameters:
    ///   - directory: holds the served tree `site`.
    ///   - database: beneath the directory.
    ///   - port: another than 0 is that of a server before it.
    ///   - wrapper: a program and its arguments that runs the server.
    public init(
        in directory: TemporaryDirectory, database: String = "log/access.db", port: UInt16 = 0,
        _ options: [String] = [], under wrapper: [String] = [], environment: [String: String] = [:]
    ) throws {
        self.database = directory.appending(database)
        let server = [RunningProgram.productsDirectory.appending("basehttpd").string]
        let command =
            wrapper + server + Daemon.arguments(in: directory, database: database, port: port) + options
        program = try RunningProgram(command[0], Array(command.dropFirst()), environment: environment)
        self.port = try program.waitForLine(Daemon.port)
        masterID = Daemon.masterID(of: program)
    }

    /// Starts the server of `handler-fixture`, whose handler does what the tests ask it for.
    ///
    /// - Parameters:
    ///   - database: in the directory, or `none`.
    ///   - port: another than 0 is not waited for: the server may have no worker.
    ///   - options: `key=value`, as the fixture understands them.
    ///   - wrapper: a program and its arguments that runs the server.
    public init(
        fixtureIn directory: TemporaryDirectory, database: String = "access.db", port: UInt16 = 0,
        _ options: [String] = [], under wrapper: [String] = [], environment: [String: String] = [:]
    ) throws {
        self.database = directory.appending(database)
        let server = [RunningProgram.productsDirectory.appending("handler-fixture").string]
        let place = database == "none" ? database : self.database.string
        let command = wrapper + server + [place, "port=\(port)"] + options
        // Printing a backtrace takes a second, in which a worker that crashes is still there.
        program = try RunningProgram(
            command[0], Array(command.dropFirst()),
            environment: ["SWIFT_BACKTRACE": "enable=no"].merging(environment) { $1 })
        self.port = port == 0 ? try program.waitForLine(of: \.standardError, Daemon.port) : port
        masterID = Daemon.masterID(of: program)
    }

    /// A child that was just born has the master's name, and the master for a parent.
    private static func masterID(of program: RunningProgram) -> Int32 {
        let named = program.processes(named: "basehttpd")
        return named.first { process in !named.contains { $0.id == process.parent } }?.id ?? program.processID
    }

    /// The port in the line that says where it serves.
    public static func port(in line: Substring) -> UInt16? {
        line.range(of: "http://127.0.0.1:").flatMap { UInt16(line[$0.upperBound...].prefix { $0.isNumber }) }
    }

    /// What ``init(in:database:port:_:under:environment:)`` starts the program with.
    public static func arguments(in directory: TemporaryDirectory, database: String, port: UInt16) -> [String] {
        [
            "\(port)", "--bind", "127.0.0.1", "--directory", directory.appending("site").string,
            "--log-db", directory.appending(database).string, "--workers", "2",
        ]
    }

    /// A new connection.
    public func connect(timeoutMs: Int = patienceMs) throws -> HTTPClient {
        try HTTPClient(port: port, timeoutMs: timeoutMs)
    }

    /// The workers that run.
    public var workers: [RunningProcess] { program.workers }

    /// The worker of `handler-fixture`.
    public var worker: RunningProcess? {
        program.processes(named: "basehttpd-w0").first
    }

    /// The log writer, two for a moment at most.
    public var logWriters: [RunningProcess] {
        program.processes(named: "basehttpd-log")
    }

    /// Stops it as an operator does and waits until all is written.
    public func stop(_ signal: Signal = .terminate) throws {
        if masterID == program.processID { try program.send(signal) } else { try signal.send(to: masterID) }
        let end = try program.waitForEnd()
        #expect(end == .exited(status: 0), "\(program.standardError)")
    }

    /// Rows of `httpstats query`, without the column names.
    public func query(_ sql: String) throws -> [[String]] {
        try Daemon.query(sql, database)
    }

    /// The only value of the only row as a number.
    public func count(_ sql: String) throws -> Int {
        try query(sql).first?.first.flatMap { Int($0) } ?? -1
    }

    /// Waits until the first row of a query is as wanted; on the way there may be none.
    public func eventually(_ sql: String, _ isWanted: ([String]) -> Bool) -> Bool {
        TestSupport.eventually { (try? query(sql))?.first.map(isWanted) ?? false }
    }

    /// Waits until a count has come so far; a database that is not there yet counts nothing.
    public func eventuallyCounts(_ expected: Int, _ sql: String, timeoutMs: Int = patienceMs) -> Bool {
        TestSupport.eventually(timeoutMs: timeoutMs) { ((try? count(sql)) ?? -1) >= expected }
    }

    /// Rows of `httpstats query`, without the column names.
    public static func query(_ sql: String, _ database: FilePath) throws -> [[String]] {
        try stats(["query", sql, "--limit", "0"], database)
    }

    /// Rows of a report, without the column names; none when the report is empty.
    public static func stats(_ arguments: [String], _ database: FilePath) throws -> [[String]] {
        let finished = try RunningProgram.run(
            "httpstats", arguments + ["--db", database.string, "--format", "csv"])
        guard finished.end == .exited(status: 0) || finished.end == .exited(status: 3) else {
            throw TestFailure("httpstats \(arguments): \(finished.end)\n\(finished.standardError)")
        }
        // No value that the tests ask for holds a comma or a line end.
        return finished.standardOutput.split(whereSeparator: \.isNewline).dropFirst()
            .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }
}

extension RunningProgram {
    /// The workers of a server that have their name.
    public var workers: [RunningProcess] { processes.filter { $0.name.hasPrefix("basehttpd-w") } }

    /// Waits until so many workers serve, and answers them. A server says where it serves when the first does.
    ///
    /// What a worker does before it waits for its first connection, it does without sleeping.
    public func awaitWorkers(_ count: Int) throws -> [RunningProcess] {
        var found: [RunningProcess] = []
        let serve = eventually {
            found = workers
            return found.count == count && found.allSatisfy { $0.state == "S" }
        }
        guard serve else { throw TestFailure("it has no \(count) workers: \(found)", self) }
        return found
    }
}

/// Runs `body` with a server on a directory that `prepare` has filled; prints what the server said when the test fails.
public func withDaemon(
    _ options: [String] = [], prepare: (TemporaryDirectory) throws -> Void = { _ in },
    _ body: (Daemon, TemporaryDirectory) throws -> Void
) throws {
    try withTemporaryDirectory { directory in
        try directory.write("<!doctype html><title>home</title>", to: "site/index.html")
        try prepare(directory)
        let daemon = try Daemon(in: directory, options)
        do {
            try body(daemon, directory)
        } catch {
            print(TestFailure("\(error)", daemon.program))
            throw error
        }
        daemon.program.killAll()
    }
}

/// Runs `body` with the server of `handler-fixture`, then stops it and expects that it ends well.
public func withFixture(
    database: String = "access.db", _ options: [String] = [], environment: [String: String] = [:],
    _ body: (Daemon, TemporaryDirectory) throws -> Void
) throws {
    try withTemporaryDirectory { directory in
        let daemon = try Daemon(fixtureIn: directory, database: database, options, environment: environment)
        try body(daemon, directory)
        if try daemon.program.collect() == nil { try daemon.stop() }
    }
}

extension Substring {
    /// Where a text begins and ends in this one.
    fileprivate func range(of text: String) -> Range<Index>? {
        indices.first { self[$0...].hasPrefix(text) }.map { $0..<index($0, offsetBy: text.count) }
    }
}
