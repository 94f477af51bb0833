// Why a message is refused: the status to answer with and the words for the error page and the log.

/// Why a message is refused.
///
/// The connection is to be closed after the answer, since what follows can't be trusted.
public struct Rejection: Error, Sendable, Equatable {
    /// The bytes that the message is about, and how Python's wording shows them.
    public enum Subject: Sendable, Equatable {
        /// The message stands alone.
        case none
        /// Shown as `('text')`, like Python's `%r`.
        case quoted(ByteRange)
        /// Shown as `(text)`.
        case plain(ByteRange)
    }

    /// The status code of the answer: 400, 411, 413, 414, 431, 501 or 505.
    public let status: UInt16
    /// Why, in a few words, without the subject: `Bad request syntax`.
    public let message: String
    /// What `text(in:)` appends to the message.
    public let subject: Subject

    /// Makes a rejection.
    public init(_ status: UInt16, _ message: String, _ subject: Subject = .none) {
        self.status = status
        self.message = message
        self.subject = subject
    }

    /// The message with its subject, worded as Python's `http.server` does: `Bad request syntax ('GET')`.
    ///
    /// - Parameter bytes: the bytes that were given to the parser.
    /// - Returns: one line, controls escaped.
    public func text(in bytes: RawSpan) -> String {
        switch subject {
        case .none: message
        case .quoted(let range): "\(message) (\(Self.quote(bytes.latin1(range))))"
        case .plain(let range): "\(message) (\(bytes.latin1(range)))"
        }
    }

    /// A string as Python's `repr` writes it: in double quotes only where that saves escaping, controls as `\xHH`.
    package static func quote(_ text: String) -> String {
        let quotation: Unicode.Scalar =
            text.unicodeScalars.contains("'") && !text.unicodeScalars.contains("\"") ? "\"" : "'"
        let hexadecimal = Array("0123456789abcdef".unicodeScalars)
        var result = String(quotation)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", quotation: result += "\\\(scalar)"
            case "\t": result += "\\t"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\0"..<" ", "\u{7F}"..."\u{A0}", "\u{AD}":
                result += "\\x"
                result.unicodeScalars.append(hexadecimal[Int(scalar.value >> 4)])
                result.unicodeScalars.append(hexadecimal[Int(scalar.value & 15)])
            default: result.unicodeScalars.append(scalar)
            }
        }
        result.unicodeScalars.append(quotation)
        return result
    }
}
