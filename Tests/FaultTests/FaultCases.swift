// The suite of all faults, how long it runs, and what its chances are drawn from.
import Foundation
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

/// All cases, one after another: each kills and counts processes and wants the machine for itself.
@Suite(.serialized, .keepingEvidence) enum FaultCases {}

/// The short form runs with all other tests; `BASEHTTP_FAULTS=long` asks for the long one.
enum FaultScale {
    static let isLong = CurrentProcess.environment("BASEHTTP_FAULTS") == "long"

    /// Whatever is drawn by lot is drawn from this, so a run can be had again: `BASEHTTP_FAULTS_SEED=…`.
    static let seed = CurrentProcess.environment("BASEHTTP_FAULTS_SEED").flatMap { UInt64($0) } ?? 20_261_122

    static func pick<Value>(_ short: Value, long: Value) -> Value {
        isLong ? long : short
    }

}

/// What this machine lets the tests do to it; a case that wants more is skipped and says so.
enum FaultMeans {
    static let isRoot = CurrentProcess.effectiveUserID == 0

    /// Whether file systems can be mounted and namespaces made; a container may forbid it to root.
    static let makesNamespaces = isRoot && succeeds("unshare", ["--mount", "--pid", "--fork", "true"])

    /// Whether a namespace of processes has a greatest number of its own, since Linux 6.14. Before, setting it would
    /// set that of the whole machine.
    static let limitsNumbersApart = makesNamespaces && kernelVersion >= (6, 14)

    static let traces = succeeds("strace", ["-o", "/dev/null", "true"])

    private static func succeeds(_ program: String, _ arguments: [String]) -> Bool {
        guard let path = InstalledProgram.find(program)?.string else { return false }
        return (try? RunningProgram.run(path, arguments).end) == .exited(status: 0)
    }

    private static var kernelVersion: (Int, Int) {
        guard let file = try? File.open("/proc/sys/kernel/osrelease", .readOnly),
            let bytes = try? File.read(file.rawValue, at: 0, count: 64)
        else { return (0, 0) }
        let numbers = String(decoding: bytes, as: UTF8.self).split { !$0.isNumber }.compactMap { Int($0) }
        return numbers.count < 2 ? (0, 0) : (numbers[0], numbers[1])
    }
}

extension TemporaryDirectory {
    /// Compiles a C file of this folder for LD_PRELOAD; answers where the library is. Needs clang.
    func compilePreload(_ name: String) throws -> String {
        let library = appending("\(name).so").string
        let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "\(name).c").path
        let compiled = try RunningProgram.run(
            InstalledProgram.path(of: "clang"), ["-shared", "-fPIC", "-O1", "-o", library, source])
        try #require(compiled.end == .exited(status: 0), "\(compiled.standardError)")
        return library
    }
}

/// A measured value beside its goal: a line of the table that Tools/faults/run makes.
enum Figure {
    /// - Parameter goal: the number of the goal and what it asks for.
    static func note(_ goal: String, _ measured: String, isMet: Bool) {
        print("figure | \(goal) | \(measured) | \(isMet ? "met" : "missed")")
    }
}

/// Durations in nanoseconds.
struct Samples {
    private(set) var valuesNs: [Int64] = []

    mutating func add(_ valueNs: Int64) {
        valuesNs.append(valueNs)
    }

    /// In milliseconds, the smallest value that a share of all values does not exceed.
    func percentileMs(_ share: Double) -> Double {
        let sorted = valuesNs.sorted()
        guard !sorted.isEmpty else { return 0 }
        let rank = min(sorted.count - 1, Int((Double(sorted.count) * share).rounded(.up)) - 1)
        return Double(sorted[max(0, rank)] / 10_000) / 100
    }

    var text: String {
        let shares = [0.5, 0.99, 1].map(percentileMs)
        return "p50 \(shares[0]) ms, p99 \(shares[1]) ms, max \(shares[2]) ms of \(valuesNs.count)"
    }
}
