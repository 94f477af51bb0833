// The old master's part in an upgrade: starts the new program, asks it, and kills it or hands over.
public import LinuxSyscalls
public import SystemPackage

/// What an upgrade is made of.
public struct UpgradeConfiguration {
    /// From the start of the new program to its answer, in nanoseconds; then it is killed.
    public var limitNs: Int64 = 10_000_000_000
    /// Starts the new program in a process group of its own and gives it this end of the channel.
    public var start: (_ channel: CInt) throws(Errno) -> StartedProgram
    /// Sends a request to the new tree, waiting as long as it takes: the whole life of a child. 0 when the answer is
    /// well, else a status that ``describeFailure`` knows.
    public var probe: () -> Int32
    /// What a status of ``probe`` says.
    public var describeFailure: (Int32) -> String
    /// Called with the number of the new master when it takes over, before it knows.
    public var willHandOver: (Int32) -> Void = { _ in }

    /// With 10 s to answer.
    public init(
        start: @escaping (_ channel: CInt) throws(Errno) -> StartedProgram, probe: @escaping () -> Int32,
        describeFailure: @escaping (Int32) -> String
    ) {
        self.start = start
        self.probe = probe
        self.describeFailure = describeFailure
    }
}

/// A program that runs in a process group of its own.
public final class StartedProgram {
    let process: ChildProcess

    /// Holds it.
    public init(_ process: consuming ChildProcess) {
        self.process = process
    }
}

/// Performs what ``UpgradePolicy`` decides.
///
/// The channel is a pair of sockets: the new master says `r` when it is ready, the old one `g` when it may go. Whoever
/// holds the other end of a channel that ends without a word is alone.
final class Upgrader {
    private let configuration: UpgradeConfiguration
    private let poll: EventPoll
    private let log: (String) -> Void
    private var policy: UpgradePolicy
    private var successor: StartedProgram?
    private var channel: Descriptor?
    private var probe: StartedProgram?
    /// Children that were told to ask and then killed.
    private var abandoned: [StartedProgram] = []
    private var isHandedOver = false

    init(_ configuration: UpgradeConfiguration, poll: EventPoll, log: @escaping (String) -> Void) {
        self.configuration = configuration
        self.poll = poll
        self.log = log
        policy = UpgradePolicy(limitNs: configuration.limitNs)
    }

    var nextDeadlineNs: Int64? { policy.nextDeadlineNs }

    /// Begins an upgrade, or says why not.
    func request() {
        deliver(.requested)
    }

    /// The master is to do something else: the new tree, if it does not serve yet, is killed.
    func interrupt(by signal: Signal) {
        deliver(.interrupted(by: signal.name))
    }

    /// Everything that has happened since the last turn; true, once, when the new tree has taken over.
    func turn() -> Bool {
        abandoned.removeAll(where: collect)
        if isReported() { deliver(.ready) }
        if let asked = probe, let end = end(of: asked) {
            probe = nil
            _ = collect(asked)
            deliver(.probed(failure: end == .exited(status: 0) ? nil : describe(end)))
        }
        if let ended = successor, let end = end(of: ended) {
            deliver(.ended(end.description))
            // Collected only now: until then its number, which is that of its group, can be nobody else's.
            _ = collect(ended)
            successor = nil
            channel = nil
        }
        if let deadlineNs = policy.nextDeadlineNs, deadlineNs <= Clock.monotonicNs() { deliver(.timer) }
        defer { isHandedOver = false }
        return isHandedOver
    }

    private func deliver(_ event: UpgradeEvent) {
        var events = [event]
        while !events.isEmpty {
            for action in policy.handle(events.removeFirst(), at: Clock.monotonicNs()) {
                switch action {
                case .start: events.append(start())
                case .probe: if let failure = startProbe() { events.append(.probed(failure: failure)) }
                case .endProbe: abandonProbe()
                case .kill: kill()
                case .handOver: handOver()
                case .warn(let text): log(text)
                }
            }
        }
    }

    private func start() -> UpgradeEvent {
        do throws(Errno) {
            let ends = try DescriptorIO.makeSocketPair()
            let started = try configuration.start(ends.write.rawValue)
            successor = started
            try poll.add(started.process.rawValue, .read, token: 0)
            try poll.add(ends.read.rawValue, .read, token: 0)
            channel = ends.keepRead()
            return .started(processID: started.process.processID)
        } catch {
            kill()
            return .notStarted("\(error)")
        }
    }

    /// Whether the new tree has just said that it is ready.
    private func isReported() -> Bool {
        guard let number = channel?.rawValue else { return false }
        // Nothing to read yet is an error too, EAGAIN; the end of the channel is an empty read.
        guard let bytes = try? DescriptorIO.read(from: number, atMost: 1) else { return false }
        try? poll.remove(number)
        return !bytes.isEmpty
    }

    /// Makes the child that asks; in it, this never returns. Answers why there is none.
    private func startProbe() -> String? {
        do throws(ForkError) {
            let master = CurrentProcess.processID
            switch try forkProcess() {
            case .child:
                guard (try? CurrentProcess.dieWithParent(master, signal: .kill)) == true else {
                    CurrentProcess.exit(status: 1)
                }
                try? CurrentProcess.closeDescriptors(except: [])
                CurrentProcess.exit(status: configuration.probe())
            case .parent(let process):
                let started = StartedProgram(process)
                probe = started
                try? poll.add(started.process.rawValue, .read, token: 0)
                return nil
            }
        } catch {
            return "it cannot be asked: \(error.description)"
        }
    }

    private func abandonProbe() {
        guard let probe else { return }
        try? probe.process.send(.kill)
        abandoned.append(probe)
        self.probe = nil
    }

    /// All processes of the new tree are of one group, whose number the new master keeps until it is collected.
    private func kill() {
        guard let successor else { return }
        try? Signal.kill.send(to: -successor.process.processID)
    }

    private func handOver() {
        guard let number = channel?.rawValue, let successor else { return }
        configuration.willHandOver(successor.process.processID)
        // The only failure is a new master that has just died, which its end tells.
        try? DescriptorIO.writeAll("g", to: number)
        isHandedOver = true
    }

    private func describe(_ end: ProcessEnd) -> String {
        if case .exited(let status) = end { return configuration.describeFailure(status) }
        return "the process that was to ask it ended: \(end.description)"
    }

    private func end(of program: StartedProgram?) -> ProcessEnd? {
        (try? program?.process.end()) ?? nil
    }

    /// Takes an ended child out of the wait and collects it.
    private func collect(_ program: StartedProgram) -> Bool {
        guard (try? program.process.collect()) != nil else { return false }
        try? poll.remove(program.process.rawValue)
        return true
    }
}
