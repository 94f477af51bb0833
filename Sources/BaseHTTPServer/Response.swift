// One answer on its way into the output queue: its head, and how the end of its body is made known.
internal import HTTPMessage
internal import LinuxSyscalls

/// What a handler did wrong with its answer.
public enum ResponseError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A field name is not a token, or a value holds CR, LF, NUL or another control character (RFC 9110 section 5.5).
    case invalidField(name: String)
    /// A reason phrase holds a control character.
    case invalidReasonPhrase
    /// A status outside 100…599.
    case invalidStatus(Int)
    /// A second Content-Length, or one that is no number.
    case invalidContentLength
    /// `sendHeader` or `endHeaders` without `sendResponse` before it.
    case noStatusLine
    /// A second `sendResponse` after part of the first answer has left.
    case headSent
    /// The handler returned without an answer.
    case noAnswer
    /// The client took too little of the answer in ``ServerConfiguration/transferWindowSeconds``, or left.
    case clientGone
    /// The temporary file for a large answer failed.
    case spool(String)

    /// What was wrong, for the error log.
    public var description: String {
        switch self {
        case .invalidField(let name): "header field not sent: bad name or value in '\(name)'"
        case .invalidReasonPhrase: "status line not sent: control character in the reason phrase"
        case .invalidStatus(let status): "status line not sent: \(status) is not a final or interim status"
        case .invalidContentLength: "header field not sent: bad or second Content-Length"
        case .noStatusLine: "header field without sendResponse before it"
        case .headSent: "sendResponse after part of an answer was sent"
        case .noAnswer: "the handler returned without sending a response"
        case .clientGone: "the client left or stopped reading"
        case .spool(let reason): "temporary file for the answer: \(reason)"
        }
    }
}

/// The answer being written. Plain values only: access to them needs no check at run time.
struct Response {
    enum Phase { case none, head, body }

    /// How the body's end is made known (RFC 9112 section 6).
    enum Framing: Equatable {
        /// Not settled: a length is put in when the body turns out short enough, else chunked coding or the
        /// connection's end.
        case undecided
        /// A declared length, of which so many bytes are still due.
        case length(UInt64)
        case chunked
        /// The connection's end.
        case close
        /// There is no body: HEAD, 204, 304.
        case none
    }

    var phase = Phase.none
    var framing = Framing.undecided
    /// The status sent, 0 before.
    var status = 0
    /// Where the answer begins in the output.
    var startPlace: UInt64 = 0
    /// Where framing fields can still be put in.
    var framingPlace: UInt64 = 0
    /// Where the body begins.
    var bodyPlace: UInt64 = 0
    /// Bytes of body the handler wrote, sent or not.
    var bodyBytes: UInt64 = 0
    var declaredLength: UInt64?
    /// Whether the handler sent a Connection field of its own.
    var hasConnectionField = false
    /// Whether the handler frames the body itself (it sent Transfer-Encoding, or no head at all).
    var isRaw = false
    /// Bytes beyond the declared length, cut off.
    var excessBytes: UInt64 = 0

    init(startPlace: UInt64 = 0) {
        self.startPlace = startPlace
    }
}
