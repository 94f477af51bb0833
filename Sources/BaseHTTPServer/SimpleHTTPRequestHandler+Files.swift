// The answer with a file: which coding of it, on which conditions, and which of its bytes.
internal import HTTPMessage
internal import LinuxSyscalls

extension SimpleHTTPRequestHandler {
    /// Answers with a file, or one of its codings, as far as the conditional fields and ranges ask for it.
    final func send(_ original: ServedFile, _ path: [UInt8], withBody: Bool) throws {
        let file = try representation(of: original, path)
        let answer = FileAnswer(file: file, type: type(of: file, path), varies: !original.siblings.isEmpty)
        switch request.preconditions(tag: file.entityTag, lastModifiedSeconds: file.lastModifiedSeconds) {
        case .perform: try sendWhole(answer, withBody: withBody)
        case .performOnRanges: try sendRanges(answer)
        case .notModified: try sendNotModified(answer)
        case .failed: try sendError(412)
        }
    }

    /// What the client would rather have of the file and its codings.
    private func representation(of original: ServedFile, _ path: [UInt8]) throws -> ServedFile {
        guard !original.siblings.isEmpty, let coding = request.preferredCoding(among: original.siblings) else {
            return original
        }
        return try server.fileTree().open(coding, beside: path, nowNs: request.loop.nowNs) ?? original
    }

    /// The type of a file, found once while it stays in memory.
    private func type(of file: ServedFile, _ path: [UInt8]) -> String {
        if let known = file.contentType { return known }
        let type = guessType(String(decoding: path, as: UTF8.self))
        file.contentType = type
        return type
    }

    private func sendWhole(_ answer: FileAnswer, withBody: Bool) throws {
        try sendResponse(200)
        if Self.sendsFieldsAtOnce {
            try request.appendFields(lines(of: answer), length: UInt64(answer.file.status.size))
        } else {
            try sendHeader("Content-Type", answer.type)
            try sendHeader("Content-Length", answer.file.contentLength)
            for (name, value) in fields(of: answer) { try sendHeader(name, value) }
        }
        try endHeaders()
        if withBody { try write(answer.file, 0..<answer.file.status.size) }
    }

    /// 304 with the fields of the 200 it stands for (RFC 9110 section 15.4.5), or of a page that has none.
    final func sendNotModified(_ answer: FileAnswer?) throws {
        try sendResponse(304)
        if let answer {
            try sendHeader("Last-Modified", answer.file.lastModified)
            try sendHeader("ETag", answer.file.entityTag)
            if answer.varies { try sendHeader("Vary", "Accept-Encoding") }
        }
        if let value = request.loop.configuration.cacheControl { try sendHeader("Cache-Control", value) }
        try endHeaders()
    }

    /// The fields of 200 and 206 alike.
    private func fields(of answer: FileAnswer) -> [(String, String)] {
        var fields = [
            ("Last-Modified", answer.file.lastModified), ("ETag", answer.file.entityTag),
            ("Accept-Ranges", "bytes"),
        ]
        if let coding = answer.file.coding { fields.append(("Content-Encoding", coding.name)) }
        if answer.varies { fields.append(("Vary", "Accept-Encoding")) }
        if let value = request.loop.configuration.cacheControl { fields.append(("Cache-Control", value)) }
        return fields
    }

    /// The field lines of the whole file, made and checked once.
    private func lines(of answer: FileAnswer) throws -> [UInt8] {
        if let lines = answer.file.lines { return lines }
        let first = [("Content-Type", answer.type), ("Content-Length", answer.file.contentLength)]
        var lines: [UInt8] = []
        for (name, value) in first + fields(of: answer) {
            guard FieldSyntax.isFieldValue(value.utf8.span.octets) else { throw ResponseError.invalidField(name: name) }
            lines += "\(name): ".utf8
            lines += try value.latin1(else: .invalidField(name: name)) ?? Array(value.utf8)
            lines += "\r\n".utf8
        }
        answer.file.lines = lines
        return lines
    }

    // MARK: Ranges

    private func sendRanges(_ answer: FileAnswer) throws {
        let size = answer.file.status.size
        switch request.requestedRanges(size: size) {
        case .whole: try sendWhole(answer, withBody: true)
        case .unsatisfiable: try sendUnsatisfiable(size: size)
        case .single(let range):
            try sendResponse(206)
            try sendHeader("Content-Type", answer.type)
            try sendHeader("Content-Length", String(range.count))
            try sendHeader("Content-Range", MultipartRanges.contentRange(range, size: size))
            for (name, value) in fields(of: answer) { try sendHeader(name, value) }
            try endHeaders()
            try write(answer.file, range)
        case .several(let ranges):
            // Content-Encoding beside a multipart body would say that the whole of it is coded.
            if answer.file.coding != nil { return try sendWhole(answer, withBody: true) }
            try sendParts(MultipartRanges(ranges, size: size, type: answer.type), of: answer)
        }
    }

    private func sendParts(_ parts: MultipartRanges, of answer: FileAnswer) throws {
        try sendResponse(206)
        try sendHeader("Content-Type", MultipartRanges.contentType)
        try sendHeader("Content-Length", String(parts.byteCount))
        for (name, value) in fields(of: answer) { try sendHeader(name, value) }
        try endHeaders()
        for (head, range) in zip(parts.heads, parts.ranges) {
            try wfile.write(head)
            try write(answer.file, range)
        }
        try wfile.write(MultipartRanges.end)
    }

    /// Queues a part of a file: from memory, or by the kernel.
    private func write(_ file: ServedFile, _ range: Range<Int64>) throws {
        if let content = file.content {
            try wfile.write(content.span.octets.extracting(Int(range.lowerBound)..<Int(range.upperBound)))
        } else if let open = file.file {
            try request.appendBody(file: OutputFile(open, offset: range.lowerBound, count: Int64(range.count)))
        }
    }
}

/// A file as it answers one request.
struct FileAnswer {
    let file: ServedFile
    /// The type of what is coded, not of the coding.
    let type: String
    /// Whether other clients get it in another coding.
    let varies: Bool
}
