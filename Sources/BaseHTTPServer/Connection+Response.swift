// Writing an answer into a connection's output: status line, fields, framing, body.
internal import HTTPMessage
internal import LinuxSyscalls

extension Connection {
    /// The memory to write into, borrowed when there is none.
    var writer: ByteBuffer {
        output.lend(loop.buffers.take())
        return output.tail
    }

    /// Appends what `write` writes and counts it.
    @inline(__always)
    private func append(_ write: (ByteBuffer) -> Void) {
        let buffer = writer
        let before = buffer.count
        write(buffer)
        output.added(buffer.count - before)
    }

    /// Begins an answer: `HTTP/1.1 200 OK`. Nothing is written to an HTTP/0.9 client.
    func beginHead(version: String, status: Int, phrase: String) throws(ResponseError) {
        guard (100...599).contains(status) else { throw .invalidStatus(status) }
        guard FieldSyntax.isReasonPhrase(phrase.utf8.span.octets) else { throw .invalidReasonPhrase }
        let recoded = try phrase.latin1(else: .invalidReasonPhrase)
        // A second status line takes the place of the first, as long as nothing of it has left.
        guard takeAnswerBack() else { throw .headSent }
        response.phase = .head
        response.status = status
        if hasNoHead { return }
        append { buffer in
            buffer.append(version)
            buffer.append(UInt8(ascii: " "))
            buffer.append(decimal: UInt64(status))
            buffer.append(UInt8(ascii: " "))
            if let recoded { buffer.append(recoded.span.octets) } else { buffer.append(phrase) }
            buffer.append("\r\n" as StaticString)
        }
    }

    /// Appends a field line and notes the fields that decide about framing and persistence.
    func appendField(_ name: String, _ value: String) throws(ResponseError) {
        guard response.phase == .head else { throw .noStatusLine }
        let nameBytes = name.utf8.span.octets
        let valueBytes = value.utf8.span.octets
        guard FieldSyntax.isToken(nameBytes), FieldSyntax.isFieldValue(valueBytes) else {
            throw .invalidField(name: name)
        }
        let recoded = try value.latin1(else: .invalidField(name: name))
        if hasNoHead { return }
        guard try noteField(name, nameBytes, value) else { return }
        append { buffer in
            if let recoded {
                buffer.appendLine(nameBytes, separator: ": ", recoded.span.octets)
            } else {
                buffer.appendLine(nameBytes, separator: ": ", valueBytes)
            }
        }
    }

    /// Appends field lines that were checked when they were made, a Content-Length among them.
    func appendFields(_ lines: [UInt8], length: UInt64) throws(ResponseError) {
        guard response.phase == .head else { throw .noStatusLine }
        if hasNoHead { return }
        guard response.declaredLength == nil else { throw .invalidContentLength }
        response.declaredLength = length
        append { $0.append(lines.span.octets) }
    }

    /// Takes note of a field; false when it must not be sent.
    @inline(__always)
    private func noteField(_ name: String, _ bytes: RawSpan, _ value: String) throws(ResponseError) -> Bool {
        // Few names have one of these lengths.
        switch bytes.byteCount {
        case 10 where isField(name, "connection"):
            return noteConnection(value)
        case 14 where isField(name, "content-length"):
            guard response.declaredLength == nil, value.utf8.allSatisfy({ 48...57 ~= $0 }), let length = UInt64(value)
            else { throw .invalidContentLength }
            response.declaredLength = length
            // RFC 9110 section 8.6: never in 1xx and 204; a 205 has its own.
            return response.status >= 200 && response.status != 204 && response.status != 205
        case 17 where isField(name, "transfer-encoding"):
            response.isRaw = true
        default: break
        }
        return true
    }

    /// The handler's word about the connection; false when it promises what the client did not ask for. As in Python,
    /// `keep-alive` keeps the connection of a server that speaks HTTP/1.0, too.
    private func noteConnection(_ value: String) -> Bool {
        for option in value.split(separator: ",") {
            switch option.lowercased().trimmed {
            case "close": closeConnection = true
            case "keep-alive":
                closeConnection = rejection != nil || !head.keepAlive || isLastOfDrain
                if closeConnection { return false }
            default: break
            }
        }
        response.hasConnectionField = true
        return true
    }

