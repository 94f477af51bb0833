// What /proc says of running processes: name, parent, group, processor time, memory.
public import LinuxSyscalls
import SystemPackage

/// A process as `/proc` showed it.
public struct RunningProcess: Equatable, Sendable {
    /// Its number.
    public let id: Int32
    /// Its short name, at most 15 bytes.
    public let name: String
    /// One letter: R runs, S sleeps, Z has ended and was not collected yet.
    public let state: Character
    /// The number of its parent.
    public let parent: Int32
    /// The number of its process group.
    public let group: Int32
    /// Processor time used so far, user and system, in clock ticks (a hundredth of a second).
    public let processorTicks: Int

    /// All processes that have not ended.
    public static func all() -> [RunningProcess] {
        guard let directory = try? Directory("/proc"), let entries = try? directory.entries() else { return [] }
        return entries.compactMap { Int32(String(decoding: $0.name, as: UTF8.self)) }.compactMap(RunningProcess.init)
            .filter { $0.state != "Z" && $0.state != "X" }
    }

    /// One process; nil when there is none of this number.
    public init?(_ id: Int32) {
        guard let text = text(of: "/proc/\(id)/stat"), let open = text.firstIndex(of: "("),
            let close = text.lastIndex(of: ")")
        else { return nil }
        // Behind the name, which may contain anything: state, parent, group, … and as 12th and 13th the times.
        let fields = text[text.index(after: close)...].split(separator: " ")
        guard fields.count > 12, let parent = Int32(fields[1]), let group = Int32(fields[2]),
            let user = Int(fields[11]), let system = Int(fields[12])
        else { return nil }
        self.id = id
        self.name = String(text[text.index(after: open)..<close])
        self.state = fields[0].first ?? "?"
        self.parent = parent
        self.group = group
        self.processorTicks = user + system
    }

    /// Its children, those that have ended and were not collected too. The kernel makes the list without looking at
    /// other processes.
    public var children: [RunningProcess] {
        let list = text(of: "/proc/\(id)/task/\(id)/children") ?? ""
        return list.split(separator: " ").compactMap { Int32($0) }.compactMap(RunningProcess.init)
            .filter { $0.parent == id }
    }

    /// How many descriptors it has open; nil when it has ended.
    public var descriptorCount: Int? {
        guard let directory = try? Directory(FilePath("/proc/\(id)/fd")) else { return nil }
        return try? directory.entries().count
    }

    /// Memory of its own that is resident, in bytes (RssAnon); nil when it has ended.
    public var ownMemoryBytes: Int? {
        guard let text = text(of: "/proc/\(id)/status") else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix("RssAnon:") {
            return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
        }
        return nil
    }

    /// Whether a signal that was sent to it waits to be read.
    public func hasPending(_ signal: Signal) -> Bool {
        for line in (text(of: "/proc/\(id)/status") ?? "").split(separator: "\n") where line.hasPrefix("ShdPnd:") {
            let bits = UInt64(line.split(separator: "\t")[1], radix: 16) ?? 0
            return bits & 1 << (UInt64(signal.rawValue) - 1) != 0
        }
        return false
    }

    /// Memory in bytes, pages shared with other processes counted in proportion (Pss); nil when it has ended.
    public var memoryBytes: Int? {
        guard let text = text(of: "/proc/\(id)/smaps_rollup") else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix("Pss:") {
            return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
        }
        return nil
    }
}

private func text(of path: String) -> String? {
    guard let file = try? File.open(FilePath(path), .readOnly),
        let bytes = try? File.read(file.rawValue, at: 0, count: 8192), !bytes.isEmpty
    else { return nil }
    return String(decoding: bytes, as: UTF8.self)
}
