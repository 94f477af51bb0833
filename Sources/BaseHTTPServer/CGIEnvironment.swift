// What a CGI script is told: its environment and its arguments (RFC 3875 sections 4.1 and 4.4).
internal import HTTPMessage
internal import LinuxSyscalls

/// The environment of a script.
struct CGIEnvironment {
    /// Each entry `NAME=value`.
    private(set) var entries: [[UInt8]]

    /// The variables that tell of a request. What the server's own environment says under these names is dropped.
    private static let names: Set<String> = [
        "AUTH_TYPE", "CONTENT_LENGTH", "CONTENT_TYPE", "DOCUMENT_ROOT", "GATEWAY_INTERFACE", "PATH_INFO",
        "PATH_TRANSLATED", "QUERY_STRING", "REMOTE_ADDR", "REMOTE_HOST", "REMOTE_IDENT", "REMOTE_PORT", "REMOTE_USER",
        "REQUEST_ID", "REQUEST_METHOD", "REQUEST_URI", "SCRIPT_FILENAME", "SCRIPT_NAME", "SERVER_ADDR", "SERVER_NAME",
        "SERVER_PORT", "SERVER_PROTOCOL", "SERVER_SOFTWARE",
    ]

    /// Header fields that become no HTTP_ variable: those about one connection, those with a variable of their own,
    /// and Proxy, which programs would take for the address of a proxy (CVE-2016-5385).
    private static let notPassed: Set<String> = [
        "HTTP_PROXY", "HTTP_CONNECTION", "HTTP_KEEP_ALIVE", "HTTP_PROXY_CONNECTION", "HTTP_TE", "HTTP_TRAILER",
        "HTTP_TRANSFER_ENCODING", "HTTP_UPGRADE", "HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE",
        "HTTP_PROXY_AUTHORIZATION", "HTTP_AUTHORIZATION", "HTTP_HOST",
    ]

    /// The server's own variables, without those that could be taken for a request's.
    private static let inherited = CurrentProcess.environmentEntries.filter { entry in
        let name = String(decoding: entry.prefix { $0 != 61 }, as: UTF8.self)
        return !name.hasPrefix("HTTP_") && !names.contains(name)
    }

    init(
        handler: CGIHTTPRequestHandler, _ request: Connection, _ place: ScriptPlace, rootPath: [UInt8], query: [UInt8]?
    ) {
        entries = Self.inherited
        set("GATEWAY_INTERFACE", "CGI/1.1")
        set("SERVER_SOFTWARE", handler.versionString())
        set("SERVER_PROTOCOL", handler.requestVersion)
        set("REQUEST_METHOD", handler.command)
        let target = request.targetBytes()
        set("REQUEST_URI", target.path + (query.map { [63] + $0 } ?? []))
        set("QUERY_STRING", query ?? [])
        set("SCRIPT_NAME", place.name)
        set("SCRIPT_FILENAME", place.file)
        set("DOCUMENT_ROOT", rootPath)
        set("PATH_INFO", place.pathInfo)
        if !place.pathInfo.isEmpty { set("PATH_TRANSLATED", rootPath + handler.translatePath(place.pathInfo)) }
        set("REMOTE_ADDR", request.clientAddress.host)
        set("REMOTE_HOST", request.clientAddress.host)
        // A client of a Unix socket has none.
        if request.clientAddress.port != 0 { set("REMOTE_PORT", String(request.clientAddress.port)) }
        if request.record.requestID != 0 { set("REQUEST_ID", Self.hexadecimal(request.record.requestID)) }
        setServer(handler.server, request)
        setContent(handler, request)
        setFields(request)
        if handler.server.configuration.cgiPassesCredentials { setCredentials(handler) }
    }

    private mutating func set(_ name: String, _ value: [UInt8]) {
        entries.append(Array(name.utf8) + [61] + value)
    }

    private mutating func set(_ name: String, _ value: String) {
        set(name, Array(value.utf8))
    }

