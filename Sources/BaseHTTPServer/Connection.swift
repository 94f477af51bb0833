// One client's connection: reading head, reading body, handling, writing, idle, and lingering when it must be refused.
internal import AccessLog
internal import HTTPMessage
internal import HTTPTypes
internal import LinuxSyscalls
internal import SystemPackage

/// The connection a handler serves (Python's `request` argument).
public final class Connection {
    /// What the connection is doing.
    enum Phase {
        /// Waits for a whole request head; idle when nothing of it has come.
        case head
        /// A whole head, or a reason to refuse, lies here and waits for room in the log.
        case logRoom
        /// Begun in the log; waits for the rest of a body.
        case body
        /// A whole request lies here, begun in the log.
        case ready
        /// The handler runs, or has run and its answer is not ended.
        case handling
        /// The handler has left its request to a script, which runs.
        case script
        /// Refused: what the client still sends is discarded for a while (RFC 9112 section 9.6).
        case lingering
        case closed
    }

    let socket: Socket
    /// Place in the loop's table.
    let index: Int
    let loop: EventLoop
    /// Number of this connection in the life of its process, for the log.
    let number: UInt32
    /// The client's address without port, as text.
    let clientHost: String

    var phase = Phase.head
    /// What has come, from the oldest request on whose answer has not left: its record is written from here.
    var input: ByteBuffer?
    /// Where the present request begins in the input.
    var requestStart = 0
    let output = OutputQueue()
    var parser: RequestParser
    /// The present request's head; what the parser understood of one that is refused.
    var head = HeadFacts()
    var decoder = ChunkedDecoder()
    var body: RequestBody?
    /// Bytes of the body as they came, coding included.
    var bodyWireBytes: UInt64 = 0
    var response = Response()
    /// Where the rest of a large answer goes.
    var spool: OutputFile?
    /// Why the request must be refused; it is answered with this error.
    var rejection: Rejection?
    var handler: BaseHTTPRequestHandler?
    /// The script that answers the present request.
    var script: Script?
    // The handler's variables lie here: properties of a class that others can see are checked at every access.
    var command = ""
    var requestVersion = ""
    var closeConnection = true
    var requestInput = RequestInput(nil)
    var pathText: String?
    var fields: HTTPFields?
    /// What the epoll instance watches this connection for; nil when it does not know it.
    var interest: Readiness?
    /// The client has shut its sending side.
    var inputEnded = false
    /// Close as soon as the output has left.
    var closing = false
    /// The client may still be sending: close by lingering.
    var mustLinger = false
    var requestsThisTurn = 0
    /// Bytes moved in the present transfer window.
    var windowBytes = 0
    /// A turn was cut short although whole requests may wait in the input.
    var hasTurnLeft = false
    /// Requests answered but not sent, with their places in the output.
    var record = RequestRecord()
    var answers: [RequestRecord] = []

    init(_ socket: consuming Socket, index: Int, loop: EventLoop, number: UInt32) {
        clientHost = socket.peer.host
        self.socket = socket
        self.index = index
        self.loop = loop
        self.number = number
        parser = RequestParser(limits: loop.configuration.limits, allowsHTTP09: loop.allowsHTTP09)
    }

    /// The client's host and port.
    public var clientAddress: (host: String, port: Int) { (clientHost, Int(socket.peer.port)) }

    /// 9, 10 or 11: what the client of the present request speaks.
    var requestProtocol: UInt8 { head.protocolNumber }

    /// Whether the present answer is its body alone, as HTTP/0.9 wants it. A handler class whose
    /// `defaultRequestVersion` is a later one answers requests without a version like others.
    var hasNoHead: Bool { requestProtocol == 9 && requestVersion == "HTTP/0.9" }

    /// Whether the present request's method is HEAD.
    var isHeadRequest: Bool {
        guard let input, head.method.count == 4 else { return false }
        let first = requestStart + Int(head.method.start)
        return input[first] == UInt8(ascii: "H") && input[first + 1] == UInt8(ascii: "E")
            && input[first + 2] == UInt8(ascii: "A") && input[first + 3] == UInt8(ascii: "D")
    }

    /// Whether client and server could both go on after this request.
    var mayPersist: Bool {
        rejection == nil && head.keepAlive && (handler?.persists ?? false) && !isLastOfDrain
    }

    /// Whether the server stops and nothing has come behind the present request: its answer says `close`. One with
    /// another request behind it must not, since whoever reads `close` expects no further answer (RFC 9112 section 9.6).
    var isLastOfDrain: Bool {
        loop.isDraining && (input?.count ?? 0) <= requestStart + head.headLength && !socket.hasInput
    }

    /// Whether nothing follows the present answer. What follows a refused request is never read, whatever the handler
    /// says.
    var closesAfterAnswer: Bool { rejection != nil || closeConnection }

    // MARK: Input

    /// Takes what has come and goes as far as it reaches.
    func readable() {
        if phase == .lingering { return discardInput() }
        let buffer = input ?? loop.buffers.take()
        input = buffer
        let limit = min(16_384, loop.configuration.bytesPerTurn)
        switch socket.receive(into: buffer, atMost: limit) {
        // While a script runs no input is asked for, so only a connection that broke comes here.
        case .bytes(0) where phase == .script: return close(outcome: .aborted)
        case .bytes(0): inputEnded = true
        case .bytes(let count): windowBytes += count
        case .wouldBlock: break
        case .failed: return close(outcome: .aborted)
        }
        proceed()
    }

    /// Serves the whole requests that lie in the input, sends what can be sent, and says what to wait for.
    func proceed() {
        requestsThisTurn = 0
        hasTurnLeft = false
        if nextRequest() { serve() }
        settle()
    }

