// A CGI script that runs: its process, its pipes, its time. Its connection gets the answer; it may outlive both.
internal import HTTPMessage
internal import LinuxSyscalls
internal import SystemPackage

/// A script from its start until its process is collected.
///
/// Its standard input is a file, so nothing waits for it to read. Its output and its errors come through pipes that the
/// loop reads as they fill: the output only as fast as the client takes it.
final class Script {
    /// Bytes taken from a pipe at a time: as many as one holds.
    static let readBytes = 65_536
    /// How long an answer waits for the end of its process behind the end of the output.
    private static let endDelayNs: Int64 = 100_000_000

    /// How far its end was brought about.
    private enum Ending { case none, terminated, killed }

    /// When something must have happened, nanoseconds of the monotonic clock.
    private(set) var dueNs: Int64
    /// How often a Location led on before this script.
    private let redirectCount: Int
    private let isNonParsed: Bool
    private let handler: CGIHTTPRequestHandler
    private let connection: Connection
    private let loop: EventLoop
    /// The request as it was when the script was started: for what comes when it is answered.
    private let record: RequestRecord
    private let process: ChildProcess
    /// Nil once it is at its end.
    private var output: PipeReader?
    private var errors: PipeReader?
    /// The watch of the process; nil once it has ended.
    private var endWatch: UInt64?
    private var ending = Ending.none
    /// Whether the request waits for what the script writes.
    private var isAnswering = true
    private var parser: CGIResponseParser
    /// What was written before the head was complete; nil from then on.
    private var headBytes: ByteBuffer? = ByteBuffer(capacity: 1024)
    private var errorLines = ErrorLines()

    /// Starts a script for the present request of a handler's connection, which waits for it from now on.
    ///
    /// - Throws: what the kernel says; then nothing runs.
    static func start(
        _ place: ScriptPlace, handler: CGIHTTPRequestHandler, environment: [[UInt8]], arguments: [[UInt8]]
    ) throws(Errno) {
        let script = try Script(place, handler, environment, arguments)
        script.loop.add(script)
        do throws(Errno) {
            try script.watch()
        } catch {
            script.isAnswering = false
            script.kill()
            throw error
        }
        handler.request.begin(script)
    }

    private init(
        _ place: ScriptPlace, _ handler: CGIHTTPRequestHandler, _ environment: [[UInt8]], _ arguments: [[UInt8]]
    ) throws(Errno) {
        self.handler = handler
        connection = handler.request
        loop = handler.request.loop
        record = handler.request.record
        redirectCount = handler.redirectCount
        isNonParsed = place.isNonParsed
        parser = CGIResponseParser(limits: loop.configuration.limits)
        let input = try Self.input(connection.body)
        let outputEnds = try DescriptorIO.makePipe()
        let errorEnds = try DescriptorIO.makePipe()
        // The script's ends wait, as a program expects.
        try DescriptorIO.setNonBlocking(outputEnds.write.rawValue, false)
        try DescriptorIO.setNonBlocking(errorEnds.write.rawValue, false)
        var launch = ProgramLaunch(
            FilePath(bytes: place.file), input: input.rawValue, output: outputEnds.write.rawValue,
            error: errorEnds.write.rawValue)
        launch.arguments = arguments
        launch.environment = environment
        launch.directory = FilePath(bytes: place.file).removingLastComponent()
        process = try launch.start()
        dueNs = loop.nowNs + Deadlines.nanoseconds(loop.configuration.cgiTimeoutSeconds)
        output = PipeReader(outputEnds.keepRead(), loop) { [unowned self] in readOutput() }
        errors = PipeReader(errorEnds.keepRead(), loop) { [unowned self] in
            readErrors()
            checkEnd()
        }
    }

    private static func input(_ body: RequestBody?) throws(Errno) -> Descriptor {
        guard let body else { return try File.open("/dev/null", .readOnly) }
        return try body.open()
    }

    private func watch() throws(Errno) {
        endWatch = try loop.watch(process.rawValue) { [unowned self] in processEnded() }
        try output?.resume()
        try errors?.resume()
    }

