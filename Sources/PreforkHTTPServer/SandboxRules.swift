// What the sandbox allows the log writer and the workers, and how a child puts it in force.
internal import BaseHTTPServer
internal import LinuxSyscalls
internal import SystemPackage

/// The rules of a configuration, found in the master, where all paths can still be seen.
struct SandboxRules {
    private let sandbox: Sandbox
    private let database: FilePath?
    private let servedDirectory: FilePath
    private let temporaryDirectory: FilePath
    /// What both roles need for diagnostics.
    private let commonPaths: [(FileAccess, FilePath)]
    private let printsBacktraces: Bool
    private let landlockVersion: Int
    private let filtersCalls: Bool
    /// Landlock's part of ``workerRules``; nil where each worker makes its own.
    private var prepared: PreparedRuleset?

    /// - Throws: when the kernel lacks what is required.
    init(_ configuration: PreforkConfiguration) throws(PreforkError) {
        sandbox = configuration.confinement.sandbox
        database = configuration.accessLog.map { FilePath($0) }
        // Links that are followed may lead anywhere.
        servedDirectory = FilePath(
            configuration.server.followsSymbolicLinks ? "/" : configuration.server.directory)
        temporaryDirectory = FilePath(configuration.server.temporaryDirectory)
        let mapped = Backtracer.mappedFiles()
        printsBacktraces = Backtracer.isOn
        let paths = Self.commonPaths + (printsBacktraces ? Backtracer.paths(mapped) : []) + mapped.map { (.read, $0) }
        // In another root directory the names are those of other files.
        commonPaths = configuration.confinement.rootDirectory == nil ? Self.needed(paths) : paths
        landlockVersion = LandlockRuleset.version
        filtersCalls = SystemCallFilter.isAvailable
        if sandbox.mode == .require, let lacking {
            throw .confinement("sandbox: this kernel has no \(lacking); use 'auto' to serve without", exitStatus: 71)
        }
        guard let rules = workerRules else { return }
        if filtersCalls { SystemCallFilter.prepare(rules.calls) }
        // What `/proc/self` names is another directory in each process, as any path may be in another root directory.
        if landlockVersion > 0, configuration.confinement.rootDirectory == nil,
            !commonPaths.contains(where: { $0.1 == Self.ownProcess })
        {
            prepared = try? PreparedRuleset(
                rules.paths + commonPaths, replaceable: rules.paths.map(\.path), restrictsNetwork: !rules.reachesOut)
        }
    }

    /// What workers keep open until they are bound.
    var descriptors: [CInt] { prepared.map { [$0.descriptor] } ?? [] }

    /// Those without which less would be allowed: not what is missing, has come by another name, or lies in a directory
    /// that has come. Each rule is five system calls in each worker's start.
    private static func needed(_ paths: [(FileAccess, FilePath)]) -> [(FileAccess, FilePath)] {
        /// With a slash behind it, the place of a directory is how the places of its files begin.
        var needed: [(access: FileAccess, path: FilePath, place: [UInt8])] = []
        for (access, path) in paths {
            guard let file = try? File.open(path, .readOnly), let resolved = try? File.resolvedPath(of: file.rawValue)
            else { continue }
            let place = resolved.last == UInt8(ascii: "/") ? resolved : resolved + [UInt8(ascii: "/")]
            if needed.contains(where: { $0.access.isSuperset(of: access) && place.starts(with: $0.place) }) { continue }
            needed.removeAll { access.isSuperset(of: $0.access) && $0.place.starts(with: place) }
            needed.append((access, path, place))
        }
        return needed.map { ($0.access, $0.path) }
    }

    /// What an operator should know, once, at the start.
    var warnings: [String] {
        guard sandbox.mode == .auto, let lacking else { return [] }
        return ["sandbox: this kernel has no \(lacking); workers are confined without"]
    }

    private var lacking: String? {
        let names = [landlockVersion == 0 ? "Landlock" : nil, filtersCalls ? nil : "filter of system calls"]
        let missing = names.compactMap { $0 }
        return missing.isEmpty ? nil : missing.joined(separator: " and no ")
    }

