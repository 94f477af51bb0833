// The options of command line and configuration file together, checked.
import BaseHTTPServer
import Foundation
import PreforkHTTPServer
import Yams

/// A mistake in the options: one line that names the option and what it may be.
struct OptionError: Error, CustomStringConvertible {
    let description: String
    /// 64 on the command line, 78 in the configuration file.
    let exitStatus: Int32

    init(description: String, exitStatus: Int32) {
        self.description = description
        self.exitStatus = exitStatus
    }

    /// A value that cannot be.
    init(_ option: String, mustBe what: String) {
        self.init(description: "\(option) must be \(what)", exitStatus: 64)
    }
}

/// What the server is asked to be. The configuration file has the names of the command line; the command line wins.
struct ServerOptions: Decodable {
    private var port: Int?
    private var directory: String?
    private var `protocol`: String?
    private var bodyLimit: NumberOrWord?
    private var workers: NumberOrWord?
    private var workerConnections: Int?
    /// Decoded apart: their names stand beside these in the file.
    private var listening = ListenOptions()
    private var log = LogOptions()
    private var summaries = SummaryOptions()
    private var files = FileOptions()
    private var scripts = ScriptOptions()
    private var timeLimits = TimeLimitOptions()
    private var processes = ProcessOptions()
    private var status = StatusOptions()
    private var supervision = SupervisionOptions()
    private var lifecycle = LifecycleOptions()

    enum CodingKeys: String, CodingKey, CaseIterable {
        case port, directory, `protocol`, workers
        case bodyLimit = "body-limit"
        case workerConnections = "worker-connections"
    }

    init(commandLine: Basehttpd) throws {
        if let path = commandLine.config {
            self = try Self.read(path)
            do {
                // A bad value of the file is the file's, whatever the command line says.
                _ = try preforkConfiguration()
            } catch let error as OptionError {
                throw OptionError(description: "\(path): \(error.description)", exitStatus: 78)
            }
        }
        port = commandLine.port ?? port
        directory = commandLine.directory ?? directory
        `protocol` = commandLine.protocol ?? `protocol`
        bodyLimit = commandLine.bodyLimit.map(NumberOrWord.init) ?? bodyLimit
        workers = commandLine.workers.map(NumberOrWord.init) ?? workers
        workerConnections = commandLine.workerConnections ?? workerConnections
        listening.override(by: commandLine.listening)
        log.override(by: commandLine.log)
        summaries.override(by: commandLine.summaries)
        files.override(by: commandLine.files)
        scripts.override(by: commandLine.scripts)
        timeLimits.override(by: commandLine.timeLimits)
        processes.override(by: commandLine.processes)
        status.override(by: commandLine.status)
        supervision.override(by: commandLine.supervision)
        lifecycle.override(by: commandLine.lifecycle)
    }

    private init() {}

