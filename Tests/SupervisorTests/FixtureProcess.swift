// Runs supervisor-fixture, waits for its lines with a bound, and looks at its processes in /proc.
import Foundation
import LinuxSyscalls
import TestSupport
import Testing

/// A running tree.
///
/// Lines are claimed one by one, in any order; those nobody claimed stay.
final class FixtureProcess {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    private let process = Process()
    private let output = Pipe()
    private let poll: EventPoll
    private var partial = ""
    private(set) var unclaimed: [String] = []
    private(set) var all: [String] = []
    private var hasEnded = false

    /// Starts it with `KEY=VALUE` arguments; `shell` runs before it in a shell that it then replaces.
    init(_ arguments: String..., shell: String = "") throws {
        poll = try EventPoll()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", shell + "\nexec \"$0\" \"$@\"", try FixtureProcess.executable()] + arguments
        process.standardOutput = output
        try process.run()
        let number = output.fileHandleForReading.fileDescriptor
        try DescriptorIO.setNonBlocking(number, true)
        try poll.add(number, .read, token: 0)
    }

    /// The master.
    var processID: Int32 { process.processIdentifier }

    deinit {
        if process.isRunning { kill(.kill) }
        // After a failed test also those that should have ended with the master: they hold what `swift test` waits for.
        for line in all where line.hasPrefix("ready ") {
            guard let child = line.split(separator: " ").last.flatMap({ Int32($0) }) else { continue }
            if (try? ProcessTable.name(of: child))?.hasPrefix("fixture-") == true { kill(.kill, child) }
        }
    }

    /// Beside the test bundle, which is the running program or is loaded by one.
    private static func executable() throws -> String {
        for argument in CommandLine.arguments where argument.contains(".xctest") {
            let folder = URL(fileURLWithPath: String(argument.split(separator: "=").last ?? ""))
                .deletingLastPathComponent()
            let path = folder.appendingPathComponent("supervisor-fixture").path
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw Missing(description: "supervisor-fixture is not beside the tests: \(CommandLine.arguments)")
    }

    func kill(_ signal: Signal, _ processID: Int32? = nil) {
        _ = Foundation.kill(processID ?? process.processIdentifier, signal.rawValue)
    }

    /// Lets the master open no descriptor from this number on; raising it lifts the limit.
    func limitDescriptors(to number: Int) throws {
        let limiter = try Process.run(
            URL(fileURLWithPath: "/usr/bin/prlimit"), arguments: ["--pid=\(processID)", "--nofile=\(number):"])
        limiter.waitUntilExit()
        guard limiter.terminationStatus == 0 else { throw Missing(description: "prlimit failed") }
    }

    /// Waits for a line that begins so, claims it and answers the words after the beginning.
    @discardableResult
    func expect(_ beginning: String) throws -> [String] {
        let untilNs = Clock.monotonicNs() + Int64(patienceMs) * 1_000_000
        while true {
            if let index = unclaimed.firstIndex(where: { $0.hasPrefix(beginning) }) {
                let line = unclaimed.remove(at: index)
                return line.dropFirst(beginning.count).split(separator: " ").map(String.init)
            }
            guard !hasEnded, Clock.monotonicNs() < untilNs else {
                throw Missing(description: "no line \"\(beginning)\" in:\n" + all.joined(separator: "\n"))
            }
            try readLines()
        }
    }

    /// Waits until a child is ready and has told the master, and answers its process id: `worker 0 2` is slot 0,
    /// generation 2.
    func ready(_ child: String) throws -> Int32 {
        let processID = try #require(Int32(expect("ready \(child) ")[0]))
        try expect("told \(child) \(processID)")
        return processID
    }

    /// Waits until no process of the tree holds the output any more, and answers the exit status.
    func ended() throws -> Int32 {
        let untilNs = Clock.monotonicNs() + Int64(patienceMs) * 1_000_000
        while !hasEnded {
            guard Clock.monotonicNs() < untilNs else {
                throw Missing(description: "processes are left after:\n" + all.joined(separator: "\n"))
            }
            try readLines()
        }
        process.waitUntilExit()
        return process.terminationStatus
    }

    private func readLines() throws {
        guard try poll.wait(timeoutMs: 100) > 0 else { return }
        let bytes = try DescriptorIO.read(from: output.fileHandleForReading.fileDescriptor, atMost: 65_536)
        hasEnded = bytes.isEmpty
        partial += String(decoding: bytes, as: UTF8.self)
        var lines = partial.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        partial = lines.removeLast()
        all += lines
        unclaimed += lines
    }
}

/// What /proc says.
enum ProcessTable {
    /// The children of a process with their states, zombies (`Z`) among them.
    static func children(of parent: Int32) -> [Int32: Character] {
        var found: [Int32: Character] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let processID = Int32(name),
                let text = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
                let end = text.lastIndex(of: ")")
            else { continue }
            let fields = text[text.index(after: end)...].split(separator: " ")
            if fields.count > 1, Int32(fields[1]) == parent, let state = fields[0].first { found[processID] = state }
        }
        return found
    }

    static func descriptors(of processID: Int32) throws -> Set<Int32> {
        Set(try FileManager.default.contentsOfDirectory(atPath: "/proc/\(processID)/fd").compactMap { Int32($0) })
    }

    static func target(of descriptor: Int32, in processID: Int32) throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(processID)/fd/\(descriptor)")
    }

    /// A set of signals in /proc/PID/status: SigBlk, SigIgn, SigPnd.
    static func signals(_ field: String, of processID: Int32) throws -> Set<Int32> {
        let status = try String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(field + ":") })
        let bits = try #require(UInt64(line.split(separator: "\t")[1], radix: 16))
        return Set((0..<64).filter { bits & (1 << $0) != 0 }.map { Int32($0) + 1 })
    }

    static func name(of processID: Int32) throws -> String {
        try String(contentsOfFile: "/proc/\(processID)/comm", encoding: .utf8).trimmingCharacters(in: .newlines)
    }
}
