// From a whole request to a sent answer: run the handler, end its answer, send, and decide what the connection waits
// for.
internal import AccessLog
internal import HTTPMessage
internal import HTTPTypes
internal import LinuxSyscalls
internal import SystemPackage

extension Connection {
    /// Runs the handler for the request that is ready, and for those that follow in the input.
    func serve() {
        guard let handler else { return close(outcome: .aborted) }
        loop.log.setRunning(record)
        repeat {
            do {
                try handler.handle()
            } catch {
                failed(error)
            }
            // An override of handle() may take one request of several.
        } while advance()
        loop.log.setRunning(nil)
    }

    /// Ends the present answer and brings the next request to where it can be handled; false when there is none.
    func advance() -> Bool {
        if phase == .handling { finishAnswer() }
        guard nextRequest() else { return false }
        loop.log.setRunning(record)
        return true
    }

    /// A handler threw: the client gets a 500 if nothing of the answer has left, and the error is logged.
    func failed(_ error: any Error) {
        guard let handler else { return }
        loop.server.handleError(self, error: error)
        dropScript()
        closeConnection = true
        mustLinger = true
        if case ResponseError.clientGone = error { return abandonAnswer() }
        guard takeAnswerBack() else { return abandonAnswer() }
        do {
            try handler.sendError(500)
            try endAnswer()
        } catch {
            abandonAnswer()
        }
    }

    /// Nothing is written of the next answer.
    func beginResponse() {
        response = Response(startPlace: output.end)
        spool = nil
    }

    /// Drops what was written of the answer; false when some of it may have left.
    func takeAnswerBack() -> Bool {
        if response.phase != .none {
            guard output.sent <= response.startPlace, spool == nil, !output.hasFiles else { return false }
            output.truncate(to: response.startPlace)
        }
        beginResponse()
        return true
    }

    /// Nothing sensible can follow on this connection.
    private func abandonAnswer() {
        record.isWhole = false
        closing = true
    }

    /// Ends the answer's framing and queues its record; the request's bytes are done with.
    func finishAnswer() {
        if record.isWhole {
            do {
                try endAnswer()
            } catch {
                failed(error)
            }
        }
        noteBrokenPromises()
        record.status = UInt16(clamping: record.loggedStatus ?? response.status)
        record.startPlace = response.startPlace
        record.endPlace = output.end
        record.inBytes = record.headBytes + bodyWireBytes
        record.keptAlive = !closesAfterAnswer
        queueAnswer()
        if closesAfterAnswer { closing = true }
        forgetRequest()
    }

    /// The record joins those whose answers have not left. Arrays are taken out and put back: changed in place, every
    /// access to the property would be checked at run time.
    private func queueAnswer() {
        var queue = takeAnswers()
        queue.append(record)
        answers = queue
    }

    func takeAnswers() -> [RequestRecord] {
        let queue = answers
        answers = []
        return queue
    }

    private func noteBrokenPromises() {
        if response.excessBytes > 0 {
            handler?.logError("response body cut: \(response.excessBytes) bytes beyond Content-Length")
        }
        if case .length(let due) = response.framing, due > 0, record.isWhole {
            handler?.logError("response body too short: \(due) bytes less than Content-Length")
            closing = true
            record.isWhole = false
        }
    }

    private func forgetRequest() {
        let count = input?.count ?? 0
        requestStart = rejection == nil ? min(requestStart + head.headLength, count) : count
        parser.reset()
        head = HeadFacts()
        body = nil
        bodyWireBytes = 0
        rejection = nil
        beginResponse()
        record = RequestRecord()
        phase = .head
    }

    // MARK: Output

    /// Sends until the socket is full, everything has left or the turn is over; false when the connection broke.
    @discardableResult
    func sendWithoutWaiting() -> Bool {
        var turn = loop.configuration.bytesPerTurn
        while turn > 0, let front = output.front {
            let result: Transfer
            let offered: Int
            switch front {
            case .bytes(let count):
                offered = count
                loop.log.prepare(self, upTo: output.sent + UInt64(count))
                result = socket.send(output.tail.bytes.extracting(first: count), more: output.frontIsFollowed)
            case .file(let file):
                offered = Int(min(file.remaining, Int64(turn)))
                loop.log.prepare(self, upTo: output.sent + UInt64(offered))
                result = socket.send(file: file.rawValue, at: file.offset, count: offered)
            }
            if case .bytes(let count) = result {
                output.take(count)
                windowBytes += count
                turn -= count
            }
            // Also of a send that failed: what was prepared for it is taken back before anything else is logged.
            loop.log.sent(self)
            switch result {
            case .bytes(0), .failed: return false  // 0: the file became shorter than it was
            case .bytes(let count) where count < offered: return true
            case .bytes: continue
            case .wouldBlock: return true
            }
        }
        return true
    }

