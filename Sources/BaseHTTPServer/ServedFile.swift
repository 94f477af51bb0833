// A file as it is answered: what its header fields say, and its content or the open file.
internal import HTTPMessage
internal import LinuxSyscalls

/// Several content codings.
struct ContentCodings {
    private var bits: UInt8 = 0

    var isEmpty: Bool { bits == 0 }

    func contains(_ coding: ContentCoding) -> Bool { bits >> UInt8(coding.rawValue) & 1 != 0 }

    mutating func insert(_ coding: ContentCoding) { bits |= 1 << UInt8(coding.rawValue) }
}

/// A file as it is answered.
final class ServedFile {
    let status: FileStatus
    /// The content, of a small file.
    let content: [UInt8]?
    /// The open file, of a large one.
    let file: OpenFile?
    /// The coding of the content, when it stands for another file.
    let coding: ContentCoding?
    /// `Content-Length`, made once, as are the others.
    let contentLength: String
    let lastModified: String
    let lastModifiedSeconds: Int64
    let entityTag: String
    /// `Content-Type`, once a handler has found it.
    var contentType: String?
    /// The codings in which the file lies beside itself.
    var siblings = ContentCodings() {
        didSet { lines = nil }
    }
    /// All field lines of the whole file, once a handler has made them.
    var lines: [UInt8]?
    /// When the file was last known to be unchanged, monotonic nanoseconds.
    var checkedNs: Int64

    /// - Parameters:
    ///   - content: nil to have the descriptor kept instead.
    ///   - nowSeconds: the clock, seconds since 1970 UTC.
    init(
        _ descriptor: consuming Descriptor, _ status: FileStatus, content: [UInt8]?, coding: ContentCoding?,
        nowSeconds: Int64, nowNs: Int64
    ) {
        self.status = status
        self.content = content
        self.coding = coding
        file = content == nil ? OpenFile(descriptor) : nil
        contentLength = String(status.size)
        // Never in the future (RFC 9110 section 8.8.2.1).
        lastModifiedSeconds = min(status.modifiedSeconds, nowSeconds)
        lastModified = HTTPDate.format(unixSeconds: lastModifiedSeconds)
        entityTag = Self.entityTag(status, coding, isWeak: status.isRecent(nowSeconds: nowSeconds))
        checkedNs = nowNs
    }

    /// Time and size as nginx has them, the time to the nanosecond: `"18a2f6d4c3b0a100-2f"`. The coding, if
    /// there is one, stands behind, `"18a2f6d4c3b0a100-2f-br"`: files of one build may have one time, and by chance one
    /// size.
    static func entityTag(_ status: FileStatus, _ coding: ContentCoding?, isWeak: Bool) -> String {
        let time = UInt64(bitPattern: status.modifiedSeconds &* 1_000_000_000 &+ status.modifiedNanoseconds)
        let suffix = coding.map { "-" + $0.name } ?? ""
        return "\(isWeak ? "W/" : "")\"\(String(time, radix: 16))-\(String(status.size, radix: 16))\(suffix)\""
    }
}

extension FileStatus {
    /// Whether the file may change again without a trace in its times: they move in ticks, and may lie in the future.
    /// Then its tag is weak, and it is not kept in memory.
    func isRecent(nowSeconds: Int64) -> Bool { modifiedSeconds >= nowSeconds - 1 }

    /// Whether a file beside another was made from it as it is now. Tools that give it the other's time may do so in
    /// whole seconds.
    func isAsNew(as other: FileStatus) -> Bool {
        if modifiedSeconds != other.modifiedSeconds { return modifiedSeconds > other.modifiedSeconds }
        return modifiedNanoseconds == 0 || modifiedNanoseconds >= other.modifiedNanoseconds
    }
}
