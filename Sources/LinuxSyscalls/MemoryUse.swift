// How much memory a process holds, and whether its control group runs short of it.
internal import Glibc
internal import SystemPackage

/// Memory of processes.
public enum MemoryUse {
    /// Bytes of a process that lie in memory, pages shared with others included; nil when there is no such process. The
    /// second number of `/proc/PID/statm` (proc_pid_statm(5)).
    public static func residentBytes(of processID: Int32) -> Int64? {
        guard let text = SmallFile.text(of: FilePath("/proc/\(processID)/statm")) else { return nil }
        let numbers = text.split(separator: " ")
        guard numbers.count > 1, let pages = Int64(numbers[1]) else { return nil }
        return pages * Int64(getpagesize())
    }
}

/// Counts how often the control group of this process ran into a limit of memory.
///
/// Version 2: `high` and `max` of `memory.events`. Version 1: `memory.failcnt`. Both count what the kernel had to do,
/// so nothing is missed between two looks.
public struct MemoryPressure: Sendable {
    private let source: Source?
    private var seen: Int64

    private enum Source: Sendable {
        case events(FilePath)
        case failures(FilePath)
    }

    /// Finds the control group of this process; what it counted until now is passed over.
    public init() {
        self.init(membership: SmallFile.text(of: "/proc/self/cgroup") ?? "", root: "/sys/fs/cgroup")
    }

    /// For tests: another `/proc/self/cgroup` and another place of the hierarchies.
    init(membership: String, root: FilePath) {
        let candidates = membership.split(separator: "\n").flatMap { Self.sources($0, root) }
        source = candidates.first { Self.count($0) != nil }
        seen = source.flatMap(Self.count) ?? 0
    }

    /// Whether this machine counts at all.
    public var isKnown: Bool { source != nil }

    /// Whether a limit was met since the last call.
    public mutating func hasRisen() -> Bool {
        guard let source, let count = Self.count(source) else { return false }
        defer { seen = count }
        return count > seen
    }

    /// The files that a line of `/proc/self/cgroup` stands for (cgroups(7)): `0::PATH` or `N:memory:PATH`. Inside of a
    /// container the path is often that of the host, and the group itself lies at the root.
    private static func sources(_ line: Substring, _ root: FilePath) -> [Source] {
        let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return [] }
        let path = String(parts[2].drop { $0 == "/" })
        if parts[0] == "0" {
            return [root.appending(path), root].map { .events($0.appending("memory.events")) }
        }
        guard parts[1].split(separator: ",").contains("memory") else { return [] }
        let memory = root.appending("memory")
        return [memory.appending(path), memory].map { .failures($0.appending("memory.failcnt")) }
    }

    private static func count(_ source: Source) -> Int64? {
        switch source {
        case .failures(let path):
            return SmallFile.text(of: path).flatMap { Int64($0.prefix { $0.isNumber }) }
        case .events(let path):
            guard let text = SmallFile.text(of: path) else { return nil }
            return text.split(separator: "\n").reduce(0) { sum, line in
                let words = line.split(separator: " ")
                guard words.count == 2, words[0] == "high" || words[0] == "max" else { return sum }
                return sum + (Int64(words[1]) ?? 0)
            }
        }
    }
}

/// Files of a few lines that the kernel makes up.
enum SmallFile {
    static func text(of path: FilePath) -> String? {
        guard let file = try? File.open(path, .readOnly) else { return nil }
        var bytes: [UInt8] = []
        // Files of /proc have no size, and a list of mounts may be long.
        while bytes.count < 1 << 20, let more = try? DescriptorIO.read(from: file.rawValue, atMost: 65_536),
            !more.isEmpty
        {
            bytes += more
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