    // MARK: Output

    private func readOutput() {
        guard let output else { return }
        let buffer = headBytes ?? loop.scriptBuffer
        if headBytes == nil { buffer.removeAll() }
        switch output.read(into: buffer, atMost: Self.readBytes) {
        case .wouldBlock: return
        case .bytes(0), .failed:
            closeOutput()
            if endWatch == nil || !isAnswering { return outputEnded() }
            // How the process ends says whether the answer is whole, and it ends a moment later as a rule.
            dueNs = min(dueNs, loop.nowNs + Self.endDelayNs)
            return loop.note(dueNs: dueNs)
        case .bytes: break
        }
        if !isAnswering { return headBytes = nil }
        // What reaches nobody does not prolong its time: an output without end would never be over.
        if !parser.head.isLocalRedirect, connection.takesBody { startTime() }
        if headBytes == nil { return write(buffer) }
        isNonParsed ? passStatusLine(buffer) : readHead(buffer)
    }

    private func readHead(_ bytes: ByteBuffer) {
        switch parser.parse(bytes.bytes) {
        case .needMore: return
        case .reject(let reason):
            fail(reason.text(in: bytes.bytes))
            terminate()
        case .head:
            // A head that leads on is kept until the output ends: then the other answer is made.
            if parser.head.isLocalRedirect { return bytes.truncate(to: parser.head.headLength) }
            headBytes = nil
            let head = parser.head
            connection.answer(from: self) {
                try handler.sendScriptHead(head, in: bytes)
                try connection.appendBody(bytes.bytes.extracting(droppingFirst: head.headLength))
            }
            holdIfFull()
        }
    }

    /// The script writes to the client itself: only its status is looked at, for the log.
    private func passStatusLine(_ bytes: ByteBuffer) {
        guard let code = CGIResponseParser.statusLineCode(bytes.bytes) else { return }
        if code == 0 {
            fail("the CGI script sent no status line")
            return terminate()
        }
        headBytes = nil
        connection.answer(from: self) {
            handler.logRequest(Int(code))
            try connection.appendBody(bytes.bytes)
        }
        holdIfFull()
    }

    private func write(_ bytes: ByteBuffer) {
        connection.answer(from: self) { try connection.appendBody(bytes.bytes) }
        holdIfFull()
    }

    /// Reads no more until the client has taken what is there. Meanwhile the script may wait, so its time stands still.
    private func holdIfFull() {
        guard isAnswering, let output, connection.isFullForScript else { return }
        output.pause()
        dueNs = .max
    }

    /// The client has taken everything.
    func goOn() {
        guard let output, output.isPaused, ending == .none else { return }
        resume(output)
        startTime()
        loop.note(dueNs: dueNs)
    }

    private func startTime() {
        dueNs = loop.nowNs + Deadlines.nanoseconds(loop.configuration.cgiTimeoutSeconds)
    }

    private func resume(_ reader: PipeReader) {
        // The kernel's limit of watches: nothing can be read any more.
        if (try? reader.resume()) == nil { kill() }
    }

    private func closeOutput() {
        output?.pause()
        output = nil
    }

    /// The answer ends with the output, once it is known how the process ended, or that it goes on without.
    private func outputEnded() {
        defer { checkEnd() }
        guard isAnswering else { return }
        // What it wrote to its errors before belongs to the request while that is open.
        readErrors()
        guard let headBytes else {
            let end = try? process.end()
            return finishAnswer { if case .signalled(let signal)? = end { throw ScriptEnd(signal: signal) } }
        }
        guard let location = parser.head.location, parser.head.isLocalRedirect else {
            return fail("premature end of the CGI script's headers")
        }
        let target = headBytes.bytes.extracting(location.range).copied
        finishAnswer { try self.handler.redirect(to: target, count: self.redirectCount + 1) }
    }

    /// The script sent no answer: the client is told that much, the log why.
    private func fail(_ reason: String) {
        logError(reason)
        finishAnswer { try self.handler.sendError(500) }
    }

