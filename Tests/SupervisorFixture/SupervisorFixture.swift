// A tree under the real supervisor whose children only serve, die or hang; it prints a line for everything that
// happens.
import LinuxSyscalls
import Supervisor
import SystemPackage

/// Run as `supervisor-fixture [KEY=VALUE]...`; the keys are those that `Options` reads.
@main
struct SupervisorFixture {
    static func main() throws {
        let options = Options(CommandLine.arguments.dropFirst())
        // A thread where none may be.
        if options["thread"] != nil { Task.detached {} }
        // One descriptor that a worker keeps, one that the log writer keeps, and one that nobody lists.
        let listed = (worker: try openDescriptor(), logWriter: try openDescriptor())
        let unlisted = try openDescriptor()
        var configuration = SupervisorConfiguration(
            name: "fixture", workers: options.number("workers", 2), log: { say("log \($0)") }, worker: options.runWorker
        )
        configuration.limits = SupervisorLimits(
            startUpNs: options.milliseconds("start-ms", 20_000), drainNs: options.milliseconds("drain-ms", 60_000),
            quickStopNs: options.milliseconds("quick-ms", 60_000), finishNs: options.milliseconds("finish-ms", 60_000))
        configuration.inherited = InheritedDescriptors(logWriter: [listed.logWriter], worker: [listed.worker])
        if options["look-ms"] != nil { configuration.limits.requestLookNs = options.milliseconds("look-ms", 0) }
        configuration.slots = PrintedSlots(
            busy: options.number("busy", 0), softNs: options.milliseconds("soft-ms", 0),
            hardNs: options.milliseconds("hard-ms", 0), printsLives: options["lives"] != nil)
        // What HUP changes: the way that workers behave.
        if let mode = options["reload"] {
            configuration.reload = { [limits = configuration.limits] in
                if mode == "refuse" { return nil }
                return SupervisorReload(
                    workers: options.number("workers", 2), limits: limits, inherited: [listed.logWriter]
                ) { context in options.runWorker(context, mode: mode) }
            }
        }
        if options["responder"] != nil { configuration.responder = { options.runWorker($0, mode: "serve") } }
        if options["writer"] != "none" { configuration.logWriter = options.runLogWriter }
        configuration.onReady = { say("announced") }
        say("descriptors \(listed.worker) \(listed.logWriter) \(unlisted)")
        let status = try ProcessSupervisor(configuration).run()
        say("leaving with \(status)")
        CurrentProcess.exit(status: status)
    }
}

/// The number of a descriptor that stays open.
func openDescriptor() throws -> CInt {
    try DescriptorIO.makePipe().keepWrite().release()
}

/// One line, in one write, so that lines of several processes do not mix.
func say(_ text: String) {
    try? DescriptorIO.writeAll(text + "\n", to: 1)
}

/// Prints what the supervisor says about slots.
final class PrintedSlots: SlotRegistry {
    private var busy: Int
    private let softNs: Int64
    private let hardNs: Int64
    private let printsLives: Bool
    private var deadlines: [Int: RequestDeadlines] = [:]

    /// Every first worker of a slot runs a request with these limits from its start, 0 for none.
    init(busy: Int, softNs: Int64, hardNs: Int64, printsLives: Bool) {
        self.busy = busy
        self.printsLives = printsLives
        self.softNs = softNs
        self.hardNs = hardNs
    }

    func requestDeadlines(slot: Int) -> RequestDeadlines {
        deadlines[slot] ?? RequestDeadlines()
    }

    func assign(slot: Int, generation: UInt32, processID: Int32) {
        let nowNs = Clock.monotonicNs()
        deadlines[slot] =
            generation > 1
            ? nil : RequestDeadlines(softNs: softNs > 0 ? nowNs + softNs : 0, hardNs: hardNs > 0 ? nowNs + hardNs : 0)
        say("assign \(slot) \(generation) \(processID)")
    }

    func recordDeath(slot: Int, generation: UInt32, end: ProcessEnd, isOverdue: Bool) {
        say("death \(slot) \(generation) \(end)\(isOverdue ? " overdue" : "")")
    }

    func retire(slot: Int) {
        say("retire \(slot)")
    }

    func setLife(slot: Int, _ life: SlotLife) {
        if printsLives { say("life \(slot) \(life)") }
    }

    func flush() {
        if printsLives { say("flush") }
    }

    func isCompleted(slot: Int) -> Bool {
        busy -= 1
        say("asked \(slot) \(busy < 0)")
        return busy < 0
    }
}

struct Options {
    private var values: [String: String] = [:]

    init(_ arguments: ArraySlice<String>) {
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            values[parts[0]] = parts.count > 1 ? parts[1] : ""
        }
    }

    subscript(key: String) -> String? { values[key] }

    func number(_ key: String, _ standard: Int) -> Int {
        values[key].flatMap { Int($0) } ?? standard
    }

    func milliseconds(_ key: String, _ standard: Int) -> Int64 {
        Int64(number(key, standard)) * 1_000_000
    }

    /// `worker=` serve, die (before it is ready), hang (before it is ready), spin (once it is ready), deaf (to every
    /// signal), or a number: exits with it.
    ///
    /// One that serves asks for a replacement at USR1.
    func runWorker(_ context: ChildContext) -> Int32 {
        runWorker(context, mode: values["worker"] ?? "serve")
    }

    func runWorker(_ context: ChildContext, mode: String) -> Int32 {
        run(context, mode: mode) { signal in
            signal == .terminate || signal == .interrupt || signal == .quit
        }
    }

    /// `writer=` as for a worker, or none.
    func runLogWriter(_ context: ChildContext) -> Int32 {
        let status = run(context, mode: values["writer"] ?? "serve") { signal in
            signal == .terminate
        }
        if status == 0 { say("log writer finished") }
        return status
    }

    private func run(_ context: ChildContext, mode: String, isEnd: (Signal) -> Bool) -> Int32 {
        // From this generation on, every child serves.
        let serves = Int(context.generation) > number("failures", Int.max)
        let mode = serves ? "serve" : mode
        let name = "\(context.role.description) \(context.generation) \(CurrentProcess.processID)"
        if let status = Int32(mode) { return status }
        if mode == "die" { return 1 }
        if mode != "hang" {
            say("ready \(name)")
            context.reportReady()
            say("told \(name)")
        }
        while true {
            if mode == "spin" { continue }
            awaitSignal(context)
            while let signal = (try? context.signals.next()) ?? nil {
                say("got \(signal.name) \(name)")
                if signal == .user1, mode == "serve" { context.askForReplacement() }
                if mode == "serve", isEnd(signal) { return 0 }
            }
        }
    }
}

/// Waits for a signal; ends a log writer whose workers and master are gone.
func awaitSignal(_ context: ChildContext) {
    guard let poll = try? EventPoll() else { return }
    try? poll.add(context.signals.rawValue, .read, token: 0)
    if let lifeline = context.lifeline { try? poll.add(lifeline, .read, token: 1) }
    while let count = try? poll.wait(timeoutMs: -1) {
        if (0..<count).contains(where: { poll.token(at: $0) == 1 }) {
            say("log writer outlived all")
            CurrentProcess.exit(status: 0)
        }
        if count > 0 { return }
    }
}
