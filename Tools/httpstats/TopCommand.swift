// The command top: the server as it works, on the whole terminal.
import ArgumentParser
import LogStore
import SystemPackage

struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        subcommand: "top", abstract: "What the server does now, on the whole terminal, as it changes.",
        discussion: """
            Reads the server's memory beside the database, as ps does, so it works when the server hangs; after its \
            death it shows what was going on. From the rows of the last minute come latency, status classes, and the \
            busiest paths and clients. Keys: q ends it, s sorts the workers, o orders the lists, / filters by a part \
            of path or client, the space bar pauses, + and - change the interval, ? explains them. Only characters \
            that changed are sent, so a slow line will do.
            """)
    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: ArgumentHelp("Time between two looks, 0.1 to 60. (default: 1)", valueName: "seconds"))
    var interval: Double = 1

    func validate() throws {
        if !(0.1...60).contains(interval) { throw ValidationError("--interval wants seconds from 0.1 to 60") }
        if common.format != .table { throw ValidationError("top has no formats; use ps --format json") }
        if common.file != nil { throw ValidationError("top is for a terminal; use ps -o FILE") }
    }

    func run() throws {
        let (style, path) = (common.style, try common.path)
        let screen: FullScreen
        do {
            screen = try FullScreen()
        } catch {
            printError("top needs a terminal (\(error)); ps writes to files and pipes")
            throw ExitCode(2)
        }
        defer { screen.leave() }
        var view = TopView(database: path.string)
        view.isASCII = style.isASCII
        var rows = TopRows(path)
        var milliseconds = Int(interval * 1_000)
        var isDue = true
        while true {
            if isDue, !view.isPaused {
                view.take(try LiveReport.trees(database: path))
                view.take(rows.look(view.wish))
            }
            let lines = view.lines(screen.size, isColoured: style.isColoured, nowUs: WallClock.nowUs())
            guard try screen.draw(lines) else { return }
            let event = try screen.wait(intervalMs: milliseconds)
            isDue = event == .time
            switch event {
            case .time, .resized: break
            case .ended(let status): throw ExitCode(status)
            case .keys(let keys):
                for action in view.press(keys) {
                    switch action {
                    case .none: break
                    case .quit: return
                    case .interrupt: throw ExitCode(130)
                    case .suspend: try screen.suspend()
                    case .faster: milliseconds = max(100, milliseconds / 2)
                    case .slower: milliseconds = min(60_000, milliseconds * 2)
                    case .redraw: screen.forget()
                    }
                }
                // Another order or filter is seen at once.
                view.take(rows.lists(view.wish))
            }
        }
    }
}

/// The rows of the last minute, from a database that may come and go while top runs.
private struct TopRows {
    private let path: FilePath
    private var recent: RecentTraffic?
    private var shown = TopTraffic()

    init(_ path: FilePath) {
        self.path = path
    }

    /// Reads what is new.
    mutating func look(_ wish: TopTraffic.Wish) -> TopTraffic {
        let nowUs = WallClock.nowUs()
        do {
            if recent == nil {
                recent = try RecentTraffic(LogReader(path: path), nowUs: nowUs)
            } else {
                try recent?.look(nowUs: nowUs)
            }
            return lists(wish)
        } catch {
            recent = nil
            shown = TopTraffic(complaint: "\(error)")
            return shown
        }
    }

    /// The lists of what was read.
    mutating func lists(_ wish: TopTraffic.Wish) -> TopTraffic {
        if var window = recent {
            shown = TopTraffic(&window, wish, nowUs: WallClock.nowUs())
            recent = window
        }
        return shown
    }
}
