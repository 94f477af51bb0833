// The present request's texts, taken out of the input only when somebody asks.
internal import HTTPMessage
internal import HTTPTypes
internal import LinuxSyscalls

extension Connection {
    /// A stretch of the present request, read as ISO 8859-1.
    func text(_ range: ByteRange) -> String {
        guard let input else { return "" }
        return input.bytes.extracting(droppingFirst: requestStart).latin1(range)
    }

    /// The target; several slashes at its start are one (Python's gh-87389: a client takes `//host` for an address).
    func targetText() -> String {
        var range = head.target
        guard let input, range.count > 1, input[requestStart + Int(range.start) + 1] == UInt8(ascii: "/") else {
            return text(range)
        }
        while range.count > 1, input[requestStart + Int(range.start)] == UInt8(ascii: "/"),
            input[requestStart + Int(range.start) + 1] == UInt8(ascii: "/")
        {
            range.start += 1
        }
        return text(range)
    }

    /// The method; the common ones without making a string.
    var method: String {
        guard let input else { return "" }
        let range = head.method
        let first = requestStart + Int(range.start)
        switch (range.count, range.isEmpty ? 0 : input[first]) {
        case (3, UInt8(ascii: "G"))
        where input[first + 1] == UInt8(ascii: "E") && input[first + 2] == UInt8(ascii: "T"):
            return "GET"
        default: return text(range)
        }
    }

    /// `HTTP/1.1` as it was sent; nil for a request without a version.
    var versionText: String? {
        let version = head.version
        if version.isEmpty { return nil }
        return requestProtocol == 10 ? "HTTP/1.0" : text(version)
    }

    /// The first field of a name.
    func field(_ name: String) -> String? {
        guard let input else { return nil }
        let bytes = input.bytes.extracting(droppingFirst: requestStart)
        guard let index = parser.head.firstIndex(ofName: name, in: bytes) else { return nil }
        return bytes.latin1(parser.head.value(at: index))
    }

    /// All fields, decoded.
    func decodeFields() -> HTTPFields {
        var fields = HTTPFields()
        for index in 0..<parser.head.fieldCount {
            guard let name = HTTPField.Name(text(parser.head.name(at: index))) else { continue }
            fields.append(HTTPField(name: name, value: text(parser.head.value(at: index))))
        }
        return fields
    }

    /// What Python would say of a refused request.
    func rejectionText(_ rejection: Rejection) -> String {
        guard let input else { return rejection.message }
        return rejection.text(in: input.bytes.extracting(droppingFirst: requestStart))
    }
}

extension Connection {
    /// Path and query of the target as they were sent, without scheme and host.
    func targetParts() -> (path: String, query: String?) {
        guard let input else { return ("/", nil) }
        let target = input.bytes.extracting(droppingFirst: requestStart).extracting(head.target.range)
        let parts = TargetPath.split(target: target)
        return (target.latin1(ByteRange(parts.path)), parts.query.map { target.latin1(ByteRange($0)) })
    }

    /// What the conditional fields make of the present request.
    ///
    /// - Parameters:
    ///   - tag: the entity tag of what would be sent, empty if it has none.
    ///   - lastModifiedSeconds: its date.
    func preconditions(tag: String, lastModifiedSeconds: Int64?) -> Preconditions {
        guard head.isConditional, let input else { return .perform }
        return Preconditions(
            of: parser.head, in: input.bytes.extracting(droppingFirst: requestStart), tag: tag.utf8.span.octets,
            lastModifiedSeconds: lastModifiedSeconds, nowSeconds: loop.wallClockUs(loop.nowNs) / 1_000_000)
    }

    /// The ranges that the present request asks for, of a file of this size.
    func requestedRanges(size: Int64) -> RequestedRanges {
        guard let field = parser.head.only(.range), let input else { return .whole }
        let bytes = input.bytes.extracting(droppingFirst: requestStart)
        return RequestedRanges(field: bytes.extracting(field.range), size: size)
    }

    /// The content coding that the client would rather have; nil for none.
    func preferredCoding(among codings: ContentCodings) -> ContentCoding? {
        guard let input else { return nil }
        let accepted = AcceptEncoding(of: parser.head, in: input.bytes.extracting(droppingFirst: requestStart))
        return accepted.preferred(among: codings.contains)
    }

    /// Decodes and reduces the target's path into an array that is used again.
    func decodeTargetPath(into result: inout [UInt8]) throws(Rejection) {
        guard let input else { return }
        let target = input.bytes.extracting(droppingFirst: requestStart).extracting(head.target.range)
        try TargetPath.decode(target.extracting(TargetPath.split(target: target).path), into: &result)
    }
}
