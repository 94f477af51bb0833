// From a whole request to a sent answer: run the handler, end its answer, send, and decide what the connection waits for.
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
        do {
            try handler.handle()
        } catch {
            failed(error)
        }
        if phase == .handling { finishAnswer() }
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
        handler.closeConnection = true
        mustLinger = true
        if case ResponseError.clientGone = error { return abandonAnswer() }
        let untouched = output.sent <= response.startPlace && response.spool == nil && !output.hasFiles
        if response.phase != .none {
            guard untouched else { return abandonAnswer() }
            output.truncate(to: response.startPlace)
        }
        response = Response(startPlace: output.end)
        do {
            try handler.sendError(500)
            try endAnswer()
        } catch {
            abandonAnswer()
        }
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
        record.status = UInt16(record.loggedStatus ?? response.status)
        record.startPlace = response.startPlace
        record.endPlace = output.end
        record.inBytes = record.headBytes + bodyWireBytes
        record.keptAlive = !closesAfterAnswer
        answers.append(record)
        if closesAfterAnswer || loop.isDraining { closing = true }
        forgetRequest()
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
        requestStart = rejection == nil ? min(requestStart + parser.head.headLength, count) : count
        parser.reset()
        body = nil
        bodyWireBytes = 0
        rejection = nil
        response = Response(startPlace: output.end)
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
                result = socket.send(file: file.descriptor.rawValue, at: file.offset, count: offered)
            }
            switch result {
            case .bytes(let count):
                if count == 0 { return false }  // the file became shorter than it was
                output.take(count)
                windowBytes += count
                turn -= count
                loop.log.sent(self)
                if count < offered { return true }
            case .wouldBlock:
                loop.log.sent(self)
                return true
            case .failed:
                return false
            }
        }
        return true
    }

    /// Waits until everything has left: for a handler that flushes, or that writes more than may be stored.
    func waitUntilSent() throws(ResponseError) {
        let windowMs = CInt(loop.configuration.transferWindowSeconds * 1000)
        while !output.isEmpty {
            let before = output.sent
            guard sendWithoutWaiting() else { throw .clientGone }
            if output.isEmpty || output.sent > before { continue }
            guard (try? socket.waitWritable(timeoutMs: windowMs)) == true else { throw .clientGone }
        }
    }

    /// Sends, then closes, lingers, waits for input or takes another turn.
    func settle() {
        if phase == .closed { return }
        guard sendWithoutWaiting() else { return close(outcome: .aborted) }
        if !output.isEmpty {
            watch(.write)
            if loop.deadlines.kind(index) != .transfer { startTransferWindow() }
            return
        }
        if let buffer = output.reclaim() { loop.buffers.give(buffer) }
        input?.discard(requestStart)
        requestStart = 0
        if closing { return mustLinger || !(input?.isEmpty ?? true) ? linger() : close(outcome: .ok) }
        if hasTurnLeft { return loop.postpone(self) }
        if phase == .logRoom { return loop.awaitLogRoom(self) }
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
        watch(.read)
        let now = loop.nowNs
        switch phase {
        case .head where input?.isEmpty ?? true:
            if let buffer = input.take() { loop.buffers.give(buffer) }
            loop.deadlines.start(.idle, index, nowNs: now)
        case .head:
            // A total for the head: further bytes do not prolong it.
            if loop.deadlines.kind(index) != .head { loop.deadlines.start(.head, index, nowNs: now) }
        default:
            if loop.deadlines.kind(index) != .transfer { startTransferWindow() }
        }
    }

    private func startTransferWindow() {
        windowBytes = 0
        loop.deadlines.start(.transfer, index, nowNs: loop.nowNs)
    }

    /// Has the loop wait for this and nothing else. A connection is made known to epoll when it first has to wait.
    func watch(_ wanted: Readiness) {
        if interest == wanted { return }
        do {
            if interest == nil {
                try loop.poll.add(socket.rawValue, wanted, token: loop.token(self))
            } else {
                try loop.poll.modify(socket.rawValue, wanted, token: loop.token(self))
            }
            interest = wanted
        } catch {
            close(outcome: .aborted)
        }
    }

    /// The time for something is up.
    func expired(_ kind: DeadlineKind) {
        switch kind {
        case .idle, .linger: close(outcome: .ok)
        case .head:
            reject(Rejection(408, "Request Timeout"))
            proceed()
        case .transfer:
            if windowBytes >= loop.configuration.minimumBytesPerWindow { return startTransferWindow() }
            if !output.isEmpty { return close(outcome: .aborted) }
            refuseBody(Rejection(408, "Request Timeout"))
            proceed()
        case .logRoom:
            loop.log.shed(self)
        }
    }

    private func linger() {
        phase = .lingering
        if let buffer = input.take() {
            buffer.removeAll()
            loop.buffers.give(buffer)
        }
        socket.shutdownWrite()
        watch(.read)
        if phase == .lingering { loop.deadlines.start(.linger, index, nowNs: loop.nowNs) }
    }

    /// Closes the socket. Answers that have not left whole get `outcome`.
    func close(outcome: LogOutcome) {
        if phase == .closed { return }
        loop.log.abandon(self, outcome: outcome)
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
