// The chunked coding, decoded as it arrives (RFC 9112 section 7.1).

/// What a decoder says about the bytes it was given.
///
/// `consumed` bytes are done with; give the rest again, with what follows.
public enum ChunkStep: Sendable, Equatable {
    /// Everything was taken, and the body goes on.
    case needMore(consumed: Int)
    /// A stretch of content: offsets into the bytes given.
    case data(Range<Int>, consumed: Int)
    /// The body is complete; what is behind `consumed` belongs to the next request.
    case end(consumed: Int)
    /// The body is malformed or too large.
    case reject(Rejection)
}

/// A decoder of one chunked body.
///
/// It stores no content: it says where in the caller's bytes the content lies.
///
/// Line ends are CRLF only, sizes are hexadecimal digits only, extensions are checked and discarded. Trailers are
/// checked as field lines, counted, and discarded.
public struct ChunkedDecoder: Sendable {
    /// The sizes beyond which a body is refused.
    public let limits: MessageLimits
    /// Bytes of content so far.
    public private(set) var bodyBytes: UInt64 = 0

    private enum Place {
        /// In the size line. `sizeDigits` counts the digits.
        case size, sizeLineFeed
        /// In an extension (section 7.1.1): before, in and behind its name, before, in and behind its value. In a gap
        /// there was white space.
        case extensionStart, extensionName, extensionGap
        case valueStart, valueToken, valueQuoted, valueEscaped, valueEnd, valueGap
        /// In the content: `remaining` bytes to come, then its CRLF.
        case data, dataReturn, dataLineFeed
        /// In the trailer section, and in the CRLF behind it.
        case lineStart, fieldName, fieldValue, fieldLineFeed, lastLineFeed
        case ended
    }

    private var place = Place.size
    private var remaining: UInt64 = 0
    private var sizeDigits = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerCount = 0

    /// Makes a decoder for one body.
    public init(limits: MessageLimits = MessageLimits()) {
        self.limits = limits
    }

    /// Decodes up to the next stretch of content, the end of the body or the end of the bytes.
    ///
    /// - Parameter input: the bytes behind those that earlier calls consumed.
    /// - Returns: what was found; call again behind `data` with the bytes that are left, even if none are.
    public mutating func decode(_ input: RawSpan) -> ChunkStep {
        var offset = 0
        do throws(Rejection) {
            while offset < input.byteCount {
                switch place {
                case .ended:
                    return .end(consumed: offset)
                case .data:
                    let end = offset + Int(min(remaining, UInt64(input.byteCount - offset)))
                    remaining -= UInt64(end - offset)
                    bodyBytes += UInt64(end - offset)
                    if remaining == 0 { place = .dataReturn }
                    return .data(offset..<end, consumed: end)
                case .lineStart, .fieldName, .fieldValue, .fieldLineFeed, .lastLineFeed:
                    try takeTrailer(input.byte(at: offset))
                case .size, .sizeLineFeed, .dataReturn, .dataLineFeed:
                    try takeFrame(input.byte(at: offset))
                case .extensionStart, .extensionName, .extensionGap, .valueStart, .valueToken, .valueQuoted,
                    .valueEscaped, .valueEnd, .valueGap:
                    try takeExtension(input.byte(at: offset))
                }
                offset += 1
            }
        } catch {
            return .reject(error)
        }
        return place == .ended ? .end(consumed: offset) : .needMore(consumed: offset)
    }

    /// Takes a byte of a size or of a line end.
    private mutating func takeFrame(_ byte: UInt8) throws(Rejection) {
        switch place {
        case .size:
            if let digit = hexadecimalValue(byte) {
                sizeDigits += 1
                if sizeDigits > 16 { throw Rejection(400, "Chunk size too long") }
                remaining = remaining << 4 | UInt64(digit)
                return
            }
            if sizeDigits == 0 { throw Rejection(400, "Bad chunk size") }
            if remaining > limits.bodyBytes - bodyBytes { throw Rejection(413, "Content Too Large") }
            if byte == Ascii.carriageReturn {
                place = .sizeLineFeed
            } else if byte == Ascii.semicolon {
                // White space between size and semicolon, which the grammar allows and nobody sends, is refused with
                // the rest.
                place = .extensionStart
                try countExtension()
            } else {
                throw Rejection(400, "Bad chunk size")
            }
        case .sizeLineFeed:
            if byte != Ascii.lineFeed { throw Rejection(400, "Bad line end behind a chunk size") }
            sizeDigits = 0
            place = remaining == 0 ? .lineStart : .data
        case .dataReturn:
            if byte != Ascii.carriageReturn { throw Rejection(400, "Chunk longer than its size") }
            place = .dataLineFeed
        default:
            if byte != Ascii.lineFeed { throw Rejection(400, "Chunk longer than its size") }
            place = .size
        }
    }

