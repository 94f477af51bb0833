// Starts a program of this package for real, listens to what it prints, and leaves no process behind.
internal import Foundation
public import LinuxSyscalls
public import SystemPackage

/// A program that runs in a process group of its own, its output captured.
public final class RunningProgram {
    /// What it was called with, for messages.
    public let commandLine: String
    private let child: ChildProcess
    private let output: Descriptor
    private let errors: Descriptor
    private var end: ProcessEnd?

    /// Starts a program of this package by name, or any program by absolute path.
    ///
    /// - Parameters:
    ///   - environment: set on top of the environment of the test.
    ///   - descriptors: what it inherits as its numbers 3, 4, ….
    public init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], descriptors: [CInt] = []
    ) throws {
        let path = program.hasPrefix("/") ? FilePath(program) : RunningProgram.productsDirectory.appending(program)
        let input = try File.open("/dev/null", .readOnly)
        // Files without a name instead of pipes: nothing blocks when nobody reads, and everything can be read again.
        output = try File.openUnnamed(in: FilePath(FileManager.default.temporaryDirectory.path))
        errors = try File.openUnnamed(in: FilePath(FileManager.default.temporaryDirectory.path))
        var launch = ProgramLaunch(
            path, input: input.rawValue, output: output.rawValue, error: errors.rawValue)
        launch.arguments = arguments.map { Array($0.utf8) }
        launch.environment = Foundation.ProcessInfo.processInfo.environment
            .merging(environment) { $1 }.map { Array("\($0)=\($1)".utf8) }
        launch.inheritedDescriptors = descriptors
        commandLine = ([program] + arguments).joined(separator: " ")
        do {
            child = try launch.start()
        } catch {
            throw TestFailure("\(path): \(error). Build it before the test: swift build --build-tests")
        }
    }

    deinit {
        killAll()
    }

    /// The number of the process, and of its group.
    public var processID: Int32 { child.processID }

    /// What it wrote to standard output so far.
    public var standardOutput: String { text(of: output) }

    /// What it wrote to standard error so far.
    public var standardError: String { text(of: errors) }

    /// Waits for a whole line of standard output, or of standard error, from which `find` makes something.
    public func waitForLine<Value>(
        of stream: KeyPath<RunningProgram, String> = \.standardOutput, timeoutMs: Int = patienceMs,
        _ find: (Substring) -> Value?
    ) throws -> Value {
        var found: Value?
        let happened = try eventually(timeoutMs: timeoutMs) {
            let lines = self[keyPath: stream].split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            found = lines.lazy.compactMap(find).first
            if found == nil { _ = try collect() }
            return found != nil || end != nil
        }
        if let found { return found }
        throw TestFailure(happened ? "it ended before it printed the line" : "it did not print the line", self)
    }

    /// Sends a signal to the process alone.
    public func send(_ signal: Signal) throws {
        try child.send(signal)
    }

    /// Waits until the process has ended.
    public func waitForEnd(timeoutMs: Int = patienceMs) throws -> ProcessEnd {
        _ = try eventually(timeoutMs: timeoutMs) { try collect() != nil }
        guard let end else { throw TestFailure("it did not end", self) }
        return end
    }

    /// How it ended; nil while it runs.
    public func collect() throws -> ProcessEnd? {
        if end == nil { end = try child.collect() }
        return end
    }

    /// The process, its children, their children and whoever else is of its group; also after the process itself ended.
    public var processes: [RunningProcess] {
        let all = RunningProcess.all()
        var family: Set<Int32> = [processID]
        var size = 0
        while size != family.count {
            size = family.count
            for process in all where family.contains(process.parent) { family.insert(process.id) }
        }
        return all.filter { family.contains($0.id) || $0.group == processID }
    }

    /// The processes of a name.
    public func processes(named name: String) -> [RunningProcess] {
        processes.filter { $0.name == name }
    }

    /// Kills the process and all of its group, and collects it.
    public func killAll() {
        if end == nil || !processes.isEmpty { try? Signal.kill.send(to: -processID) }
        _ = try? eventually { try collect() != nil && processes.isEmpty }
    }

    /// Runs a program to its end.
    public static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], timeoutMs: Int = 2 * patienceMs
    ) throws -> FinishedProgram {
        let running = try RunningProgram(program, arguments, environment: environment)
        let end = try running.waitForEnd(timeoutMs: timeoutMs)
        return FinishedProgram(
            end: end, standardOutput: running.standardOutput, standardError: running.standardError)
    }

    /// Where the build leaves its programs: beside the program that runs the tests.
    public static let productsDirectory: FilePath = {
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return FilePath(own ?? CommandLine.arguments[0]).removingLastComponent()
    }()

    private func text(of file: borrowing Descriptor) -> String {
        guard let size = try? File.status(of: file.rawValue).size,
            let bytes = try? File.read(file.rawValue, at: 0, count: Int(size))
        else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// What a program left behind.
public struct FinishedProgram: Sendable {
    /// How it ended.
    public let end: ProcessEnd
    /// All of its standard output.
    public let standardOutput: String
    /// All of its standard error.
    public let standardError: String
}

/// Why a test cannot go on, with what the program said.
public struct TestFailure: Error, CustomStringConvertible {
    /// The reason and the program's own words.
    public let description: String

    /// A reason by itself.
    public init(_ reason: String) {
        description = reason
    }

    /// A reason that lies in a program.
    public init(_ reason: String, _ program: RunningProgram) {
        description = """
            \(program.commandLine): \(reason)
            standard output: \(program.standardOutput)
            standard error: \(program.standardError)
            """
    }
}
