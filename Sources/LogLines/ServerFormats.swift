// What the formats of Apache and nginx are made of.

/// Format strings of Apache's mod_log_config.
enum ApacheFormat {
    /// Splits a format.
    static func pieces(_ format: String) throws(LogFormatError) -> [LogPiece] {
        var pieces: [LogPiece] = []
        var rest = Substring(format)
        while let character = rest.popFirst() {
            if character == "\\", let next = rest.popFirst() {
                let escapes: [Character: String] = ["n": "\n", "t": "\t", "\"": "\"", "\\": "\\"]
                pieces.append(.literal(Array((escapes[next] ?? "\\\(next)").utf8)))
            } else if character == "%" {
                pieces += try directive(&rest)
            } else {
                pieces.append(.literal(Array(String(character).utf8)))
            }
        }
        return pieces
    }

    /// What stands behind a percent sign: conditions (`!200,304`), `<` or `>`, an argument in braces, a letter.
    private static func directive(_ rest: inout Substring) throws(LogFormatError) -> [LogPiece] {
        let whole = rest
        while let next = rest.first, next == "!" || next == "<" || next == ">" || next == "," || next.isNumber {
            rest.removeFirst()
        }
        var argument: String?
        if rest.first == "{" {
            guard let end = rest.firstIndex(of: "}") else { throw LogFormatError("%\(whole) has no closing brace") }
            argument = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...]
        }
        guard var letter = rest.popFirst().map(String.init) else { throw LogFormatError("a % stands at the end") }
        // %^FB, %^ti, %^to
        if letter == "^" {
            letter += rest.prefix(2)
            rest = rest.dropFirst(2)
        }
        let name = "%" + (argument.map { "{\($0)}" } ?? "") + letter
        if letter == "%" { return [.literal(Array("%".utf8))] }
        if letter == "t" { return try time(argument, name) }
        // %U%q is one text: the query brings its question mark along.
        if letter == "U", rest.hasPrefix("%q") {
            rest = rest.dropFirst(2)
            return [.field(.target, name: "%U%q")]
        }
        guard let field = try field(letter, argument, name) else {
            throw LogFormatError("\(name) is no directive of Apache's LogFormat")
        }
        return [.field(field, name: name)]
    }

    private static func field(_ letter: String, _ argument: String?, _ name: String) throws(LogFormatError) -> LogField?
    {
        switch letter {
        case "h", "a": return argument == nil || argument == "c" ? .client : .skipped
        case "v", "V": return .host
        case "p": return .port
        case "r": return .request
        case "m": return .method
        case "U": return .path
        case "q": throw LogFormatError("%q is understood behind %U only")
        case "H": return .protocolName
        case "s": return .status
        case "b", "B", "O": return .bytesOut
        case "I": return .bytesIn
        case "D": return .durationMicroseconds
        case "T":
            let units: [String: LogField] = [
                "s": .durationSeconds, "ms": .durationMilliseconds, "us": .durationMicroseconds,
            ]
            guard let field = units[argument ?? "s"] else { throw LogFormatError("\(name): units are s, ms and us") }
            return field
        case "X": return .connectionEnd
        case "^FB": return .firstByteMicroseconds
        case "i":
            switch argument?.lowercased() {
            case "referer": return .referer
            case "user-agent": return .agent
            case "host": return .host
            default: return .skipped
            }
        case "A", "C", "e", "f", "k", "l", "L", "n", "o", "P", "R", "S", "u", "x", "^ti", "^to": return .skipped
        default: return nil
        }
    }

    /// `%t` is when the request was received, brackets included.
    private static func time(_ argument: String?, _ name: String) throws(LogFormatError) -> [LogPiece] {
        var text = argument ?? ""
        var isEnd = false
        if text.hasPrefix("begin:") { text = String(text.dropFirst(6)) }
        if text.hasPrefix("end:") { (text, isEnd) = (String(text.dropFirst(4)), true) }
        let long = text.split(separator: "%T", omittingEmptySubsequences: false).joined(separator: "%H:%M:%S")
            .split(separator: "%F", omittingEmptySubsequences: false).joined(separator: "%Y-%m-%d")
        let field: LogField
        switch long {
        case "":
            let inner = LogPiece.field(isEnd ? .commonTime : .commonStart, name: name)
            return [.literal(Array("[".utf8)), inner, .literal(Array("]".utf8))]
        case "%d/%b/%Y:%H:%M:%S %z": field = .commonStart
        case "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%dT%H:%M:%SZ": field = .isoStart
        case "sec", "msec", "usec", "%s": field = .unixStart
        default:
            throw LogFormatError(
                "\(name): times are understood as %t, {sec}, {msec}, {usec}, {%d/%b/%Y:%T %z} and {%FT%T%z}")
        }
        return [.field(isEnd ? atEnd(field) : field, name: name)]
    }

    private static func atEnd(_ field: LogField) -> LogField {
        switch field {
        case .commonStart: .commonTime
        case .isoStart: .isoTime
        default: .unixTime
        }
    }
}

/// Format strings of nginx's ngx_http_log_module.
enum NginxFormat {
    /// The variables that say something of a request. nginx writes a line when the request has ended.
    static let variables: [String: LogField] = [
        "remote_addr": .client, "host": .host, "http_host": .host, "server_name": .host, "request": .request,
        "request_method": .method, "request_uri": .target, "uri": .path, "document_uri": .path, "args": .query,
        "query_string": .query, "server_protocol": .protocolName, "status": .status, "bytes_sent": .bytesOut,
        "body_bytes_sent": .bytesOut, "request_length": .bytesIn, "request_time": .durationSeconds,
        "time_local": .commonTime, "time_iso8601": .isoTime, "msec": .unixTime, "http_referer": .referer,
        "http_user_agent": .agent, "request_completion": .completion,
    ]

    /// Splits a format. A variable that is not known is passed over.
    static func pieces(_ format: String) throws(LogFormatError) -> [LogPiece] {
        var pieces: [LogPiece] = []
        var rest = Substring(format)
        while let character = rest.popFirst() {
            guard character == "$" else {
                pieces.append(.literal(Array(String(character).utf8)))
                continue
            }
            let inBraces = rest.first == "{"
            if inBraces { rest.removeFirst() }
            let name = String(rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
            rest = rest.dropFirst(name.count)
            if name.isEmpty || inBraces && rest.popFirst() != "}" {
                throw LogFormatError("a $ without the name of a variable, before '\(rest.prefix(20))'")
            }
            // The path and what follows it are one text.
            let query = "$is_args$args"
            if name == "uri", rest.hasPrefix(query) {
                rest = rest.dropFirst(query.count)
                pieces.append(.field(.target, name: "$uri" + query))
            } else {
                pieces.append(.field(variables[name] ?? .skipped, name: "$\(name)"))
            }
        }
        return pieces
    }
}
