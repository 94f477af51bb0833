// Lines that are objects of JSON (RFC 8259): Caddy's, Traefik's, this program's, and those of nginx's variables.

/// What the members of an object mean, by their path.
private enum JSONMembers {
    /// Caddy 2 (`http.log.access`); Traefik 2 and 3 (docs, "Access logs"); `httpstats export --format ndjson`. None of
    /// them uses a name of another's for something else.
    private static let names: [String: LogField] = [
        "ts": .unixTime, "request.remote_ip": .client, "request.client_ip": .client, "request.proto": .protocolName,
        "request.method": .method, "request.host": .host, "request.uri": .target,
        "request.headers.Referer": .referer, "request.headers.User-Agent": .agent, "bytes_read": .bytesIn,
        "duration": .durationSeconds, "size": .bytesOut,

        "ClientHost": .client, "DownstreamContentSize": .bytesOut, "DownstreamStatus": .status,
        "Duration": .durationNanoseconds, "RequestContentSize": .bytesIn, "RequestHost": .host,
        "RequestMethod": .method, "RequestPath": .target, "RequestProtocol": .protocolName, "StartUTC": .isoStart,
        "request_Referer": .referer, "request_User-Agent": .agent, "time": .isoTime,

        "client": .client, "method": .method, "path": .path, "query": .query, "outcome": .outcome,
        "duration_ms": .durationMilliseconds, "ttfb_ms": .firstByteMilliseconds, "bytes_in": .bytesIn,
        "bytes_out": .bytesOut, "referer": .referer, "agent": .agent, "protocol": .protocolName,
    ]

    static let fields: [[UInt8]: LogField] = {
        let all = names.merging(NginxFormat.variables) { own, _ in own }
        return Dictionary(uniqueKeysWithValues: all.map { (Array($0.key.utf8), $0.value) })
    }()
}

extension LogLineParser {
    /// Objects within objects; deeper lines are no log lines.
    private static let depthLimit = 8

    mutating func parseObject(_ line: RawSpan) -> LogLineFault? {
        var reader = JSONReader()
        path.removeAll(keepingCapacity: true)
        reader.skipSpace(line)
        guard reader.offset < line.byteCount, line.byte(at: reader.offset) == UInt8(ascii: "{") else {
            return .shape(offset: reader.offset)
        }
        let fault = parseValue(&reader, line, depth: 0, isWanted: true)
        if let fault { return fault }
        reader.skipSpace(line)
        return reader.offset == line.byteCount ? nil : .shape(offset: reader.offset)
    }

    private mutating func parseValue(
        _ reader: inout JSONReader, _ line: RawSpan, depth: Int, isWanted: Bool
    ) -> LogLineFault? {
        guard reader.offset < line.byteCount, depth < Self.depthLimit else { return .shape(offset: reader.offset) }
        let start = reader.offset
        switch line.byte(at: start) {
        case UInt8(ascii: "{"): return parseMembers(&reader, line, depth: depth, isWanted: isWanted)
        case UInt8(ascii: "["): return parseElements(&reader, line, depth: depth, isWanted: isWanted)
        case Ascii.quote:
            guard let hasEscapes = reader.skipString(line) else { return .shape(offset: start) }
            return take(line, start + 1, reader.offset - 1, hasEscapes, isWanted)
        default:
            guard reader.skipWord(line) else { return .shape(offset: start) }
            if line.equals("null", from: start, to: reader.offset) { return nil }
            return take(line, start, reader.offset, false, isWanted)
        }
    }

    private mutating func parseMembers(
        _ reader: inout JSONReader, _ line: RawSpan, depth: Int, isWanted: Bool
    ) -> LogLineFault? {
        reader.offset += 1
        if reader.skip(UInt8(ascii: "}"), line) { return nil }
        let length = path.count
        while true {
            reader.skipSpace(line)
            let start = reader.offset
            guard start < line.byteCount, line.byte(at: start) == Ascii.quote,
                let hasEscapes = reader.skipString(line)
            else { return .shape(offset: start) }
            if length > 0 { path.append(Ascii.dot) }
            // No name that is known has an escape, or is long; one with a dot cannot pass for two, nor two for one.
            let name = start + 1..<reader.offset - 1
            var isKnowable = isWanted && !hasEscapes && (1...32).contains(name.count)
            if isKnowable {
                for offset in name {
                    path.append(line.byte(at: offset))
                    if line.byte(at: offset) == Ascii.dot { isKnowable = false }
                }
            }
            guard reader.skip(Ascii.colon, line) else { return .shape(offset: reader.offset) }
            reader.skipSpace(line)
            if let fault = parseValue(&reader, line, depth: depth + 1, isWanted: isKnowable) { return fault }
            path.removeSubrange(length...)
            if reader.skip(Ascii.comma, line) { continue }
            return reader.skip(UInt8(ascii: "}"), line) ? nil : .shape(offset: reader.offset)
        }
    }

    /// Of the values of a list the first counts: Caddy writes each field of a head as a list.
    private mutating func parseElements(
        _ reader: inout JSONReader, _ line: RawSpan, depth: Int, isWanted: Bool
    ) -> LogLineFault? {
        reader.offset += 1
        if reader.skip(UInt8(ascii: "]"), line) { return nil }
        var isFirst = true
        while true {
            reader.skipSpace(line)
            if let fault = parseValue(&reader, line, depth: depth + 1, isWanted: isWanted && isFirst) { return fault }
            isFirst = false
            if reader.skip(Ascii.comma, line) { continue }
            return reader.skip(UInt8(ascii: "]"), line) ? nil : .shape(offset: reader.offset)
        }
    }

    private mutating func take(
        _ line: RawSpan, _ start: Int, _ end: Int, _ hasEscapes: Bool, _ isWanted: Bool
    ) -> LogLineFault? {
        guard isWanted, var field = JSONMembers.fields[path] else { return nil }
        // Caddy's time_format may make it a text.
        if field == .unixTime, end - start >= 19, line.byte(at: start + 4) == Ascii.hyphen { field = .isoTime }
        return assign(field, line, start, end, hasEscapes) ? nil : .value(offset: start)
    }
}

/// A place in a text of JSON.
struct JSONReader {
    var offset = 0

    mutating func skipSpace(_ line: RawSpan) {
        while offset < line.byteCount {
            switch line.byte(at: offset) {
            case 0x20, 9, 10, 13: offset += 1
            default: return
            }
        }
    }

    /// Passes over a byte, and white space before it; false when it is not there.
    mutating func skip(_ byte: UInt8, _ line: RawSpan) -> Bool {
        skipSpace(line)
        guard offset < line.byteCount, line.byte(at: offset) == byte else { return false }
        offset += 1
        return true
    }

    /// Passes over a string with its quotes; whether it has escapes, nil when it has no end.
    mutating func skipString(_ line: RawSpan) -> Bool? {
        var hasEscapes = false
        var place = offset + 1
        while true {
            place = line.first(
                of: Ascii.quote, or: Ascii.backslash, from: min(place, line.byteCount), to: line.byteCount)
            if place >= line.byteCount { return nil }
            if line.byte(at: place) == Ascii.quote {
                offset = place + 1
                return hasEscapes
            }
            hasEscapes = true
            place += 2
        }
    }

    /// Passes over a number, `true`, `false` or `null`; false when there is none.
    mutating func skipWord(_ line: RawSpan) -> Bool {
        let start = offset
        while offset < line.byteCount {
            switch line.byte(at: offset) {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "E"),
                Ascii.hyphen, Ascii.plus, Ascii.dot:
                offset += 1
            default: return offset > start
            }
        }
        return offset > start
    }
}
