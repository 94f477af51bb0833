// What a handler reads its request's body from and writes its response's body to: Python's rfile and wfile.
internal import HTTPMessage
internal import LinuxSyscalls
public import SystemPackage

/// The body of the request, from its first byte on (Python's `rfile`). It has arrived whole before the handler runs.
public struct RequestInput {
    let body: RequestBody?
    var offset: Int64 = 0

    init(_ body: RequestBody?) {
        self.body = body
    }

    /// Bytes not read yet.
    public var remaining: Int64 { (body?.count ?? 0) - offset }

    /// Reads up to `limit` bytes; an empty array at the end. Throws what the disk says of a body that lies in a file.
    public mutating func read(_ limit: Int = .max) throws(Errno) -> [UInt8] {
        guard let body, remaining > 0 else { return [] }
        let bytes = try body.read(at: offset, atMost: limit)
        offset += Int64(bytes.count)
        return bytes
    }

    /// Reads up to and including the next line feed, at most `limit` bytes; an empty array at the end.
    public mutating func readLine(_ limit: Int = 65_536) throws(Errno) -> [UInt8] {
        let start = offset
        var line: [UInt8] = []
        while line.count < limit {
            let part = try read(min(4096, limit - line.count))
            if part.isEmpty { break }
            if let end = part.firstIndex(of: 10) {
                line += part[...end]
                break
            }
            line += part
        }
        offset = start + Int64(line.count)
        return line
    }
}

/// Where the response's body goes (Python's `wfile`). The server frames and sends it.
public struct ResponseOutput {
    let connection: Connection

    /// Appends a text in UTF-8.
    ///
    /// - Throws: ``ResponseError`` when the head was not begun rightly, a temporary file failed, or the client is gone.
    public func write(_ text: String) throws(ResponseError) {
        try connection.appendBody(text.utf8.span.octets)
    }

    /// Appends bytes. Throws as ``write(_:)-(String)``.
    public func write(_ bytes: [UInt8]) throws(ResponseError) {
        try connection.appendBody(bytes.span.octets)
    }

    /// Appends bytes. Throws as ``write(_:)-(String)``.
    public func write(_ bytes: RawSpan) throws(ResponseError) {
        try connection.appendBody(bytes)
    }

    /// Sends what was written and waits until the client's side has taken it. Without a Content-Length the answer is
    /// chunked from here on.
    ///
    /// - Throws: ``ResponseError/clientGone`` when it does not.
    public func flush() throws(ResponseError) {
        try connection.stream()
        try connection.waitUntilSent()
    }
}
