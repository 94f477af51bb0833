// The command top: the server as it works, on the whole terminal.
import ArgumentParser
import LogStore
import SystemPackage

struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "What the workers do, on the whole terminal, as it changes.",
        discussion: """
            Reads the server's memory beside the database, as ps does, so it works when the server hangs; after its \
            death it shows what was going on. On top the totals, then the workers, then the requests in flight, the \
            oldest first. Keys: q ends it, s sorts the workers by slot, rate, age, connections or memory, the space \
            bar pauses, + and - change the interval.
            """)
    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: ArgumentHelp("Time between two looks, 0.1 to 60. (default: 1)", valueName: "seconds"))
    var interval: Double = 1

    func validate() throws {
        if !(0.1...60).contains(interval) { throw ValidationError("--interval wants seconds from 0.1 to 60") }
    }

    func run() throws {
        guard common.format == .table else { throw ValidationError("top has no formats; use ps --format json") }
        let style = OutputStyle.standardOutput()
        let screen: FullScreen
        do {
            screen = try FullScreen()
        } catch {
            printError("top needs a terminal (\(error)); ps writes to files and pipes")
            throw ExitCode(2)
        }
        defer { screen.leave() }
        let path = try common.path
        var view = TopView(database: path.string)
        var milliseconds = Int(interval * 1_000)
        var isDue = true
        while true {
            if isDue, !view.isPaused { view.take(try LiveReport.trees(database: path)) }
            let lines = view.lines(screen.size, isColoured: style.isColoured, nowUs: WallClock.nowUs())
            guard try screen.draw(lines) else { return }
            let event = try screen.wait(intervalMs: milliseconds)
            isDue = event == .time
            switch event {
            case .time, .resized: break
            case .ended(let status): throw ExitCode(status)
            case .keys(let keys):
                for key in keys {
                    switch Character(UnicodeScalar(key)) {
                    case "q", "Q": return
                    case "\u{3}": throw ExitCode(130)
                    case "s": view.sort = view.sort.next
                    case " ": view.isPaused.toggle()
                    case "+": milliseconds = max(100, milliseconds / 2)
                    case "-": milliseconds = min(60_000, milliseconds * 2)
                    case "\u{C}": screen.forget()
                    default: break
                    }
                }
            }
        }
    }
}
