// Programs of other makers that tests use as clients: where they lie, and what becomes of a test without them.
internal import Foundation
internal import LinuxSyscalls
public import SystemPackage
public import Testing

/// A program of the machine, looked for in `PATH` and where servers lie.
public enum InstalledProgram {
    /// Where a program lies; nil when it is not installed.
    public static func find(_ name: String) -> FilePath? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let directories = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/bin"]
        return directories.map { FilePath($0).appending(name) }
            .first { $0.isAbsolute && FileManager.default.isExecutableFile(atPath: $0.string) }
    }

    /// Where a program lies, as ``RunningProgram`` wants it.
    public static func path(of name: String) throws -> String {
        guard let path = find(name) else { throw TestFailure("\(name) is not installed") }
        return path.string
    }

    /// Whether the first Python in `PATH` has a module.
    fileprivate static func hasPython(module: String) -> Bool {
        let script = "import importlib.util, sys; sys.exit(importlib.util.find_spec('\(module)') is None)"
        let found = find("python3").flatMap { try? RunningProgram.run($0.string, ["-c", script]).end }
        return found == .exited(status: 0)
    }

    /// Whether a test that lacks its program fails instead of being skipped.
    fileprivate static var isRequired: Bool {
        ProcessInfo.processInfo.environment["BASEHTTP_TESTS_REQUIRE_CLIENTS"] == "1"
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips the test where a program is not installed, and says which; with `BASEHTTP_TESTS_REQUIRE_CLIENTS=1` it
    /// runs, and fails.
    public static func needs(_ programs: String...) -> Self {
        let missing = programs.filter { InstalledProgram.find($0) == nil }
        return .enabled(
            if: missing.isEmpty || InstalledProgram.isRequired,
            "not installed: \(missing.joined(separator: ", "))")
    }

    /// The same for a module of the first Python in `PATH`.
    public static func needs(pythonModule module: String) -> Self {
        .enabled(
            if: InstalledProgram.hasPython(module: module) || InstalledProgram.isRequired,
            "not installed: \(module) of Python")
    }

    /// The same for one that is too large to be asked of everybody: without it the test is skipped everywhere.
    public static func wants(pythonModule module: String) -> Self {
        .enabled(if: InstalledProgram.hasPython(module: module), "not installed: \(module) of Python")
    }

    /// The same for a module of Perl.
    public static func needs(perlModule module: String) -> Self {
        let perl = InstalledProgram.find("perl")?.string
        let found = perl.flatMap { try? RunningProgram.run($0, ["-M\(module)", "-e", "1"]).end }
        return .enabled(
            if: found == .exited(status: 0) || InstalledProgram.isRequired, "not installed: \(module) of Perl")
    }
}
