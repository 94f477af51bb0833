// The four forms of a request target and which method may have which (RFC 9112 section 3.2).

/// The four forms of a request target (RFC 9112 section 3.2).
public enum TargetForm: Sendable, Equatable {
    /// `/path?query`.
    case origin
    /// `http://host/path?query`, as sent to proxies; every server must accept it.
    case absolute
    /// `host:port`, for CONNECT only.
    case authority
    /// `*`, for OPTIONS only.
    case asterisk

    /// The form of a target that is fit for its method; nil if there is none.
    @inline(__always)
    init?(of target: ByteRange, method: ByteRange, in bytes: RawSpan) {
        let first = bytes.byte(at: Int(target.start))
        if first == Ascii.slash && method.count != 7 {
            self = .origin
            return
        }
        guard let form = Self.unusual(bytes.extracting(target.range), bytes.extracting(method.range)) else {
            return nil
        }
        self = form
    }

    private static func unusual(_ target: RawSpan, _ method: RawSpan) -> TargetForm? {
        if method.isEqual(to: "CONNECT") { return Authority.isHostAndPort(target) ? .authority : nil }
        if target.byte(at: 0) == Ascii.slash { return .origin }
        if target.isEqual(to: "*") { return method.isEqual(to: "OPTIONS") ? .asterisk : nil }
        guard let authority = TargetPath.authority(of: target) else { return nil }
        let host = target.extracting(authority)
        // A http URI with an empty host is invalid (RFC 9110 section 4.2.1), and user names in it are refused (4.2.4).
        return !host.isEmpty && Authority.isHost(host) ? .absolute : nil
    }
}

extension RawSpan {
    /// Whether the bytes are exactly these characters.
    func isEqual(to text: String) -> Bool {
        isEqual(to: text.utf8.span.octets)
    }

    /// Whether the bytes are these.
    func isEqual(to other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        for offset in byteOffsets where byte(at: offset) != other.byte(at: offset) { return false }
        return true
    }
}
