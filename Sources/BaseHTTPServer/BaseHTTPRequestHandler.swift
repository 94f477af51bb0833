// The class that users subclass: what it knows of the request, and the path from a request to do_GET.
internal import HTTPMessage
public import HTTPTypes
internal import LinuxSyscalls

/// Handles the requests of one connection: subclass it and write `do_GET` and its kin (Python's
/// `BaseHTTPRequestHandler`).
///
/// HTTP is a request and a response: a client sends a request line (`GET /path HTTP/1.1`), header fields, an empty line
/// and perhaps a body; the server answers with a status line, header fields, an empty line and perhaps a body. The
/// server has read the whole request before the handler runs, and frames and sends the answer after it returns, so a
/// handler is straight-line code: it never waits for a client.
open class BaseHTTPRequestHandler {
    // MARK: Class variables of the original

    /// Software and version, as `version_string` shows it (Python's `server_version`).
    open class var serverVersion: String { "BaseHTTP/1.0" }
    /// The language's version, as `version_string` shows it (Python's `sys_version`).
    open class var sysVersion: String { "Swift/6" }
    /// The page of `sendError`, with `%(code)d`, `%(message)s` and `%(explain)s` (Python's `error_message_format`).
    open class var errorMessageFormat: String { ErrorPage.defaultFormat }
    /// The media type of that page (Python's `error_content_type`).
    open class var errorContentType: String { "text/html;charset=utf-8" }
    /// The version in status lines. `HTTP/1.1` lets connections live on; the default, as in Python, closes after one
    /// request.
    open class var protocolVersion: String { "HTTP/1.0" }
    /// What a request line without a version means (Python's `default_request_version`).
    open class var defaultRequestVersion: String { "HTTP/0.9" }
    /// The type of ``headers`` (Python's `MessageClass`).
    open class var messageClass: HTTPFields.Type { HTTPFields.self }
    /// Short and long text of the status codes (Python's `responses`).
    open class var responses: [Int: (phrase: String, explanation: String)] { ResponseTable.entries }

    // MARK: Variables of the original

    /// The connection (Python's `request`).
    public let request: Connection
    /// The client's host and port.
    public let clientAddress: (host: String, port: Int)
    /// The server that runs this handler.
    public let server: HTTPServer
    /// The request's method, for example `GET`; empty when the request line could not be read.
    public final var command: String {
        get { request.command }
        set { request.command = newValue }
    }
    /// The version the client speaks, for example `HTTP/1.1`.
    public final var requestVersion: String {
        get { request.requestVersion }
        set { request.requestVersion = newValue }
    }
    /// Whether the connection is closed after the present request.
    public final var closeConnection: Bool {
        get { request.closeConnection }
        set { request.closeConnection = newValue }
    }
    /// The request's body.
    public final var rfile: RequestInput {
        get { request.requestInput }
        set { request.requestInput = newValue }
    }
    /// Where the response's body goes.
    public final let wfile: ResponseOutput

    /// Whether this server lets a connection live on.
    final let persists: Bool
    private final let statusVersion: String

    /// Makes the handler of a connection. Subclasses have no need to override or extend it; see ``setup()``.
    public required init(_ request: Connection, clientAddress: (host: String, port: Int), server: HTTPServer) {
        self.request = request
        self.clientAddress = clientAddress
        self.server = server
        statusVersion = Self.protocolVersion
        persists = statusVersion >= "HTTP/1.1"
        wfile = ResponseOutput(connection: request)
    }

    /// The request's target as it was sent (RFC 9112 section 3.2), read as ISO 8859-1; but several slashes at its start
    /// are one, so that no redirect to it leads to another host. May be set, for handlers further on.
    public final var path: String {
        get {
            if let text = request.pathText { return text }
            let text = request.targetText()
            request.pathText = text
            return text
        }
        set { request.pathText = newValue }
    }

    /// The request line without its line end; what there was of it when it could not be read.
    public final var requestLine: String { request.text(request.head.requestLine) }

    /// All header fields, decoded on first use. For one field, ``header(_:)`` is far cheaper.
    public final var headers: HTTPFields {
        if let fields = request.fields { return fields }
        let decoded = request.decodeFields()
        request.fields = decoded
        return decoded
    }

