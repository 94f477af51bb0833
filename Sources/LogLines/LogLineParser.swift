// Reads one line of a foreign log after the other, without allocation for each.

/// A reader of lines of one format.
public struct LogLineParser {
    /// The format.
    public let format: LogFormat

    /// What the line that was parsed last says.
    public internal(set) var request = LoggedRequest()

    /// Texts that had escapes, without them.
    var scratch: [UInt8] = []
    var dates = CommonDates()
    /// The names in objects of JSON that lead to the value that is read, with dots between them.
    var path: [UInt8] = []

    /// Makes a parser.
    public init(_ format: LogFormat) {
        self.format = format
    }

    /// The bytes of a text of the line that was parsed last.
    @_lifetime(borrow self, copy line)
    public func text(_ place: TextPlace, of line: RawSpan) -> RawSpan {
        if place.isUnescaped { return scratch.octets.extracting(place.start..<place.end) }
        return line.extracting(place.start..<place.end)
    }

    /// Parses a line without its end into ``request``.
    ///
    /// - Returns: why not; nil when all is well.
    public mutating func parse(_ line: RawSpan) -> LogLineFault? {
        request = LoggedRequest()
        scratch.removeAll(keepingCapacity: true)
        let fault = format.isJSON ? parseObject(line) : parseParts(line)
        if let fault { return fault }
        let durationUs = max(0, request.durationUs ?? 0)
        if let startUs = request.startUs {
            request.completedUs = startUs &+ durationUs
        } else if let timeUs = request.timeUs {
            request.completedUs = timeUs
        } else {
            return .noTime
        }
        return nil
    }

    private mutating func parseParts(_ line: RawSpan) -> LogLineFault? {
        guard line.has(format.prefix, at: 0) else { return .shape(offset: 0) }
        var place = format.prefix.count
        for index in format.parts.indices {
            let start = place
            var end = line.byteCount
            var hasEscapes = false
            if let first = format.parts[index].literalFirst {
                guard let found = find(index, first, line, start, &hasEscapes) else { return .shape(offset: start) }
                end = found
                place = end &+ format.parts[index].literal.count
            } else {
                hasEscapes = line.first(of: Ascii.backslash, or: Ascii.backslash, from: start, to: end) < end
                place = end
            }
            let field = format.parts[index].field
            if field != .skipped, !assign(field, line, start, end, hasEscapes) { return .value(offset: start) }
        }
        return nil
    }

    /// Where the literal behind a part begins. A backslash takes the byte behind it along: it ends no part.
    @inline(__always)
    private func find(
        _ index: Int, _ first: UInt8, _ line: RawSpan, _ start: Int, _ hasEscapes: inout Bool
    ) -> Int? {
        let count = line.byteCount
        var offset = start
        while true {
            offset = line.first(of: first, or: Ascii.backslash, from: offset, to: count)
            if offset >= count { return nil }
            if line.byte(at: offset) == Ascii.backslash {
                hasEscapes = true
                offset = min(count, offset &+ 2)
            } else if format.parts[index].literal.count == 1 || line.has(format.parts[index].literal, at: offset) {
                return offset
            } else {
                offset &+= 1
            }
        }
    }

    /// Takes a part; false when it is no value of the field.
    mutating func assign(_ field: LogField, _ line: RawSpan, _ start: Int, _ end: Int, _ hasEscapes: Bool) -> Bool {
        // What is not there is a hyphen in all formats of lines, and nothing at all in some.
        let isAbsent = end == start || end == start &+ 1 && line.byte(at: start) == Ascii.hyphen
        switch field {
        case .client, .host, .referer, .agent, .method, .path, .query, .target, .request:
            if isAbsent { return true }
            assignText(field, hasEscapes ? unescape(line, start, end) : TextPlace(start: start, end: end), line)
            return true
        case .commonTime, .commonStart, .isoTime, .isoStart, .unixTime, .unixStart:
            return assignTime(field, line, start, end)
        case .status:
            guard let status = isAbsent ? 0 : Decimal.integer(line, start, end), status < 1000 else { return false }
            request.status = status == 0 ? nil : status
        case .port:
            guard isAbsent || Decimal.integer(line, start, end) ?? .max < 1 << 16 else { return false }
        case .bytesOut, .bytesIn:
            guard let bytes = isAbsent ? 0 : Decimal.integer(line, start, end) else { return false }
            if field == .bytesOut { request.bytesOut = bytes } else { request.bytesIn = bytes }
        case .durationSeconds, .durationMilliseconds, .durationMicroseconds, .durationNanoseconds, .firstByteSeconds,
            .firstByteMilliseconds, .firstByteMicroseconds:
            return assignLength(field, line, start, end, isAbsent)
        case .protocolName:
            request.protocolNumber = isAbsent ? nil : Self.protocolNumber(line, start, end)
        case .connectionEnd:
            request.outcome = line.equals("X", from: start, to: end) ? 1 : 0
            request.isKept = line.equals("+", from: start, to: end)
        case .completion:
            request.outcome = line.equals("OK", from: start, to: end) ? 0 : 1
        case .outcome:
            request.outcome = Self.outcome(line, start, end)
        case .skipped: break
        }
        return true
    }