    /// Ends the head. The framing fields follow now when they are settled, else when they are.
    func endHead() throws(ResponseError) {
        guard response.phase == .head else { throw .noStatusLine }
        if hasNoHead {
            response.framing = .close
        } else if response.status < 200 {
            append { $0.append("\r\n" as StaticString) }
            response.phase = .none  // interim: the answer proper is still to come
            return
        } else {
            settleFraming()
            response.framingPlace = output.end
            if response.framing != .undecided { insertFramingFields() }
            append { $0.append("\r\n" as StaticString) }
        }
        response.phase = .body
        response.bodyPlace = output.end
    }

    private func settleFraming() {
        if isHeadRequest || response.status == 204 || response.status == 304 {
            response.framing = .none
        } else if response.isRaw {
            response.framing = .close
        } else if response.status == 205 {
            response.framing = .length(0)
            append { $0.append("Content-Length: 0\r\n" as StaticString) }
        } else if let length = response.declaredLength {
            response.framing = .length(length)
        } else {
            response.framing = .undecided
        }
    }

    /// Puts in what the client must know about the body's end and the connection's.
    private func insertFramingFields(length: UInt64? = nil) {
        // A drain may have begun behind the request.
        if response.framing == .close || isLastOfDrain { closeConnection = true }
        let fields = loop.scratch
        fields.removeAll()
        if let length {
            fields.append("Content-Length: " as StaticString)
            fields.append(decimal: length)
            fields.append("\r\n" as StaticString)
        } else if response.framing == .chunked {
            fields.append("Transfer-Encoding: chunked\r\n" as StaticString)
        }
        if !response.hasConnectionField {
            if closesAfterAnswer {
                // A status line of HTTP/1.1 promises that the connection lives on, whatever the request's version; one
                // of HTTP/1.0 that it ends.
                if handler?.persists ?? false {
                    fields.append("Connection: close\r\n" as StaticString)
                }
            } else if requestProtocol == 10 {
                fields.append("Connection: keep-alive\r\n" as StaticString)
            }
        }
        if fields.isEmpty { return }
        output.insert(fields.bytes, at: response.framingPlace)
        response.bodyPlace += UInt64(fields.count)
    }

    /// Appends body bytes in the framing of the answer. What the framing has no room for is counted and dropped.
    func appendBody(_ bytes: RawSpan) throws(ResponseError) {
        if response.phase == .head { try endHead() }
        if response.phase == .none { beginRaw() }
        let count = UInt64(bytes.byteCount)
        if count == 0 { return }
        response.bodyBytes += count
        switch response.framing {
        case .none: return
        case .undecided:
            append { $0.append(bytes) }
            if response.bodyBytes > UInt64(loop.configuration.answerMemoryBytes) { try stream() }
        case .length(let due):
            let taken = min(due, count)
            response.framing = .length(due - taken)
            response.excessBytes += count - taken
            try store(bytes.extracting(0..<Int(taken)))
        case .close: try store(bytes)
        case .chunked:
            let line = loop.scratch
            line.removeAll()
            line.append(String(count, radix: 16))
            line.append("\r\n" as StaticString)
            try store(line.bytes)
            try store(bytes)
            try store(crlf.span.octets)
        }
    }

    /// A handler that writes without a head answers for the whole message itself; the connection's end is its end.
    private func beginRaw() {
        beginResponse()
        response.isRaw = true
        response.framing = .close
        response.phase = .body
        response.bodyPlace = output.end
        closeConnection = true
    }

    /// Gives up waiting for the length: chunked coding for HTTP/1.1, the connection's end for older clients.
    func stream() throws(ResponseError) {
        guard response.phase == .body, response.framing == .undecided else { return }
        let count = output.end - response.bodyPlace
        response.framing = requestProtocol > 10 && (handler?.persists ?? false) ? .chunked : .close
        insertFramingFields()
        guard response.framing == .chunked, count > 0 else { return }
        let line = loop.scratch
        line.removeAll()
        line.append(String(count, radix: 16))
        line.append("\r\n" as StaticString)
        output.insert(line.bytes, at: response.bodyPlace)
        append { $0.append("\r\n" as StaticString) }
    }