    /// The value of the first field of a name, in any case; nil if there is none.
    public final func header(_ name: String) -> String? {
        request.field(name)
    }

    // MARK: The life of a connection

    /// Runs before the first request of a connection.
    open func setup() throws {}

    /// Handles the requests of the connection that have arrived whole, one after the other. Never override it: override
    /// `do_GET`.
    open func handle() throws {
        try handleOneRequest()
        while request.advance() { try handleOneRequest() }
    }

    /// Runs when the connection ends.
    open func finish() {}

    /// Reads the request's variables and calls the method for its command. Never override it.
    open func handleOneRequest() throws {
        guard try parseRequest() else { return }
        if let status = request.loop.statusPath, try answerStatus(status) { return }
        try perform(command)
    }

    /// Sets the variables of this class from the request; answers with an error and returns false when it must be
    /// refused.
    open func parseRequest() throws -> Bool {
        readVariables()
        if let rejection = request.rejection {
            closeConnection = true
            try sendError(HTTPResponse.Status(code: Int(rejection.status)), request.rejectionText(rejection))
            return false
        }
        return true
    }

    final func readVariables() {
        request.pathText = nil
        request.fields = nil
        request.command = request.method
        request.requestVersion = request.versionText ?? Self.defaultRequestVersion
        request.closeConnection = !request.mayPersist || request.requestProtocol == 9
        request.requestInput = RequestInput(request.body)
    }

    /// Answers `Expect: 100-continue` before the body is read: sends `100 Continue` and returns true. An override may
    /// send an error and return false: then the body is never read.
    open func handleExpect100() throws -> Bool {
        try sendResponseOnly(100)
        try endHeaders()
        return true
    }

    /// Calls the method for a command. Override it for methods of your own; call `super` for the rest.
    open func perform(_ command: String) throws {
        switch command {
        case "GET": try do_GET()
        case "HEAD": try do_HEAD()
        case "POST": try do_POST()
        case "PUT": try do_PUT()
        case "DELETE": try do_DELETE()
        case "PATCH": try do_PATCH()
        case "OPTIONS": try do_OPTIONS()
        case "TRACE": try do_TRACE()
        case "CONNECT": try do_CONNECT()
        default: try sendUnsupportedMethod()
        }
    }

    /// Answers GET. 501 unless overridden, as all of these.
    open func do_GET() throws { try sendUnsupportedMethod() }
    /// Answers HEAD.
    open func do_HEAD() throws { try sendUnsupportedMethod() }
    /// Answers POST.
    open func do_POST() throws { try sendUnsupportedMethod() }
    /// Answers PUT.
    open func do_PUT() throws { try sendUnsupportedMethod() }
    /// Answers DELETE.
    open func do_DELETE() throws { try sendUnsupportedMethod() }
    /// Answers PATCH.
    open func do_PATCH() throws { try sendUnsupportedMethod() }
    /// Answers OPTIONS.
    open func do_OPTIONS() throws { try sendUnsupportedMethod() }
    /// Answers TRACE.
    open func do_TRACE() throws { try sendUnsupportedMethod() }
    /// Answers CONNECT.
    open func do_CONNECT() throws { try sendUnsupportedMethod() }

    private func sendUnsupportedMethod() throws {
        try sendError(501, "Unsupported method (\(Rejection.quote(command)))")
    }

    // MARK: Responses

    /// Sends and logs a complete error reply: status line, fields and the page of ``errorMessageFormat``; then the
    /// connection closes.
    ///
    /// - Parameters:
    ///   - status: the status code.
    ///   - message: more specific text than the phrase in ``responses``; in the status line, control characters are
    ///     replaced by spaces and characters beyond ISO 8859-1 by question marks.
    ///   - explain: more specific text than the explanation in ``responses``.
    open func sendError(_ status: HTTPResponse.Status, _ message: String? = nil, explain: String? = nil) throws {
        let code = status.code
        let known = Self.responses[code]
        let phrase = message ?? known?.phrase ?? "???"
        logError("code \(code), message \(phrase)")
        try sendResponse(status, ErrorPage.statusLineText(phrase))
        try sendHeader("Connection", "close")
        if request.record.isShed { try sendHeader("Retry-After", "1") }
        guard code >= 200, code != 204, code != 205, code != 304 else { return try endHeaders() }
        let page = ErrorPage.fill(
            Self.errorMessageFormat, code: code, message: phrase, explain: explain ?? known?.explanation ?? "???")
        try sendHeader("Content-Type", Self.errorContentType)
        try sendHeader("Content-Length", String(page.utf8.count))
        try endHeaders()
        try wfile.write(page)
    }

