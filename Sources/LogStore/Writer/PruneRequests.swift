// The writer's side of `httpstats prune`: looks for requests, and says how far it is.
internal import GRDB
internal import LinuxSyscalls
internal import SystemPackage

/// The requests beside one database, one after another.
struct PruneRequests {
    /// Time between two words on how far a run is, in nanoseconds: half a second.
    static let wordIntervalNs: Int64 = 500_000_000
    /// After so many seconds an answer that nobody came for is removed.
    static let answerSeconds: Int64 = 3_600

    private let database: FilePath
    private var current: FilePath?
    private var nextWordNs: Int64 = 0

    init(_ database: FilePath) {
        self.database = database
    }

    /// The run that somebody asks for, if one does.
    mutating func next() -> Pruning? {
        for path in Self.files(besides: database) {
            guard let message = PruneMessage.read(path) else {
                refuse(path)
                continue
            }
            switch message.state {
            case .wanted, .running:
                current = path
                nextWordNs = 0
                return Pruning(message.goal, removesTexts: true, freesAllPages: true)
            case .done, .refused: removeIfOld(path)
            }
        }
        return nil
    }

    /// Tells whoever asked; false when nobody waits any more.
    mutating func report(_ pruning: Pruning) -> Bool {
        guard let current else { return true }
        if pruning.isDone {
            self.current = nil
        } else {
            let now = Clock.monotonicNs()
            guard now >= nextWordNs else { return true }
            nextWordNs = now + Self.wordIntervalNs
        }
        // Whoever asked takes the request back by removing its file.
        guard (try? File.status(at: current)) != nil else {
            self.current = nil
            return false
        }
        let state: PruneMessage.State = pruning.isDone ? .done : .running
        try? PruneMessage(state: state, goal: pruning.goal, count: pruning.count).write(to: current)
        return true
    }

    private func refuse(_ path: FilePath) {
        // What is no file cannot be replaced, and is passed over each time.
        try? PruneMessage(state: .refused, goal: PruneGoal(beforeUs: 0)).write(to: path)
    }

    private func removeIfOld(_ path: FilePath) {
        guard let status = try? File.status(at: path) else { return }
        if abs(Clock.realtimeUs() / 1_000_000 - status.modifiedSeconds) > Self.answerSeconds { try? File.remove(path) }
    }

    /// The files that are named like requests, in the order of their names.
    private static func files(besides database: FilePath) -> [FilePath] {
        let folder = database.removingLastComponent()
        guard let name = database.lastComponent?.string,
            let directory = try? Directory(folder.isEmpty ? "." : folder), let entries = try? directory.entries()
        else { return [] }
        let prefix = Array((name + PruneMessage.suffix).utf8)
        return entries.map(\.name).filter { name in
            name.count == prefix.count + 16 && name.starts(with: prefix)
                && name.dropFirst(prefix.count).allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        }
        .map { folder.appending(String(decoding: $0, as: UTF8.self)) }
        .sorted { $0.string < $1.string }
    }
}
