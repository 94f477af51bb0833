// What a worker tells the handler of fatal signals and of the time limit, which is C: once at its start, then by plain
// stores.
internal import CLinux
internal import Glibc
internal import Synchronization
public import SystemPackage

/// An error answer that is ready to be sent but for the request's id.
public struct ErrorAnswer: Sendable {
    /// Status line, fields and the empty line.
    public var head: [UInt8]
    /// The page.
    public var body: [UInt8]
    /// Where in the head the id goes, 16 hexadecimal digits; nil for nowhere.
    public var headIDOffset: Int?
    /// Where in the body.
    public var bodyIDOffset: Int?

    /// Gathers the parts. An offset that leaves no room for 16 digits counts as none.
    public init(head: [UInt8], body: [UInt8], headIDOffset: Int?, bodyIDOffset: Int?) {
        self.head = head
        self.body = body
        self.headIDOffset = headIDOffset.flatMap { $0 >= 0 && $0 + 16 <= head.count ? $0 : nil }
        self.bodyIDOffset = bodyIDOffset.flatMap { $0 >= 0 && $0 + 16 <= body.count ? $0 : nil }
    }

    /// The parts in memory of their own, which is never given back: a handler of signals may need it at any time.
    var inC: clinux_error_answer {
        let bytes = head + body
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, bytes.count))
        unsafe memory.initialize(repeating: 0, count: max(1, bytes.count))
        for (index, byte) in bytes.enumerated() { unsafe memory[index] = byte }
        return unsafe clinux_error_answer(
            bytes: memory, head_count: head.count, count: bytes.count, head_id: headIDOffset ?? -1,
            body_id: bodyIDOffset.map { $0 + head.count } ?? -1)
    }
}

/// The shared memory in which a crash is noted: words of the log's mapping, which outlives the process.
@safe
public struct CrashMemory {
    let report: UnsafeMutablePointer<UInt64>
    let softDeadline: UnsafePointer<UInt64>
    let entries: clinux_entries
    let generation: UInt64

    /// Words of a report, from ``Word`` on.
    public static let reportWords = Int(CLINUX_REPORT_WORDS)

    /// Which words of an entry the handler must know, by number, and two values of its state.
    public struct EntryWords {
        let count: Int
        let state: Int
        let connection: Int
        let end: Int
        let inFlight: UInt64
        let leaving: UInt64

        /// Gathers the numbers.
        public init(count: Int, state: Int, connection: Int, end: Int, inFlight: UInt64, leaving: UInt64) {
            self.count = count
            self.state = state
            self.connection = connection
            self.end = end
            self.inFlight = inFlight
            self.leaving = leaving
        }
    }

    /// Names the places. All of them stay mapped as long as the process lives.
    @unsafe public init(
        report: UnsafeMutableRawPointer, softDeadline: UnsafeMutableRawPointer, entries: UnsafeMutableRawPointer,
        entryCount: Int, words: EntryWords, generation: UInt64
    ) {
        unsafe self.report = report.assumingMemoryBound(to: UInt64.self)
        unsafe self.softDeadline = UnsafePointer(softDeadline.assumingMemoryBound(to: UInt64.self))
        unsafe self.entries = clinux_entries(
            words: entries.assumingMemoryBound(to: UInt64.self), count: entryCount, entry_words: words.count,
            state_word: words.state, connection_word: words.connection, end_word: words.end,
            in_flight: words.inFlight, leaving: words.leaving)
        self.generation = generation
    }
}

/// The handler of ILL, TRAP, ABRT, BUS, FPE, SEGV and ALRM of a worker.
///
/// On a fault the client of the request whose handler runs gets the answers that wait for it and then a `500`, if no
/// byte of an answer to the request has left; why the process dies is noted in shared memory; whoever handled the
/// signal before has its turn (Swift's backtrace on standard error); and the process ends of the signal. On
/// SIGALRM the same happens with a `504`, if the request has really had its time; else the signal means nothing.
@safe
public struct CrashHandler {
    private let running: UnsafeMutablePointer<clinux_running>