    private static func read(_ path: String) throws -> ServerOptions {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw OptionError(
                description: "--config: cannot read '\(path)'; name a readable file in UTF-8", exitStatus: 78)
        }
        do {
            guard let node = try Yams.compose(yaml: text) else { return ServerOptions() }
            let known = Set(
                names(of: CodingKeys.self)
                    + names(of: ListenOptions.CodingKeys.self)
                    + names(of: LogOptions.CodingKeys.self)
                    + names(of: SummaryOptions.CodingKeys.self)
                    + names(of: FileOptions.CodingKeys.self)
                    + names(of: ScriptOptions.CodingKeys.self)
                    + names(of: TimeLimitOptions.CodingKeys.self)
                    + names(of: ProcessOptions.CodingKeys.self)
                    + names(of: StatusOptions.CodingKeys.self)
                    + names(of: LifecycleOptions.CodingKeys.self)
                    + names(of: SupervisionOptions.CodingKeys.self))
            for key in node.mapping?.keys.compactMap(\.string) ?? [] where !known.contains(key) {
                let names = known.sorted().joined(separator: ", ")
                throw OptionError(description: "\(path): unknown option '\(key)'; known are \(names)", exitStatus: 78)
            }
            var options = try YAMLDecoder().decode(ServerOptions.self, from: text)
            options.listening = try YAMLDecoder().decode(ListenOptions.self, from: text)
            options.log = try YAMLDecoder().decode(LogOptions.self, from: text)
            options.files = try YAMLDecoder().decode(FileOptions.self, from: text)
            options.scripts = try YAMLDecoder().decode(ScriptOptions.self, from: text)
            options.timeLimits = try YAMLDecoder().decode(TimeLimitOptions.self, from: text)
            options.processes = try YAMLDecoder().decode(ProcessOptions.self, from: text)
            options.status = try YAMLDecoder().decode(StatusOptions.self, from: text)
            options.supervision = try YAMLDecoder().decode(SupervisionOptions.self, from: text)
            options.summaries = try YAMLDecoder().decode(SummaryOptions.self, from: text)
            options.lifecycle = try YAMLDecoder().decode(LifecycleOptions.self, from: text)
            return options
        } catch let error as OptionError {
            throw error
        } catch {
            throw OptionError(description: "\(path): not a valid configuration: \(Self.reason(error))", exitStatus: 78)
        }
    }

    private static func names<Keys: CaseIterable & RawRepresentable<String>>(of keys: Keys.Type) -> [String] {
        keys.allCases.map(\.rawValue)
    }

    private static func reason(_ error: any Error) -> String {
        if case DecodingError.typeMismatch(_, let context) = error {
            let option = context.codingPath.map(\.stringValue).joined(separator: ".")
            return "'\(option)' has a value of the wrong kind"
        }
        return "\(error)".split(separator: "\n").first.map(String.init) ?? "\(error)"
    }

    /// The handler class for the protocol asked for.
    var handler: BaseHTTPRequestHandler.Type {
        switch (scripts.areRun, `protocol` == "HTTP/1.0") {
        case (false, false): FileHandler.self
        case (false, true): FileHandler10.self
        case (true, false): ScriptHandler.self
        case (true, true): ScriptHandler10.self
        }
    }

    /// - Throws: ``OptionError`` for the first option that cannot be.
    func preforkConfiguration() throws -> PreforkConfiguration {
        var configuration = PreforkConfiguration(port: port ?? 8000, workers: try workerCount())
        try require((0...65_535).contains(configuration.port), "port", "a number from 0 to 65535")
        try require(["HTTP/1.0", "HTTP/1.1"].contains(`protocol` ?? "HTTP/1.1"), "protocol", "HTTP/1.1 or HTTP/1.0")
        try listening.apply(to: &configuration)
        configuration.server.directory = directory ?? "."
        try files.apply(to: &configuration.server)
        try scripts.apply(to: &configuration.server)
        try timeLimits.apply(to: &configuration.server)
        try supervision.apply(to: &configuration.supervision)
        try processes.apply(to: &configuration, runsScripts: scripts.areRun)
        if let bodyLimit {
            configuration.server.limits.bodyBytes = UInt64(
                try Amount.bytes(bodyLimit.text, "body-limit", 0...1 << 40, "0 to 1024G"))
        }
        try log.apply(to: &configuration)
        try status.apply(to: &configuration.server, hasAccessLog: configuration.accessLog != nil)
        if let workerConnections {
            try require((1...65_536).contains(workerConnections), "worker-connections", "a number from 1 to 65536")
            configuration.server.connectionLimit = workerConnections
            // One connection a process: an idle one must not keep the others out.
            if workerConnections == 1 { configuration.server.idleTimeoutSeconds = 1 }
        }
        try summaries.apply(to: &configuration)
        try lifecycle.apply(to: &configuration)
        return configuration
    }

    private func workerCount() throws -> Int? {
        guard let workers, workers.text != "auto" else { return nil }
        guard let count = Int(workers.text), (1...255).contains(count) else {
            throw OptionError("workers", mustBe: "a number from 1 to 255, or auto")
        }
        return count
    }

    private func require(_ condition: Bool, _ option: String, _ what: String) throws {
        if !condition { throw OptionError(option, mustBe: what) }
    }
}

/// A YAML value that is a number or a word.
struct NumberOrWord: Decodable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    init(from decoder: any Decoder) throws {
        text = try String(from: decoder)
    }
}
