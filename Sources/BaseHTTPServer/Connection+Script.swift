// A connection whose request a script answers: it waits, passes the output on, and goes on with the next request.
internal import AccessLog
internal import HTTPMessage
internal import LinuxSyscalls

extension Connection {
    /// Leaves the present request to a script.
    func begin(_ script: Script) {
        self.script = script
        phase = .script
    }

    /// Nothing happens here until the script writes or ends; only a connection that breaks is told of.
    func awaitScript() {
        guard watch([]) else { return }
        loop.deadlines.remove(index)
        script?.goOn()
    }

    /// Whether the script must wait for the client.
    var isFullForScript: Bool {
        output.hasFiles || output.memoryCount > loop.configuration.answerMemoryBytes / 2
    }

    /// Whether what the script writes can reach the client.
    var takesBody: Bool { response.framing != .none && response.framing != .length(0) }

    /// Writes part of the answer and sends what the client takes.
    func answer(from script: Script, _ step: () throws -> Void) {
        loop.log.beginRunning(self)
        do {
            try step()
            loop.log.endRunning()
            requestsThisTurn = 0
            settle()
            if record.firstByteNs == 0, output.sent > response.startPlace { record.firstByteNs = loop.nowNs }
        } catch {
            failed(error)
            finishScript {}
        }
    }

    /// Ends the script's part in the present request: `last` is what is still to be written.
    func finishScript(_ last: () throws -> Void) {
        script = nil
        if phase == .script { phase = .handling }
        loop.log.beginRunning(self)
        do {
            try last()
        } catch {
            failed(error)
        }
        if phase == .handling { finishAnswer() }
        loop.log.endRunning()
        proceed()
    }

    /// The script was silent for too long: `error` is the answer, unless part of another has been written.
    func scriptTimedOut(_ error: () throws -> Void) {
        if response.phase == .none { return finishScript(error) }
        close(outcome: .timeout)
    }

    /// The handler failed behind the start of a script.
    func dropScript() {
        guard let script else { return }
        self.script = nil
        phase = .handling
        script.abandon()
    }

    /// The connection closes while a script runs for it.
    func cutScript() {
        guard let script else { return }
        self.script = nil
        record.status = UInt16(clamping: record.loggedStatus ?? response.status)
        record.startPlace = response.startPlace
        record.endPlace = output.end
        script.abandon()
    }
}

extension Connection {
    /// Puts another target in place of the present request's, and takes its body away. The target lies behind the head
    /// then, as if the client had sent it there, so the log keeps the one that was sent.
    func replaceTarget(_ target: [UInt8]) {
        guard let input else { return }
        input.insert(target.span.octets, at: requestStart + head.headLength)
        head.target = ByteRange(head.headLength..<head.headLength + target.count)
        head.headLength += target.count
        pathText = nil
        body = nil
        requestInput = RequestInput(nil)
    }

    /// Path and query of the target as they were sent, without scheme and host.
    func targetBytes() -> (path: [UInt8], query: [UInt8]?) {
        guard let input else { return ([47], nil) }
        let target = input.bytes.extracting(droppingFirst: requestStart).extracting(head.target.range)
        let parts = TargetPath.split(target: target)
        return (target.extracting(parts.path).copied, parts.query.map { target.extracting($0).copied })
    }

    /// Host and port that the request is for; may be empty.
    func hostBytes() -> [UInt8] {
        guard let input else { return [] }
        return input.bytes.extracting(droppingFirst: requestStart).extracting(head.host.range).copied
    }

    /// All fields in order.
    func fieldBytes() -> [(name: [UInt8], value: [UInt8])] {
        guard let input else { return [] }
        let bytes = input.bytes.extracting(droppingFirst: requestStart)
        return (0..<parser.head.fieldCount).map { index in
            (
                bytes.extracting(parser.head.name(at: index).range).copied,
                bytes.extracting(parser.head.value(at: index).range).copied
            )
        }
    }
}
