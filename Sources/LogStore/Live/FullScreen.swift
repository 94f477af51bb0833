// A terminal's whole screen for a view that changes: draws what changed, waits for keys, gives the screen back.
public import LinuxSyscalls
import SystemPackage

/// The screen of the terminal on standard input and output, until it is left.
public final class FullScreen {
    /// What ended a wait.
    public enum Event: Equatable, Sendable {
        /// The time is up.
        case time
        /// Keys were pressed: their bytes.
        case keys([UInt8])
        /// The screen has another size, or shows something else.
        case resized
        /// A signal says to end: 130 for INT, 143 for TERM, and so on, as shells count.
        case ended(status: Int32)
    }

    private let poll: EventPoll
    private var signals: SignalDescriptor
    private var buffer = ScreenBuffer()
    private var lastNs = Clock.monotonicNs()

    private static let watched: [Signal] = [
        .windowChange, .hangUp, .interrupt, .quit, .terminate, .terminalStop, .resume,
    ]

    /// Takes the screen.
    ///
    /// - Throws: `Errno` when standard input or output is no terminal, or the kernel refuses.
    public init() throws {
        poll = try EventPoll(capacity: 4)
        signals = try SignalDescriptor(blocking: Self.watched)
        try TerminalScreen.enter()
        try poll.add(FileDescriptor.standardInput.rawValue, .read, token: 0)
        try poll.add(signals.rawValue, .read, token: 1)
    }

    /// Gives the screen back; also done when the process exits.
    public func leave() {
        TerminalScreen.leave()
    }

    /// Gives the screen back and stops, as the key Control-Z asks; the shell's `fg` goes on here, with the screen taken
    /// again.
    ///
    /// - Throws: `Errno` when the terminal is gone meanwhile.
    public func suspend() throws {
        leave()
        try poll.remove(signals.rawValue)
        try Signal.unblockAll()
        // Without a shell that could bring it back the kernel does not stop it.
        try Signal.terminalStop.raise()
        signals = try SignalDescriptor(blocking: Self.watched)
        try poll.add(signals.rawValue, .read, token: 1)
        try takeAgain()
    }

    private func takeAgain() throws {
        // Whoever had the terminal meanwhile has set it as it liked.
        leave()
        try TerminalScreen.enter()
        forget()
    }

    /// The size of the screen, 80 × 24 when the terminal does not know.
    public var size: TerminalSize {
        FileDescriptor.standardOutput.terminalSize ?? TerminalSize(columns: 80, rows: 24)
    }

    /// Shows lines from the top of the screen, as many as it has rows; only characters that changed are sent.
    ///
    /// - Returns: whether anybody still looks.
    public func draw(_ lines: [String]) throws -> Bool {
        let output = buffer.update(lines)
        return try output.isEmpty || StandardOutput.write(Array(output.utf8))
    }

    /// Has the next ``draw(_:)`` send everything.
    public func forget() {
        buffer.forget()
    }

    /// Waits for a key, a signal or the time, which is up so many milliseconds after it was up before.
    public func wait(intervalMs: Int) throws -> Event {
        let restNs = lastNs + Int64(intervalMs) * 1_000_000 - Clock.monotonicNs()
        let count = try poll.wait(timeoutMs: CInt(clamping: max(0, restNs + 999_999) / 1_000_000))
        for index in 0..<count where poll.token(at: index) == 1 {
            while let signal = try signals.next() {
                switch signal {
                case .windowChange: forget()
                case .terminalStop:
                    try suspend()
                    return .resized
                case .resume: try takeAgain()
                default: return .ended(status: 128 + signal.rawValue)
                }
            }
            return .resized
        }
        if count == 0 {
            lastNs = Clock.monotonicNs()
            return .time
        }
        let keys = try DescriptorIO.read(from: FileDescriptor.standardInput.rawValue, atMost: 64)
        // A terminal that is readable and has nothing to say has gone.
        return keys.isEmpty ? .ended(status: 129) : .keys(keys)
    }
}
