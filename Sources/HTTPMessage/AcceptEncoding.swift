// The Accept-Encoding field: which content coding a client would rather have (RFC 9110 section 12.5.3).

/// A content coding in which a file may lie beside the original.
public enum ContentCoding: Int, CaseIterable, Sendable {
    /// Brotli (RFC 7932).
    case brotli
    /// Zstandard (RFC 8878).
    case zstandard
    /// gzip (RFC 1952).
    case gzip

    /// The name in Accept-Encoding and Content-Encoding: `br`, `zstd` or `gzip`.
    public var name: String {
        switch self {
        case .brotli: "br"
        case .zstandard: "zstd"
        case .gzip: "gzip"
        }
    }

    /// What a file's name ends with: `.br`, `.zst` or `.gz`.
    public var fileExtension: String {
        switch self {
        case .brotli: ".br"
        case .zstandard: ".zst"
        case .gzip: ".gz"
        }
    }
}

/// What a client says of content codings in its Accept-Encoding fields (RFC 9110 section 12.5.3).
public struct AcceptEncoding: Sendable, Equatable {
    /// Weights in thousandths: of the codings at their raw values, of `identity` behind them. -1: not named.
    private var weights = SIMD4<Int16>(repeating: -1)
    /// The weight of what is not named: `*`.
    private var others: Int16 = -1

    private static let identity = 3

    /// No field: then nothing is coded.
    public init() {}

    /// Reads all Accept-Encoding fields of a head that was parsed from `bytes`.
    public init(of head: borrowing RequestHead, in bytes: RawSpan) {
        var index = head.firstIndex(of: .acceptEncoding)
        while let line = index {
            read(bytes.extracting(head.value(at: line).range))
            index = head.nextIndex(of: .acceptEncoding, after: line)
        }
    }

    /// Reads the value of one field. The first weight of a coding counts; an element with a bad weight does not.
    public mutating func read(_ field: RawSpan) {
        var reader = FieldReader(field)
        while reader.toElement() {
            let name = reader.token()
            if let weight = reader.weight() { note(FoldedName(field, name), weight) } else { reader.toElementEnd() }
        }
    }

    private mutating func note(_ name: FoldedName?, _ weight: Int16) {
        switch name {
        case .brotli: note(ContentCoding.brotli.rawValue, weight)
        case .zstandard: note(ContentCoding.zstandard.rawValue, weight)
        case .gzip, .xGzip: note(ContentCoding.gzip.rawValue, weight)
        case .identity: note(Self.identity, weight)
        case .any where others < 0: others = weight
        default: break
        }
    }

    private mutating func note(_ index: Int, _ weight: Int16) {
        if weights[index] < 0 { weights[index] = weight }
    }

    /// The coding the client would rather have; nil for none, the file as it is.
    ///
    /// Among equals the order is br, zstd, gzip, none. A file is sent as it is also to a client that accepts nothing
    /// there is, as RFC 9110 section 12.4.1 allows.
    ///
    /// - Parameter isAvailable: which codings there are.
    public func preferred(among isAvailable: (ContentCoding) -> Bool) -> ContentCoding? {
        // Not named at all, `identity` is what is left when nothing better is accepted.
        var best = max(weight(Self.identity), 1)
        var preferred: ContentCoding?
        for coding in ContentCoding.allCases where isAvailable(coding) {
            let weight = weight(coding.rawValue)
            if weight > best || weight == best && preferred == nil { (best, preferred) = (weight, coding) }
        }
        return preferred
    }

    private func weight(_ index: Int) -> Int16 { weights[index] < 0 ? max(others, 0) : weights[index] }
}

extension FieldReader {
    /// Steps over a weight, `;q=0.5`, to the end of the element: thousandths, 1000 without one; nil if something else
    /// stands there (RFC 9110 section 12.4.2).
    fileprivate mutating func weight() -> Int16? {
        skipBlanks()
        if isAtElementEnd { return 1_000 }
        guard skip(Ascii.semicolon) else { return nil }
        skipBlanks()
        guard skip(UInt8(ascii: "q")) || skip(UInt8(ascii: "Q")), skip(UInt8(ascii: "=")), let first = digit() else {
            return nil
        }
        var weight = first * 1_000
        if skip(Ascii.dot) {
            var unit: Int16 = 100
            while unit > 0, let digit = digit() {
                weight += digit * unit
                unit /= 10
            }
        }
        skipBlanks()
        return isAtElementEnd && weight <= 1_000 ? weight : nil
    }
}

extension FoldedName {
    fileprivate static let brotli = FoldedName("br")
    fileprivate static let zstandard = FoldedName("zstd")
    fileprivate static let gzip = FoldedName("gzip")
    fileprivate static let xGzip = FoldedName("x-gzip")
    fileprivate static let identity = FoldedName("identity")
    fileprivate static let any = FoldedName("*")
}