    /// Takes a byte of `name [ BWS "=" BWS ( token / quoted-string ) ] *( BWS ";" BWS name …`: white space may stand
    /// around `=` and `;`, not at the end of the line.
    private mutating func takeExtension(_ byte: UInt8) throws(Rejection) {
        try countExtension()
        let isToken = ByteSet.token.contains(byte)
        let isBlank = RawSpan.isBlank(byte)
        let isControl = byte < 0x20 && byte != Ascii.tab || byte == 0x7F
        switch (place, byte) {
        case (.extensionStart, _) where isBlank, (.valueStart, _) where isBlank: break
        case (.extensionStart, _) where isToken, (.extensionName, _) where isToken: place = .extensionName
        case (.extensionName, UInt8(ascii: "=")), (.extensionGap, UInt8(ascii: "=")): place = .valueStart
        case (.extensionName, _) where isBlank, (.extensionGap, _) where isBlank: place = .extensionGap
        case (.valueStart, UInt8(ascii: "\"")): place = .valueQuoted
        case (.valueStart, _) where isToken, (.valueToken, _) where isToken: place = .valueToken
        case (.valueQuoted, UInt8(ascii: "\"")): place = .valueEnd
        case (.valueQuoted, UInt8(ascii: "\\")): place = .valueEscaped
        case (.valueQuoted, _) where !isControl, (.valueEscaped, _) where !isControl: place = .valueQuoted
        case (.valueToken, _) where isBlank, (.valueEnd, _) where isBlank, (.valueGap, _) where isBlank:
            place = .valueGap
        case (.extensionName, Ascii.semicolon), (.extensionGap, Ascii.semicolon), (.valueToken, Ascii.semicolon),
            (.valueEnd, Ascii.semicolon), (.valueGap, Ascii.semicolon):
            place = .extensionStart
        case (.extensionName, Ascii.carriageReturn), (.valueToken, Ascii.carriageReturn),
            (.valueEnd, Ascii.carriageReturn):
            place = .sizeLineFeed
        default: throw Rejection(400, "Bad chunk extension")
        }
    }

    private mutating func countExtension() throws(Rejection) {
        extensionBytes += 1
        if extensionBytes > limits.chunkExtensionBytes { throw Rejection(400, "Chunk extensions too long") }
    }

    /// Takes a byte of the trailer section.
    private mutating func takeTrailer(_ byte: UInt8) throws(Rejection) {
        trailerBytes += 1
        if trailerBytes > limits.trailerBytes { throw Rejection(431, "Trailer too long") }
        switch place {
        case .lineStart where byte == Ascii.carriageReturn:
            place = .lastLineFeed
        case .lineStart where ByteSet.token.contains(byte):
            trailerCount += 1
            if trailerCount > limits.fieldCount { throw Rejection(431, "Too many trailers") }
            place = .fieldName
        case .fieldName where byte == Ascii.colon:
            place = .fieldValue
        case .fieldName where ByteSet.token.contains(byte):
            break
        case .fieldValue where byte == Ascii.carriageReturn:
            place = .fieldLineFeed
        case .fieldValue where byte >= 0x20 && byte != 0x7F || byte == Ascii.tab:
            break
        case .fieldLineFeed where byte == Ascii.lineFeed:
            place = .lineStart
        case .lastLineFeed where byte == Ascii.lineFeed:
            place = .ended
        default:
            throw Rejection(400, "Bad trailer")
        }
    }
}
