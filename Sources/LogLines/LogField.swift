// What a part of a foreign log line can say about a request.

/// The meaning of one part of a line, with its unit where it has one.
enum LogField: UInt8, Sendable {
    case skipped
    case client, host, referer, agent
    /// A number, which tells `%v:%p` from the colons of an address.
    case port
    /// `GET /path?query HTTP/1.1`.
    case request
    case method
    /// Path and query.
    case target
    case path, query
    /// `HTTP/1.1`.
    case protocolName
    case status
    case bytesOut, bytesIn
    case durationSeconds, durationMilliseconds, durationMicroseconds, durationNanoseconds
    case firstByteSeconds, firstByteMilliseconds, firstByteMicroseconds
    /// When the request ended: as Apache and nginx write a date, as RFC 3339, and as a number since 1970 UTC whose unit
    /// its size tells.
    case commonTime, isoTime, unixTime
    /// The same of when it began.
    case commonStart, isoStart, unixStart
    /// How the connection was when the answer ended: Apache's `X`, `+`, `-`.
    case connectionEnd
    /// nginx's `OK`, or nothing when the client left.
    case completion
    /// `ok`, `aborted`, and so on, as this program writes it.
    case outcome
}

/// Where a text of a request lies: in its line, or among the texts that had escapes.
public struct TextPlace: Sendable, Equatable {
    var start = 0
    var end = 0
    var isUnescaped = false

    /// Whether there is no text.
    public var isEmpty: Bool { start == end }
}

/// What a line says of a request. Texts are places; ``LogLineParser/text(_:of:)`` gives their bytes.
public struct LoggedRequest: Sendable {
    /// When it ended, in microseconds since 1970 UTC.
    public internal(set) var completedUs: Int64 = 0
    /// From the head's last byte to the answer's last byte, in microseconds; nil: the line does not say.
    public internal(set) var durationUs: Int64?
    /// To the answer's first byte, in microseconds.
    public internal(set) var ttfbUs: Int64?
    /// Three digits; nil: no answer.
    public internal(set) var status: Int64?
    /// Bytes sent; with or without the head, as the format has it.
    public internal(set) var bytesOut: Int64 = 0
    /// Bytes received, likewise.
    public internal(set) var bytesIn: Int64 = 0
    /// 9, 10, 11, 20, 30 for HTTP/0.9, 1.0, 1.1, 2, 3.
    public internal(set) var protocolNumber: Int64?
    /// As table `access` numbers it.
    public internal(set) var outcome: Int64 = 0
    /// Whether the connection was kept.
    public internal(set) var isKept = false
    /// Whether the target has a question mark, though nothing may follow it.
    public internal(set) var hasQuery = false

    /// The address of the client.
    public internal(set) var client = TextPlace()
    /// The host that was asked for.
    public internal(set) var host = TextPlace()
    /// The method.
    public internal(set) var method = TextPlace()
    /// The target without its query; the whole request line if it is none.
    public internal(set) var path = TextPlace()
    /// The query without its question mark.
    public internal(set) var query = TextPlace()
    /// The field Referer.
    public internal(set) var referer = TextPlace()
    /// The field User-Agent.
    public internal(set) var agent = TextPlace()

    /// What the line says of time, in microseconds since 1970 UTC.
    var timeUs: Int64?
    var startUs: Int64?
}

/// Why a line is not taken.
public enum LogLineFault: Sendable, Equatable, CustomStringConvertible {
    /// It does not have the parts of the format; the offset is where the first part ends that was not found.
    case shape(offset: Int)
    /// A number or a time is none.
    case value(offset: Int)
    /// It says no time.
    case noTime

    /// For people.
    public var description: String {
        switch self {
        case .shape(let offset): "is not of this format from byte \(offset + 1) on"
        case .value(let offset): "has no such number or time at byte \(offset + 1)"
        case .noTime: "has no time"
        }
    }
}
