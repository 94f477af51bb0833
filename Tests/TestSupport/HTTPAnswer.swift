// One HTTP/1.1 response, read strictly: what a careful client would refuse is an error here.

/// A response with its whole body.
public struct HTTPAnswer: Sendable {
    /// The three digits.
    public let status: Int
    /// Behind the status; may be empty.
    public let reason: String
    /// `HTTP/1.0` or `HTTP/1.1`.
    public let version: String
    /// Names as they came, in order.
    public let headers: [(name: String, value: String)]
    /// The body, decoded from chunks.
    public internal(set) var body: [UInt8] = []

    /// The body as UTF-8.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The value of a header, by its name in any case; nil when it is absent or there are several.
    public subscript(_ name: String) -> String? {
        let found = headers.filter { $0.name.lowercased() == name.lowercased() }
        return found.count == 1 ? found[0].value : nil
    }

    /// Reads a head without the empty line at its end, as ISO 8859-1: a phrase may repeat a byte of the request.
    init(head: [UInt8]) throws {
        guard !head.contains(0) else { throw HTTPClientError.malformed("NUL in head") }
        let text = String(String.UnicodeScalarView(head.map { Unicode.Scalar($0) }))
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        for line in lines where line.utf8.contains(13) || line.utf8.contains(10) {
            throw HTTPClientError.malformed("bare CR or LF: \(line)")
        }
        let parts = lines[0].split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "HTTP/1.0" || parts[0] == "HTTP/1.1", parts[1].count == 3,
            let status = Int(parts[1]), (100...999).contains(status)
        else { throw HTTPClientError.malformed("status line: \(lines[0])") }
        version = String(parts[0])
        reason = String(parts[2])
        self.status = status
        headers = try lines.dropFirst().map { line in
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex, !line[..<colon].contains(" ") else {
                throw HTTPClientError.malformed("header line: \(line)")
            }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            return (String(line[..<colon]), String(value))
        }
    }

    /// How the end of the body is found (RFC 9112 section 6.3).
    enum Framing: Equatable {
        case none
        case length(Int)
        case chunked
        case toEnd
    }

    func framing(answersHead: Bool) throws -> Framing {
        let lengths = headers.filter { $0.name.lowercased() == "content-length" }
        let codings = headers.filter { $0.name.lowercased() == "transfer-encoding" }
        guard lengths.count + codings.count <= 1 else { throw HTTPClientError.malformed("two framings: \(headers)") }
        if answersHead || status < 200 || status == 204 || status == 304 { return .none }
        if let coding = codings.first {
            guard coding.value.lowercased() == "chunked", version == "HTTP/1.1" else {
                throw HTTPClientError.malformed("transfer coding \(coding.value) in \(version)")
            }
            return .chunked
        }
        guard let length = lengths.first else { return .toEnd }
        guard let count = Int(length.value), count >= 0, String(count) == length.value else {
            throw HTTPClientError.malformed("Content-Length: \(length.value)")
        }
        return .length(count)
    }
}

/// Why a response could not be read.
public enum HTTPClientError: Error, Equatable {
    /// Nothing more came within the time limit; what had come.
    case timedOut(received: String)
    /// The server closed in the middle of a response, or before it; what had come.
    case closed(received: String)
    /// The connection was reset or could not be used.
    case failed(String)
    /// The server broke the protocol.
    case malformed(String)
}