    /// For people: what will be in force.
    var summary: String {
        guard sandbox.mode != .off else { return "off" }
        let landlock = landlockVersion == 0 ? "no Landlock" : "Landlock (version \(landlockVersion))"
        let calls = filtersCalls ? "system calls filtered" : "no filter of system calls"
        return switch sandbox.profile {
        case .serveOnly, .handlers: "\(landlock), \(calls)"
        case .programs: "\(calls) for what only keepers of a machine do; no file rules for scripts"
        }
    }

    // MARK: In a child

    /// Binds this log writer for ever: the directory of the database, nothing else.
    func enforceForLogWriter() throws(PreforkError) {
        guard sandbox.mode != .off, let database else { return }
        var paths: [(access: FileAccess, path: FilePath)] = [([.read, .write], directory(of: database))]
        // A link leads to the directory where SQLite keeps the companions.
        if let file = try? File.open(database, .readOnly), let target = try? File.resolvedPath(of: file.rawValue) {
            paths.append(([.read, .write], FilePath(bytes: target).removingLastComponent()))
        }
        try enforce(Rules(paths: paths, reachesOut: false, calls: withBacktraces([.serve, .files, .threads])))
    }

    /// Binds this worker for ever.
    func enforceForWorker() throws(PreforkError) {
        guard sandbox.mode != .off else { return }
        if let workerRules {
            try enforce(workerRules, prepared)
        } else if filtersCalls {
            try step("filter system calls", SystemCallFilter.refuseKeeperCalls)
        }
    }

    /// What a child needs beside what both roles do.
    private struct Rules {
        let paths: [(access: FileAccess, path: FilePath)]
        let reachesOut: Bool
        let calls: SystemCalls
    }

    /// nil where no file is forbidden.
    private var workerRules: Rules? {
        guard sandbox.mode != .off else { return nil }
        let paths: [(access: FileAccess, path: FilePath)] = [
            (.read, servedDirectory), ([.read, .write], temporaryDirectory),
        ]
        switch sandbox.profile {
        case .serveOnly:
            return Rules(paths: paths, reachesOut: false, calls: withBacktraces(.serve))
        case .handlers(let readable, let writable, let usesNetwork):
            return Rules(
                paths: paths + readable.map { (.read, FilePath($0)) }
                    + writable.map { ([.read, .write], FilePath($0)) }, reachesOut: usesNetwork,
                calls: withBacktraces(
                    usesNetwork ? [.serve, .files, .threads, .sockets] : [.serve, .files, .threads]))
        case .programs:
            return nil
        }
    }

    private func withBacktraces(_ calls: SystemCalls) -> SystemCalls {
        printsBacktraces ? calls.union(.programs) : calls
    }

    private func enforce(_ rules: Rules, _ prepared: PreparedRuleset? = nil) throws(PreforkError) {
        if landlockVersion > 0 {
            try step("set Landlock's rules") { () throws(Errno) in
                if try prepared?.restrictSelf() == true { return }
                let ruleset = try LandlockRuleset(restrictsNetwork: !rules.reachesOut)
                for (access, path) in rules.paths + commonPaths { try ruleset.allow(access, beneath: path) }
                try ruleset.restrictSelf()
            }
        }
        if filtersCalls {
            try step("filter system calls") { () throws(Errno) in try SystemCallFilter.allowOnly(rules.calls) }
        }
    }

    private func step(_ what: String, _ body: () throws(Errno) -> Void) throws(PreforkError) {
        do throws(Errno) {
            try body()
        } catch {
            throw .confinement("sandbox: cannot \(what): \(error); --sandbox off serves without", exitStatus: 71)
        }
    }

    private func directory(of file: FilePath) -> FilePath {
        let parent = file.removingLastComponent()
        return parent.isEmpty ? "." : parent
    }

    private static let ownProcess: FilePath = "/proc/self"

    /// The time zone of times, the id of this boot in ring files, random bytes, number of processors.
    ///
    /// The programs and libraries that are mapped come to these: the log writer names the functions of a crash.
    private static let commonPaths: [(FileAccess, FilePath)] = [
        (.read, "/etc/localtime"), (.read, "/usr/share/zoneinfo"), (.read, "/proc/sys/kernel/random/boot_id"),
        (.read, "/dev/urandom"), (.read, "/sys/devices/system/cpu"), (.read, ownProcess),
        ([.read, .write], "/dev/null"),
    ]
}