    /// Waits until everything has left: for a handler that flushes, or that writes more than may be stored.
    func waitUntilSent() throws(ResponseError) {
        let windowNs = Deadlines.nanoseconds(loop.configuration.transferWindowSeconds)
        var windowEndNs = loop.readClock() + windowNs
        windowBytes = 0
        while !output.isEmpty {
            let before = output.sent
            guard sendWithoutWaiting() else { throw .clientGone }
            if output.isEmpty || output.sent > before { continue }
            let waitMs = (windowEndNs - loop.readClock() + 999_999) / 1_000_000
            if waitMs <= 0 {
                // The worker waits with this client, so it must take bytes at the rate of any other.
                guard windowBytes >= loop.configuration.minimumBytesPerWindow else { throw .clientGone }
                windowEndNs = loop.nowNs + windowNs
                windowBytes = 0
            } else if (try? socket.waitWritable(timeoutMs: CInt(clamping: waitMs))) == nil {
                throw .clientGone
            }
        }
    }

    /// Sends, then closes, lingers, waits for input or takes another turn.
    func settle() {
        if phase == .closed || phase == .lingering { return }
        guard sendWithoutWaiting() else { return close(outcome: .aborted) }
        if !output.isEmpty {
            if watch(.write), loop.deadlines.kind(index) != .transfer || requestsThisTurn > 0 { startTransferWindow() }
            return
        }
        if let buffer = output.reclaim() { loop.buffers.give(buffer) }
        loop.log.allSent(self)
        input?.discard(requestStart)
        record.inputOffset = 0
        requestStart = 0
        if closing {
            return mustLinger || loop.isDraining || !(input?.isEmpty ?? true) ? linger() : close(outcome: .ok)
        }
        if hasTurnLeft { return loop.postpone(self) }
        if phase == .logRoom { return loop.awaitLogRoom(self) }
        if phase == .script { return awaitScript() }
        if inputEnded { return inputOver() }
        waitForInput()
    }

    /// The client sends nothing more, and what it sent is answered.
    private func inputOver() {
        if phase == .body {
            refuseBody(Rejection(400, "Incomplete body"))
            return proceed()
        }
        close(outcome: .ok)
    }

    private func waitForInput() {
        guard watch(.read) else { return }
        let now = loop.nowNs
        switch phase {
        case .head where input?.isEmpty ?? true:
            if let buffer = input.take() { loop.buffers.give(buffer) }
            loop.deadlines.start(loop.isDraining ? .parting : .idle, index, nowNs: now)
        case .head:
            // A total for the head: further bytes do not prolong it, only a request in between does.
            if loop.deadlines.kind(index) != .head || requestsThisTurn > 0 {
                loop.deadlines.start(.head, index, nowNs: now)
            }
        default:
            if loop.deadlines.kind(index) != .transfer || requestsThisTurn > 0 { startTransferWindow() }
        }
    }

    private func startTransferWindow() {
        windowBytes = 0
        loop.deadlines.start(.transfer, index, nowNs: loop.nowNs)
    }

    /// Has the loop wait for this and nothing else; false when the kernel refused, and the connection is closed. A
    /// connection is made known to epoll when it first has to wait.
    func watch(_ wanted: Readiness) -> Bool {
        if interest == wanted { return true }
        do {
            if interest == nil {
                try loop.poll.add(socket.rawValue, wanted, token: loop.token(self))
            } else {
                try loop.poll.modify(socket.rawValue, wanted, token: loop.token(self))
            }
            interest = wanted
            return true
        } catch {
            close(outcome: .aborted)
            return false
        }
    }

    /// The time for something is up.
    func expired(_ kind: DeadlineKind) {
        switch kind {
        case .idle, .linger: close(outcome: .ok)
        case .parting: part()
        case .head:
            reject(Rejection(408, "Request Timeout"))
            proceed()
        case .transfer:
            // A client that reads slowly frees room in the socket long before epoll says so.
            if !sendWithoutWaiting() { return close(outcome: .aborted) }
            if windowBytes >= loop.configuration.minimumBytesPerWindow { return startTransferWindow() }
            if phase != .body { return output.isEmpty ? proceed() : close(outcome: .aborted) }
            refuseBody(Rejection(408, "Request Timeout"))
            proceed()
        }
    }

    /// In a drain: no late request came, or the client has had its time to close.
    private func part() {
        if phase == .lingering { return close(outcome: .ok) }
        if socket.hasInput { readable() } else { linger() }
    }

    private func linger() {
        phase = .lingering
        if let buffer = input.take() {
            buffer.removeAll()
            loop.buffers.give(buffer)
        }
        socket.shutdownWrite()
        if watch(.read) { loop.deadlines.start(loop.isDraining ? .parting : .linger, index, nowNs: loop.nowNs) }
    }

    /// Closes the socket. Answers that have not left whole get `outcome`.
    func close(outcome: LogOutcome) {
        if phase == .closed { return }
        if script != nil { cutScript() }
        if record.isBegun {
            record.inBytes = record.headBytes + bodyWireBytes
            queueAnswer()
            record = RequestRecord()
        }
        loop.log.abandon(self, outcome: outcome)
        if phase == .logRoom { loop.log.endWait(self) }
        phase = .closed
        handler?.connectionClosed()
        handler = nil
        if let buffer = input.take() {
            buffer.removeAll()
            loop.buffers.give(buffer)
        }
        body = nil
        loop.remove(self)
    }
}