    /// Brings the next request to where its handler can run; false when it has not come whole, or must wait its turn.
    func nextRequest() -> Bool {
        if closing || phase == .closed { return false }
        if output.hasFiles {
            // What waits behind the file raises no event: it must have its turn when the file has left.
            hasTurnLeft = phase != .head || (input?.count ?? 0) > requestStart
            return false
        }
        while !closing {
            switch phase {
            case .head:
                guard let input, input.count > requestStart else { return false }
                if requestsThisTurn >= loop.configuration.requestsPerTurn
                    || output.memoryCount >= loop.configuration.bytesPerTurn
                    || !answers.isEmpty && loop.log.isCrowded
                {
                    hasTurnLeft = true
                    return false
                }
                let step = parser.parse(input.bytes.extracting(droppingFirst: requestStart))
                if step == .needMore { return false }
                if case .reject(let reason) = step { reject(reason) } else { headIsComplete() }
            case .body:
                if !receiveBody() { return false }
            case .logRoom:
                switch loop.log.begin(self) {
                case .granted: break
                case .waiting: return false
                case .refused: shed()
                }
                phase = body == nil || rejection != nil ? .ready : .body
                if continueDue { expectContinue() }
            case .ready:
                phase = .handling
                requestsThisTurn += 1
                return true
            case .handling, .script, .lingering, .closed:
                return false
            }
        }
        return false
    }

    /// Refuses the present request: it is answered, and nothing behind it is read as a request.
    func reject(_ reason: Rejection) {
        rejection = reason
        mustLinger = true
        head = HeadFacts(parser.head)
        startRecord()
        phase = .logRoom
    }

    /// Refuses the present request because the log has no room for it.
    private func shed() {
        rejection = Rejection(503, "The access log is full")
        mustLinger = true
        continueDue = false
    }

    private func headIsComplete() {
        head = HeadFacts(parser.head)
        // The client may wait for this answer with the body.
        if head.hasUnsupportedExpectation { return reject(Rejection(417, "Expectation Failed")) }
        startRecord()
        phase = .logRoom
        switch head.framing {
        case .none, .length(0): return
        case .length(let length): bodyDue = length
        case .chunked: decoder = ChunkedDecoder(limits: loop.configuration.limits)
        }
        body = RequestBody(memoryLimit: loop.configuration.bodyMemoryBytes, directory: loop.temporaryDirectory)
        windowBytes = 0
        let hasContent = (input?.count ?? 0) > requestStart + head.headLength
        // As in Python, a server that speaks HTTP/1.0 lets the client find out by itself.
        continueDue = head.expectsContinue && !hasContent && (handler?.persists ?? false)
    }

    /// Lets the handler answer `Expect: 100-continue` before the body comes.
    private func expectContinue() {
        continueDue = false
        guard let handler else { return }
        loop.log.setRunning(record)
        defer { loop.log.setRunning(nil) }
        do {
            handler.readVariables()
            if try handler.handleExpect100() { return _ = sendWithoutWaiting() }
            // Refused: the handler has answered, and the body is not read.
            mustLinger = true
            closeConnection = true
        } catch {
            failed(error)
        }
        finishAnswer()
    }

    private func startRecord() {
        record = RequestRecord()
        // Read at the beginning of the turn or behind the last answer, so nothing slow lies in between.
        record.startNs = loop.nowNs
        record.startUs = loop.wallClockUs(record.startNs)
        record.headBytes = UInt64(rejection == nil ? head.headLength : (input?.count ?? 0) - requestStart)
    }

    /// Bytes of a body with a length that have not come.
    var bodyDue: UInt64 = 0

    /// Whether the client waits for `100 Continue`.
    private var continueDue = false

    /// Stores what has come of the body; true when nothing is missing, or the body was refused.
    private func receiveBody() -> Bool {
        let start = requestStart + head.headLength
        while let input, let body, phase == .body {
            let waiting = input.bytes.extracting(droppingFirst: start)
            do {
                if head.framing != .chunked {
                    let count = Int(min(bodyDue, UInt64(waiting.byteCount)))
                    try body.append(waiting.extracting(0..<count))
                    bodyDue -= UInt64(count)
                    consumeBody(count)
                    if bodyDue > 0 { return bodyMissing() }
                    phase = .ready
                    continue
                }
                switch decoder.decode(waiting) {
                case .needMore(let consumed):
                    consumeBody(consumed)
                    return bodyMissing()
                case .data(let range, let consumed):
                    try body.append(waiting.extracting(range))
                    consumeBody(consumed)
                case .end(let consumed):
                    consumeBody(consumed)
                    phase = .ready
                case .reject(let reason): refuseBody(reason)
                }
            } catch {
                refuseBody(Rejection(500, "No room for the request body"))
            }
        }
        return true
    }

    private func consumeBody(_ count: Int) {
        bodyWireBytes += UInt64(count)
        input?.remove(count, at: requestStart + head.headLength)
    }

    /// A body that cannot be received is answered with an error in place of the handler's answer.
    func refuseBody(_ reason: Rejection) {
        rejection = reason
        mustLinger = true
        phase = .ready
    }

    private func bodyMissing() -> Bool {
        if inputEnded {
            refuseBody(Rejection(400, "Incomplete body"))
            return true
        }
        return false
    }

    private func discardInput() {
        let buffer = loop.scratch
        buffer.removeAll()
        var taken = 0
        while taken < loop.configuration.bytesPerTurn {
            switch socket.receive(into: buffer, atMost: 65_536) {
            case .bytes(0), .failed: return close(outcome: .ok)
            case .bytes(let count): taken += count
            case .wouldBlock: return
            }
            buffer.removeAll()
        }
    }
}
