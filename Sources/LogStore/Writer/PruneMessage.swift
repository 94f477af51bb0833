// How `httpstats prune` and the log writer speak with each other: a small file beside the database.
internal import AccessLog
internal import LinuxSyscalls
internal import SystemPackage

/// The content of `<database>-prune-<16 hexadecimal digits>`: a word that says how far the matter is, then lines of
/// names and numbers.
///
/// The file is made whole and given its name at once, by either side; whoever may write in the directory may ask. What
/// is not exactly such a text, or no regular file, is refused.
struct PruneMessage: Equatable {
    /// How far it is.
    enum State: String, CaseIterable {
        /// Asked for.
        case wanted
        /// Being done; after a kill of the writer the next one goes on with it.
        case running
        case done
        case refused
    }

    /// No message is longer.
    static let limit = 1_024
    static let suffix = "-prune-"

    var state: State
    var goal: PruneGoal
    var count = PruneCount()

    /// Its file for a random number.
    static func path(_ database: FilePath, _ number: UInt64) -> FilePath {
        let digits = String(number, radix: 16)
        return FilePath(database.string + suffix + String(repeating: "0", count: 16 - digits.count) + digits)
    }

    init(state: State, goal: PruneGoal, count: PruneCount = PruneCount()) {
        self.state = state
        self.goal = goal
        self.count = count
    }

    /// Reads a text; nil for any that ``text`` does not write.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.limit, let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.popLast() == "", !lines.isEmpty, let state = State(rawValue: String(lines.removeFirst())) else {
            return nil
        }
        var numbers: [Substring: Int64] = [:]
        for line in lines {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let number = Int64(parts[1]), number >= 0,
                numbers.updateValue(number, forKey: parts[0]) == nil
            else { return nil }
        }
        goal = PruneGoal(
            beforeUs: numbers.removeValue(forKey: "before_us"),
            maximumBytes: numbers.removeValue(forKey: "maximum_bytes"))
        for (name, place) in Self.counters { count[keyPath: place] = numbers.removeValue(forKey: name[...]) ?? 0 }
        guard numbers.isEmpty, goal.beforeUs != nil || goal.maximumBytes != nil else { return nil }
        self.state = state
    }

    /// As it stands in the file.
    var text: String {
        var lines = [state.rawValue]
        if let beforeUs = goal.beforeUs { lines.append("before_us=\(beforeUs)") }
        if let maximumBytes = goal.maximumBytes { lines.append("maximum_bytes=\(maximumBytes)") }
        for (name, place) in Self.counters { lines.append("\(name)=\(count[keyPath: place])") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static var counters: [(String, WritableKeyPath<PruneCount, Int64>)] {
        [
            ("requests", \.requests), ("messages", \.messages), ("lives", \.lives), ("texts", \.texts),
            ("freed_bytes", \.freedBytes),
        ]
    }

    /// Reads a file; nil when there is none, or its content is no message.
    static func read(_ path: FilePath) -> PruneMessage? {
        // Neither a link nor a FIFO leads anywhere.
        guard let file = try? File.open(path, .readOnly, options: [.noFollow, .nonBlocking]),
            (try? File.status(of: file.rawValue).kind) == .regular,
            let bytes = try? File.read(file.rawValue, at: 0, count: limit + 1)
        else { return nil }
        return PruneMessage(bytes)
    }

    /// Puts this message in the place of what the path names.
    func write(to path: FilePath) throws(Errno) {
        let temporary = FilePath(path.string + ".new")
        try? File.remove(temporary)
        // For both sides to read, whoever they run as.
        let file = try File.open(
            temporary, .writeOnly, options: [.create, .exclusiveCreate],
            permissions: [.ownerReadWrite, .groupRead, .otherRead])
        let bytes = Array(text.utf8)
        try DescriptorIO.writeAll(bytes.span.raw, to: file.rawValue)
        try File.rename(temporary, to: path)
    }
}