    /// Queues a file as body: by the kernel when the framing allows, so that its bytes never pass through this process.
    func appendBody(file: OutputFile) throws(ResponseError) {
        if response.phase == .head { try endHead() }
        try stream()
        let count = UInt64(file.remaining)
        response.bodyBytes += count
        switch response.framing {
        case .none, .undecided: return
        case .length(let due):
            let taken = min(due, count)
            response.framing = .length(due - taken)
            response.excessBytes += count - taken
            file.remaining = Int64(taken)
            output.append(file)
        case .close: output.append(file)
        case .chunked:
            if count == 0 { return }
            append {
                $0.append(String(count, radix: 16))
                $0.append("\r\n" as StaticString)
            }
            output.append(file)
            append { $0.append("\r\n" as StaticString) }
        }
    }

    /// Ends the answer: frames what is undecided, and notes what was promised and not delivered.
    func endAnswer() throws(ResponseError) {
        if response.phase == .head { try endHead() }
        guard response.phase == .body else { throw .noAnswer }
        switch response.framing {
        case .undecided: insertFramingFields(length: output.end - response.bodyPlace)
        case .chunked: try store(lastChunk.span.octets)
        case .length(let due) where due > 0: closeConnection = true
        case .close: closeConnection = true
        case .length, .none: break
        }
    }

    /// Stores bytes whose framing is settled: in memory up to the limit, beyond it in a nameless file.
    private func store(_ bytes: RawSpan) throws(ResponseError) {
        if bytes.isEmpty { return }
        if spool == nil {
            if output.memoryCount + bytes.byteCount <= loop.configuration.answerMemoryBytes {
                append { $0.append(bytes) }
                return
            }
            // The client may be taking it as fast as it comes: then no file is needed.
            if !output.hasFiles { sendWithoutWaiting() }
            if output.memoryCount + bytes.byteCount <= 2 * loop.configuration.answerMemoryBytes {
                append { $0.append(bytes) }
                return
            }
        }
        try storeInSpool(bytes)
    }

    private func storeInSpool(_ bytes: RawSpan) throws(ResponseError) {
        if let spool, spool.offset + spool.remaining >= loop.configuration.answerSpoolBytes {
            try waitUntilSent()
        }
        do {
            if let open = spool, open.remaining > 0 {
                try DescriptorIO.writeAll(bytes, to: open.rawValue)
                output.lengthen(open, by: Int64(bytes.byteCount))
            } else {
                let file = OpenFile(try File.openUnnamed(in: loop.temporaryDirectory))
                try DescriptorIO.writeAll(bytes, to: file.descriptor.rawValue)
                let fresh = OutputFile(file, offset: 0, count: Int64(bytes.byteCount))
                spool = fresh
                output.append(fresh)
            }
        } catch {
            // What was stored of these bytes, if anything, is unknown.
            record.isWhole = false
            closeConnection = true
            throw .spool("\(error)")
        }
    }
}

private let crlf: [UInt8] = [13, 10]
private let lastChunk: [UInt8] = Array("0\r\n\r\n".utf8)

extension String {
    /// The bytes in ISO 8859-1; nil for ASCII, nearly always, which can be written as it lies.
    ///
    /// - Throws: `error` when a character is beyond ISO 8859-1.
    func latin1(else error: ResponseError) throws(ResponseError) -> [UInt8]? {
        if utf8Span.isKnownASCII { return nil }
        var bytes: [UInt8] = []
        for scalar in unicodeScalars {
            guard let byte = UInt8(exactly: scalar.value) else { throw error }
            bytes.append(byte)
        }
        return bytes
    }

    /// Without spaces and tabs at its ends.
    var trimmed: String {
        let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(drop(while: blank).reversed().drop(while: blank).reversed())
    }
}

/// Whether a field name is this one, in any case. Only for names of letters and hyphens that are tokens already.
@inline(__always)
private func isField(_ name: String, _ lowercase: String) -> Bool {
    let name = name.utf8.span
    let wanted = lowercase.utf8.span
    guard name.count == wanted.count else { return false }
    for index in name.indices where name[index] | 0x20 != wanted[index] { return false }
    return true
}