    private func finishAnswer(_ last: () throws -> Void) {
        isAnswering = false
        headBytes = nil
        connection.finishScript(last)
    }

    // MARK: Errors

    private func readErrors() {
        let buffer = loop.scriptBuffer
        while let errors {
            buffer.removeAll()
            switch errors.read(into: buffer, atMost: Self.readBytes) {
            case .wouldBlock: return
            case .bytes(let count) where count > 0:
                errorLines.take(buffer.bytes.copied) { logError($0) }
                // More than a pipe holds: others have their turn.
                if count == Self.readBytes { return }
            case .bytes, .failed: closeErrors()
            }
        }
    }

    private func closeErrors() {
        guard let errors else { return }
        errors.pause()
        self.errors = nil
        errorLines.end { logError($0) }
    }

    /// Logs an error of the script's request, also when that is answered and the connection has another.
    private func logError(_ message: String) {
        let present = connection.record
        if !isAnswering { connection.record = record }
        handler.logError(message)
        if !isAnswering { connection.record = present }
    }

    // MARK: End

    /// The request wants no more of the output, and the script is to end.
    func abandon() {
        isAnswering = false
        headBytes = nil
        terminate()
    }

    /// It has been silent for too long, or did not end when it was told to.
    func timeIsUp() {
        if ending == .terminated { return kill() }
        if ending == .killed { return checkEnd() }
        if output == nil, isAnswering {
            // It goes on without output, which is complete.
            dueNs = loop.nowNs + Deadlines.nanoseconds(loop.configuration.cgiTimeoutSeconds)
            return outputEnded()
        }
        logError("CGI script timed out")
        let wasAnswering = isAnswering
        terminate()
        guard wasAnswering else { return }
        isAnswering = false
        headBytes = nil
        connection.scriptTimedOut { try self.handler.sendError(504) }
    }

    /// Asks the process group to end; what it still writes is read and dropped.
    func terminate() {
        guard ending == .none else { return }
        ending = .terminated
        signal(.terminate)
        dueNs = loop.nowNs + Deadlines.nanoseconds(loop.configuration.cgiKillDelaySeconds)
        loop.note(dueNs: dueNs)
        if let output { resume(output) }
        checkEnd()
    }

    /// Ends the process group.
    func kill() {
        guard ending != .killed else { return }
        ending = .killed
        signal(.kill)
        dueNs = .max
        checkEnd()
    }

    /// The first process is collected last, so the number of the group is still its own.
    private func signal(_ signal: Signal) {
        try? signal.send(to: -process.processID)
    }

    private func processEnded() {
        if let endWatch { loop.unwatch(endWatch, process.rawValue) }
        endWatch = nil
        output == nil ? outputEnded() : checkEnd()
    }

    /// Collects the process when nothing more is expected of it.
    private func checkEnd() {
        guard endWatch == nil else { return }
        switch ending {
        // Children that it left may go on, if they left its output.
        case .none where output == nil: readErrors()
        // Whoever is left has had the time, or has closed both pipes.
        case .terminated where output == nil && errors == nil: signal(.kill)
        case .killed: break
        default: return
        }
        closeOutput()
        errors?.pause()
        errors = nil
        do throws(Errno) {
            guard let end = try process.collect() else {
                // Its end could not be watched.
                dueNs = loop.nowNs + 10_000_000
                return loop.note(dueNs: dueNs)
            }
            errorLines.end { logError($0) }
            if ending == .none { logEnd(end) }
        } catch {
            logError("cannot collect the CGI script: \(error)")
        }
        loop.remove(self)
    }

    /// As Python says it: a signal is a negative code.
    private func logEnd(_ end: ProcessEnd) {
        switch end {
        case .exited(0): break
        case .exited(let status): logError("CGI script exit code \(status)")
        case .signalled(let signal): logError("CGI script exit code -\(signal.rawValue) (\(signal.name))")
        }
    }
}

/// A signal ended the script in the middle of its answer, so the client must not take it for whole.
private struct ScriptEnd: Error, CustomStringConvertible {
    let signal: Signal

    var description: String { "the CGI script was ended by \(signal.name)" }
}
