// The command prune: removes old rows, by the writer's hand when a server runs.
import ArgumentParser
import LogStore

struct PruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        subcommand: "prune", abstract: "Removes old rows.",
        discussion: """
            Removes requests and messages before a moment, or the oldest until the log takes no more than a size, then \
            process lives of that time and texts that no row names any more, and gives the room back to the file \
            system. The newest row stays. A server that writes the log does it, in steps between its commits, and goes \
            on when this command is interrupted; without one the command does it itself, and a server that starts \
            meanwhile waits for 5 s. Sizes count the pages in use and up to 64 MiB of -wal.
            """)
    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: ArgumentHelp("Rows older than this: 15m, 6h, 30d, 4w.", valueName: "age"))
    var olderThan: String?

    @Option(name: .long, help: ArgumentHelp("Rows before a time, written as for --since.", valueName: "time"))
    var before: String?

    @Option(name: .long, help: ArgumentHelp("The oldest rows beyond a size: 500M, 2G.", valueName: "size"))
    var maxSize: String?

    @Flag(name: .long, help: "Only say what would be removed; for --max-size by estimate.")
    var dryRun = false

    func validate() throws {
        if olderThan != nil && before != nil {
            throw ValidationError("--older-than and --before both say a time; give one of them")
        }
        if olderThan == nil && before == nil && maxSize == nil {
            throw ValidationError("say what to remove with --older-than, --before or --max-size")
        }
    }

    func run() throws {
        let goal = PruneGoal(beforeUs: try beforeUs(), maximumBytes: try maximumBytes())
        let count: PruneCount
        if dryRun {
            count = try common.open().pruneEstimate(goal)
        } else {
            let progress = ProgressLine()
            count = try LogPruner(try common.path).run(goal, timeoutSeconds: common.timeout) { count in
                progress.show("\(count.requests) requests and \(count.messages) messages removed, \(count.texts) texts")
            }
            progress.end()
        }
        var formatter = common.formatter()
        formatter.write(.prune(count))
        _ = try flush(&formatter)
    }

    private func beforeUs() throws -> Int64? {
        let parser = SpanParser(nowUs: WallClock.nowUs())
        if let before { return try parser.span(last: nil, since: before, until: nil, otherwise: nil).sinceUs }
        return try olderThan.flatMap { try parser.span(last: $0, since: nil, until: nil, otherwise: nil).sinceUs }
    }

    private func maximumBytes() throws -> Int64? {
        guard let maxSize else { return nil }
        let units: [Character: Int64] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
        let unit = maxSize.last.flatMap { units[Character($0.uppercased())] }
        let (bytes, overflow) = (Int64(unit == nil ? maxSize[...] : maxSize.dropLast()) ?? -1)
            .multipliedReportingOverflow(by: unit ?? 1)
        guard !overflow, bytes >= 1 << 20 else {
            throw ValidationError("--max-size wants a number of bytes, or one with K, M or G, of 1M or more")
        }
        return bytes
    }
}