    /// What an answer to a request consists of.
    public enum AnswerForm: Int32, Sendable {
        /// Head and body.
        case whole
        /// The head alone: to HEAD.
        case head
        /// The body alone: to HTTP/0.9.
        case body
    }

    /// Looks up what ``install(memory:crash:timeout:)`` needs to know of this thread's stack and of the program: once
    /// for all children that this thread forks. The C functions are `pthread_getattr_np` and `dl_iterate_phdr`.
    public static func prepare() {
        clinux_prepare_crash_handler()
    }

    /// Installs the handler in this process, for the calling thread, on an alternate stack. The C functions are
    /// `sigaltstack` and `sigaction`.
    ///
    /// - Parameters:
    ///   - memory: where a crash is noted; nil for nowhere.
    ///   - crash: the answer to a request that crashes.
    ///   - timeout: the answer to a request that takes too long.
    public static func install(
        memory: CrashMemory?, crash: ErrorAnswer, timeout: ErrorAnswer
    ) throws(Errno) -> CrashHandler {
        var setup = unsafe clinux_crash_setup()
        unsafe setup.crash_answer = crash.inC
        unsafe setup.timeout_answer = timeout.inC
        if let memory {
            unsafe setup.generation = memory.generation
            unsafe setup.report = memory.report
            unsafe setup.soft_deadline = memory.softDeadline
            unsafe setup.entries = memory.entries
        }
        _ = try checked { unsafe clinux_install_crash_handler(&setup) }
        return unsafe CrashHandler(running: clinux_running())
    }

    /// A handler runs now, or another one.
    ///
    /// - Parameters:
    ///   - descriptor: the socket.
    ///   - requestID: of its row; 0 for none.
    ///   - connection: its number in the log.
    ///   - start: where the answer begins in the connection's output.
    ///   - sent: where the output that has not left begins; no more than `start`.
    ///   - pending: holds that output; may be nil when there is none.
    @inline(__always)
    public func begin(
        descriptor: CInt, form: AnswerForm, requestID: UInt64, connection: UInt64, start: UInt64, sent: UInt64,
        pending: ByteBuffer?
    ) {
        end()
        unsafe running.pointee.form = form.rawValue
        unsafe running.pointee.request_id = requestID
        unsafe running.pointee.connection = connection
        unsafe running.pointee.start = start
        unsafe running.pointee.sent = sent
        if let pending {
            unsafe running.pointee.pending = UnsafePointer(pending.storage)
        } else {
            unsafe running.pointee.pending = nil
        }
        atomicMemoryFence(ordering: .releasing)
        unsafe running.pointee.descriptor = descriptor
    }

    /// The answer begins later in the output: what stands there now is no part of it.
    @inline(__always)
    public func moveStart(to start: UInt64, pending: ByteBuffer?) {
        if let pending { unsafe running.pointee.pending = UnsafePointer(pending.storage) }
        unsafe running.pointee.start = start
    }

    /// The handler is done.
    @inline(__always)
    public func end() {
        unsafe running.pointee.descriptor = -1
        atomicMemoryFence(ordering: .acquiringAndReleasing)
    }

    /// A send begins, and the output changes after it: until ``sendEnded(sent:)`` nobody else may send.
    @inline(__always)
    public func sendBegins() {
        unsafe running.pointee.sending = 1
        atomicMemoryFence(ordering: .acquiringAndReleasing)
    }

    /// The send is over, and the output says what is left.
    ///
    /// - Parameter sent: where the output that has not left begins.
    @inline(__always)
    public func sendEnded(sent: UInt64) {
        unsafe running.pointee.sent = sent
        atomicMemoryFence(ordering: .releasing)
        unsafe running.pointee.sending = 0
    }
}