    /// A header field's value, in the bytes that were sent.
    private mutating func set(_ name: String, field value: String) {
        set(name, value.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
    }

    /// As the log's views write it.
    private static func hexadecimal(_ id: UInt64) -> String {
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    private mutating func setServer(_ server: HTTPServer, _ request: Connection) {
        var address = try? request.socket.localAddress()
        // RFC 3875 section 4.1.15 wants a port: a Unix socket has that of the scheme.
        if case .unix = address { address = nil }
        set("SERVER_PORT", String(address.map { Int($0.port) } ?? 80))
        if let address { set("SERVER_ADDR", address.host) }
        let host = request.hostBytes()
        if !host.isEmpty { set("HTTP_HOST", host) }
        // The name that the client asked for (RFC 3875 section 4.1.14), without the port.
        let end = host.first == 91 ? host.firstIndex(of: 93).map { $0 + 1 } : host.firstIndex(of: 58)
        let name = Array(host[..<(end ?? host.count)])
        let ownName = server.serverName.isEmpty ? address?.host ?? "localhost" : server.serverName
        set("SERVER_NAME", name.isEmpty ? Array(ownName.utf8) : name)
    }

    /// The body's length after its coding was undone, and its type.
    private mutating func setContent(_ handler: CGIHTTPRequestHandler, _ request: Connection) {
        // A request that a script's Location made has none.
        if handler.redirectCount > 0 { return }
        if let body = request.body {
            set("CONTENT_LENGTH", String(body.count))
        } else if request.head.framing == .length(0) {
            set("CONTENT_LENGTH", "0")
        }
        if let type = request.field("Content-Type") { set("CONTENT_TYPE", field: type) }
    }

    /// HTTP_ and the name of each header field; several of a name are joined. A name with an underscore is dropped: it
    /// would become the variable of the name with a hyphen, which a proxy in front may have checked.
    private mutating func setFields(_ request: Connection) {
        var values: [(name: String, value: [UInt8])] = []
        var places: [String: Int] = [:]
        for (name, value) in request.fieldBytes() {
            guard let variable = Self.variable(name), !Self.notPassed.contains(variable) else { continue }
            if let place = places[variable] {
                values[place].value += Array((variable == "HTTP_COOKIE" ? "; " : ", ").utf8) + value
            } else {
                places[variable] = values.count
                values.append((variable, value))
            }
        }
        for (name, value) in values { set(name, value) }
    }

    /// `HTTP_USER_AGENT` for `User-Agent`; nil for a name of other characters than letters, digits and hyphens.
    private static func variable(_ name: [UInt8]) -> String? {
        var variable = Array("HTTP_".utf8)
        for byte in name {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): variable.append(byte - 32)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): variable.append(byte)
            case UInt8(ascii: "-"): variable.append(UInt8(ascii: "_"))
            default: return nil
            }
        }
        return String(decoding: variable, as: UTF8.self)
    }

    /// What the client claims, as Python passes it on.
    private mutating func setCredentials(_ handler: CGIHTTPRequestHandler) {
        guard let value = handler.header("Authorization") else { return }
        set("HTTP_AUTHORIZATION", field: value)
        let words = value.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2 else { return }
        set("AUTH_TYPE", field: String(words[0]))
        guard words[0].lowercased() == "basic", let pair = Base64.decode(words[1].utf8) else { return }
        let parts = pair.split(separator: 58, omittingEmptySubsequences: false)
        if parts.count == 2, !parts[0].contains(0) { set("REMOTE_USER", Array(parts[0])) }
    }

    /// The words of a query without `=`, decoded (RFC 3875 section 4.4); none when one cannot be decoded.
    ///
    /// None either when one begins with a hyphen: to an interpreter that would be an option (CVE-2012-1823).
    static func arguments(query: [UInt8]) -> [[UInt8]] {
        if query.isEmpty || query.contains(61) { return [] }
        var words: [[UInt8]] = []
        for part in query.split(separator: 43, omittingEmptySubsequences: false) {
            guard let word = TargetPath.percentDecoded(part), !word.contains(0), word.first != 45 else { return [] }
            words.append(word)
        }
        return words
    }
}
