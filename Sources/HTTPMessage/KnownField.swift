// The field names that the parser recognises while it reads, so that asking for one costs no search.

/// A field name that the parser recognises while it reads; ``RequestHead/value(_:)`` finds its value without a search.
public enum KnownField: UInt8, CaseIterable, Sendable {
    case accept, acceptEncoding, acceptLanguage, authorization, cacheControl, connection, contentEncoding
    case contentLength, contentType, cookie, expect, forwarded, host, ifMatch, ifModifiedSince, ifNoneMatch
    case ifRange, ifUnmodifiedSince, keepAlive, origin, pragma, proxyConnection, range, referer
    case secFetchDest, secFetchMode, secFetchSite, te, traceparent, trailer, transferEncoding, upgrade, userAgent, via
    case xForwardedFor, xForwardedHost, xForwardedProto, xRequestID

    /// The name in lower case.
    public var name: String {
        switch self {
        case .accept: "accept"
        case .acceptEncoding: "accept-encoding"
        case .acceptLanguage: "accept-language"
        case .authorization: "authorization"
        case .cacheControl: "cache-control"
        case .connection: "connection"
        case .contentEncoding: "content-encoding"
        case .contentLength: "content-length"
        case .contentType: "content-type"
        case .cookie: "cookie"
        case .expect: "expect"
        case .forwarded: "forwarded"
        case .host: "host"
        case .ifMatch: "if-match"
        case .ifModifiedSince: "if-modified-since"
        case .ifNoneMatch: "if-none-match"
        case .ifRange: "if-range"
        case .ifUnmodifiedSince: "if-unmodified-since"
        case .keepAlive: "keep-alive"
        case .origin: "origin"
        case .pragma: "pragma"
        case .proxyConnection: "proxy-connection"
        case .range: "range"
        case .referer: "referer"
        case .secFetchDest: "sec-fetch-dest"
        case .secFetchMode: "sec-fetch-mode"
        case .secFetchSite: "sec-fetch-site"
        case .te: "te"
        case .traceparent: "traceparent"
        case .trailer: "trailer"
        case .transferEncoding: "transfer-encoding"
        case .upgrade: "upgrade"
        case .userAgent: "user-agent"
        case .via: "via"
        case .xForwardedFor: "x-forwarded-for"
        case .xForwardedHost: "x-forwarded-host"
        case .xForwardedProto: "x-forwarded-proto"
        case .xRequestID: "x-request-id"
        }
    }

    /// The field of a name in any case; nil if the parser has no index for it.
    ///
    /// - Parameter name: the bytes of the name alone.
    public init?(name: RawSpan) {
        // Folding is exact only without control characters.
        guard FieldSyntax.isToken(name), let folded = FoldedName(name, 0, name.byteCount),
            let field = KnownFieldTable.shared.field(folded)
        else {
            return nil
        }
        self = field
    }
}

/// Name to field: a hash table with open addressing, mostly empty, so that an unknown name costs one or two probes.
struct KnownFieldTable: Sendable {
    static let shared = KnownFieldTable()

    // Arrays rather than inline storage, which would be copied at each use.
    private var slots = [KnownField?](repeating: nil, count: 128)
    private let names = KnownField.allCases.map { FoldedName($0.name) }

    private init() {
        for field in KnownField.allCases {
            var slot = names[Int(field.rawValue)].hash
            while slots[slot] != nil { slot = (slot + 1) & 127 }
            slots[slot] = field
        }
    }

    @inline(__always)
    func field(_ name: FoldedName) -> KnownField? {
        var slot = name.hash
        while let candidate = slots[slot] {
            if names[Int(candidate.rawValue)] == name { return candidate }
            slot = (slot &+ 1) & 127
        }
        return nil
    }
}