    /// Logs the request, and begins the answer: status line, `Server` and `Date`.
    ///
    /// - Parameters:
    ///   - status: the status code, 100…599.
    ///   - message: the reason phrase; by default the one in ``responses``.
    open func sendResponse(_ status: HTTPResponse.Status, _ message: String? = nil) throws {
        logRequest(status.code)
        try sendResponseOnly(status, message)
        try sendHeader("Server", versionString())
        try sendHeader("Date", dateTimeString())
    }

    /// Begins the answer with the status line alone, and does not log.
    open func sendResponseOnly(_ status: HTTPResponse.Status, _ message: String? = nil) throws {
        let phrase = message ?? server.phrase(status.code, of: Self.self)
        try request.beginHead(version: statusVersion, status: status.code, phrase: phrase)
    }

    /// Appends a header field, its value in ISO 8859-1. `Content-Length`, `Connection` and `Transfer-Encoding` are
    /// understood as well as sent; a `Connection: keep-alive` that cannot be granted is not sent.
    ///
    /// - Throws: ``ResponseError/invalidField(name:)`` for a name that is no token, and for control characters and
    ///   characters beyond ISO 8859-1 in the value.
    open func sendHeader(_ name: String, _ value: String) throws {
        try request.appendField(name, value)
    }

    /// Ends the header. Without a Content-Length the server puts one in when the answer is complete, or chunks it.
    open func endHeaders() throws {
        try request.endHead()
    }

    /// Sends the header on its way before the body is written.
    open func flushHeaders() throws {
        try wfile.flush()
    }

    // MARK: Texts

    /// The value of the Server field: ``serverVersion`` and ``sysVersion``.
    open func versionString() -> String {
        server.versionText(of: Self.self)
    }

    /// A date for a header field, `Sun, 06 Nov 1994 08:49:37 GMT`.
    ///
    /// - Parameter timestamp: seconds since 1970-01-01 UTC; by default, now.
    open func dateTimeString(_ timestamp: Double? = nil) -> String {
        guard let timestamp else { return request.loop.dateText() }
        return HTTPDate.format(unixSeconds: Int64(exactly: timestamp.rounded(.down)) ?? (timestamp < 0 ? .min : .max))
    }

    /// Now, for a log line on standard error, in local time: `22/Nov/2026 16:20:05`.
    open func logDateTimeString() -> String {
        LogLine.dateText(Clock.localTime(unixSeconds: Clock.realtimeUs() / 1_000_000))
    }

    /// The client's address, for log lines.
    open func addressString() -> String { clientAddress.host }

    // MARK: Log

    /// Logs an accepted request: sets status and size of its row. Without a database, writes a line to standard error
    /// at once.
    open func logRequest(_ code: Int? = nil, size: Int? = nil) {
        request.record.loggedStatus = code
        if let code { request.loop.log.setStatus(code, of: request.record) }
        if server.hasAccessLog { return }
        let codeText = code.map(String.init) ?? "-"
        logMessage("\"\(requestLine)\" \(codeText) \(size.map(String.init) ?? "-")")
    }

    /// Logs that a request could not be served: a row linked to the request, or a line on standard error.
    open func logError(_ message: String) {
        if request.loop.log.append(message, isError: true, of: request) { return }
        logMessage(message)
    }

    /// Logs any message: a row linked to the request, or a line on standard error. May be overridden for a log of your
    /// own.
    open func logMessage(_ message: String) {
        if request.loop.log.append(message, isError: false, of: request) { return }
        LogLine.write("\(addressString()) - - [\(logDateTimeString())] ", message)
    }

    /// The connection is gone.
    final func connectionClosed() {
        finish()
    }
}
