// What the parser found in a request's head: offsets into the message buffer, in storage that is used again.

/// What the parser found in a request's head.
///
/// It holds offsets, no text: take the bytes out of the buffer that was parsed.
///
/// Its storage serves one request after the other without allocating. Read it in place, `parser.head`: a copy that
/// outlives the request makes the next one allocate.
public struct RequestHead: Sendable {
    /// The method, a token; case matters.
    public internal(set) var method = ByteRange.empty
    /// The request target as it was sent.
    public internal(set) var target = ByteRange.empty
    /// Which of the four forms the target has.
    public internal(set) var targetForm = TargetForm.origin
    /// The host and port in a target of the absolute or authority form; empty in the others.
    public internal(set) var authority = ByteRange.empty
    /// The request line without its CRLF; of a request line that was refused, as much of it as was read.
    public internal(set) var requestLine = ByteRange.empty
    /// 11 for HTTP/1.1 to 1.9, 10 for HTTP/1.0, 9 for a request without a version (HTTP/0.9).
    public internal(set) var protocolNumber: UInt8 = 11
    /// The version as it was sent, `HTTP/1.1`; empty for HTTP/0.9, and when it wasn't understood.
    public internal(set) var version = ByteRange.empty
    /// Bytes from the first byte of the request (empty lines before it included) through the empty line that ends the
    /// head.
    public internal(set) var headLength = 0
    /// How the end of the content is found.
    public internal(set) var framing = BodyFraming.none
    /// Whether the client lets the connection live on, by version and all Connection fields (RFC 9112 section 9.3).
    public internal(set) var keepAlive = false
    /// Whether an HTTP/1.1 client waits for `100 Continue` before it sends the content (RFC 9110 section 10.1.1).
    public internal(set) var expectsContinue = false
    /// Whether an HTTP/1.1 client expects anything that is not `100-continue`; 417 is the answer to it.
    public internal(set) var hasUnsupportedExpectation = false

    /// A field line, split.
    struct Field: Sendable {
        var name: ByteRange
        var value: ByteRange
        var known: KnownField?
    }

    var fields: [Field] = []
    /// Bits of the known fields that occur, and of those that occur more than once.
    private(set) var present: UInt64 = 0
    private(set) var repeated: UInt64 = 0

    init() {}

    /// The host and port the request is for: those of the target if it has them, whatever the Host field says, else the
    /// value of that (RFC 9112 sections 3.2.2 and 3.3); may be empty.
    @inline(__always)
    public var host: ByteRange { authority.isEmpty ? value(.host) ?? .empty : authority }

    /// The number of field lines.
    public var fieldCount: Int { fields.count }

    /// The name of the field line `index`, 0 to ``fieldCount`` - 1 in the order of the head.
    public func name(at index: Int) -> ByteRange { fields[index].name }

    /// The value of the field line `index`, without the white space around it.
    public func value(at index: Int) -> ByteRange { fields[index].value }

    /// The value of the first line of a field, without the white space around it; nil if there is none.
    @inline(__always)
    public func value(_ field: KnownField) -> ByteRange? {
        firstIndex(of: field).map { fields[$0].value }
    }

    /// Whether the head has the field.
    @inline(__always)
    public func contains(_ field: KnownField) -> Bool { present &>> UInt64(field.rawValue) & 1 != 0 }

    /// The index of the first line of a field; nil if there is none.
    public func firstIndex(of field: KnownField) -> Int? {
        contains(field) ? fields.firstIndex { $0.known == field } : nil
    }

    /// The index of the next line of a field behind the line `index`; nil if there is none.
    public func nextIndex(of field: KnownField, after index: Int) -> Int? {
        guard isRepeated(field) else { return nil }
        return fields[(index + 1)...].firstIndex { $0.known == field }
    }

    /// The index of the first line with a name.
    ///
    /// - Parameters:
    ///   - name: the field name, in any case.
    ///   - bytes: the bytes that were parsed.
    /// - Returns: 0 to ``fieldCount`` - 1; nil if there is none.
    public func firstIndex(ofName name: String, in bytes: RawSpan) -> Int? {
        let wanted = name.utf8.span.octets
        if let known = KnownField(name: wanted) { return firstIndex(of: known) }
        return fields.firstIndex { field in
            field.known == nil && Self.equalIgnoringCase(bytes.extracting(field.name.range), wanted)
        }
    }

    @inline(__always)
    func isRepeated(_ field: KnownField) -> Bool { repeated &>> UInt64(field.rawValue) & 1 != 0 }

    @inline(__always)
    mutating func append(name: ByteRange, value: ByteRange, known: KnownField?) {
        if let known {
            let bit: UInt64 = 1 &<< UInt64(known.rawValue)
            repeated |= present & bit
            present |= bit
        }
        fields.append(Field(name: name, value: value, known: known))
    }

    mutating func removeAll() {
        fields.removeAll(keepingCapacity: true)
        present = 0
        repeated = 0
        method = .empty
        target = .empty
        targetForm = .origin
        authority = .empty
        requestLine = .empty
        protocolNumber = 11
        version = .empty
        headLength = 0
        framing = .none
        keepAlive = false
        expectsContinue = false
        hasUnsupportedExpectation = false
    }

    private static func equalIgnoringCase(_ left: RawSpan, _ right: RawSpan) -> Bool {
        guard left.byteCount == right.byteCount else { return false }
        for offset in left.byteOffsets where lowercase(left.byte(at: offset)) != lowercase(right.byte(at: offset)) {
            return false
        }
        return true
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }
}