    private mutating func assignText(_ field: LogField, _ place: TextPlace, _ line: RawSpan) {
        switch field {
        case .client: request.client = place
        case .host: request.host = place
        case .referer: request.referer = place
        case .agent: request.agent = place
        case .method: request.method = place
        case .path: request.path = place
        case .query:
            request.query = place
            request.hasQuery = true
        case .target: assignTarget(place, line)
        case .request: assignRequest(place, line)
        default: break
        }
    }

    /// The line of a request: a method, a target, a protocol. What has no space is the path as it stands: what a
    /// client sent that speaks another language.
    private mutating func assignRequest(_ place: TextPlace, _ line: RawSpan) {
        guard let ends = requestEnds(place, line) else {
            request.path = place
            return
        }
        var (method, target) = (place, place)
        method.end = place.start &+ ends.method
        target.start = place.start &+ ends.method &+ 1
        target.end = place.start &+ ends.target
        request.protocolNumber = ends.number ?? 9
        request.method = method
        assignTarget(target, line)
    }

    /// Where method and target of the line of a request end, and its protocol.
    @inline(__always)
    private func requestEnds(_ place: TextPlace, _ line: RawSpan) -> (method: Int, target: Int, number: Int64?)? {
        let whole = text(place, of: line)
        let count = whole.byteCount
        let method = whole.first(of: Ascii.space, or: Ascii.space, from: 0, to: count)
        guard method > 0, method < count else { return nil }
        var space = count &- 1
        while space > method, whole.byte(at: space) != Ascii.space { space &-= 1 }
        guard space > method, let number = Self.protocolNumber(whole, space &+ 1, count) else {
            return (method, count, nil)
        }
        return (method, space, number)
    }

    private mutating func assignTarget(_ place: TextPlace, _ line: RawSpan) {
        let mark = queryMark(place, line) &+ place.start
        request.path = place
        if mark < place.end {
            request.path.end = mark
            request.query = place
            request.query.start = mark &+ 1
            request.hasQuery = true
        }
    }

    @inline(__always)
    private func queryMark(_ place: TextPlace, _ line: RawSpan) -> Int {
        let target = text(place, of: line)
        return target.first(of: Ascii.questionMark, or: Ascii.questionMark, from: 0, to: target.byteCount)
    }

    private mutating func assignTime(_ field: LogField, _ line: RawSpan, _ start: Int, _ end: Int) -> Bool {
        let us: Int64?
        switch field {
        case .commonTime, .commonStart: us = dates.microseconds(line, start, end)
        case .isoTime, .isoStart: us = ISODate.microseconds(line, start, end)
        default: us = Decimal.unixMicroseconds(line, start, end)
        }
        guard let us else { return false }
        switch field {
        case .commonStart, .isoStart, .unixStart: request.startUs = us
        default: request.timeUs = us
        }
        return true
    }

    private mutating func assignLength(
        _ field: LogField, _ line: RawSpan, _ start: Int, _ end: Int, _ isAbsent: Bool
    ) -> Bool {
        if isAbsent { return true }
        let scale =
            switch field {
            case .durationSeconds, .firstByteSeconds: 6
            case .durationMilliseconds, .firstByteMilliseconds: 3
            case .durationNanoseconds: -3
            default: 0
            }
        guard let us = Decimal.scaled(line, start, end, scale) else { return false }
        switch field {
        case .firstByteSeconds, .firstByteMilliseconds, .firstByteMicroseconds: request.ttfbUs = us
        default: request.durationUs = us
        }
        return true
    }

    private static func protocolNumber(_ line: RawSpan, _ start: Int, _ end: Int) -> Int64? {
        guard end - start >= 6, line.equals("HTTP/", from: start, to: start + 5) else { return nil }
        let major = Int64(line.byte(at: start + 5)) - 48
        let minor = end - start == 8 && line.byte(at: start + 6) == Ascii.dot ? Int64(line.byte(at: start + 7)) - 48 : 0
        guard end - start == 6 || end - start == 8, (0...9).contains(major), (0...9).contains(minor) else { return nil }
        return major * 10 + minor
    }

    private static func outcome(_ line: RawSpan, _ start: Int, _ end: Int) -> Int64 {
        if line.equals("aborted", from: start, to: end) { return 1 }
        if line.equals("timeout", from: start, to: end) { return 2 }
        if line.equals("crashed", from: start, to: end) { return 3 }
        if line.equals("killed", from: start, to: end) { return 4 }
        return line.equals("shed", from: start, to: end) ? 5 : 0
    }
}
