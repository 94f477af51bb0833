// What is fuzzed: for each target one check of its properties, which libFuzzer drives and the tests replay.
import HTTPMessage

/// A part of HTTPMessage, or of LogLines, with properties that hold for every input.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// The value of an Accept-Encoding field.
    case acceptEncoding = "accept-encoding"
    /// What a CGI script writes.
    case cgiHead = "cgi-head"
    /// A body in the chunked coding.
    case chunked
    /// A date.
    case date
    /// An entity tag, a line end, and a list of them.
    case etag
    /// A field name, a field value, a text for people.
    case field
    /// A line of another server's log.
    case logLine = "log-line"
    /// Field lines with conditions.
    case preconditions
    /// What a proxy says of its client, and what follows it.
    case proxyHeader = "proxy-header"
    /// The value of a Range field.
    case range
    /// A message, head and content, and what follows it.
    case request
    /// A request target, its path, a host with a port.
    case target

    /// Checks every property.
    ///
    /// - Parameter bytes: any bytes; a sanitizer sees each read beyond them.
    package func check(_ bytes: RawSpan) throws(BrokenProperty) {
        switch self {
        case .acceptEncoding: try checkAcceptEncoding(bytes)
        case .cgiHead: try checkScriptHead(bytes)
        case .chunked: try checkChunked(bytes)
        case .date: try checkDate(bytes)
        case .etag: try checkEntityTag(bytes)
        case .field: try checkField(bytes)
        case .logLine: try checkLogLine(bytes)
        case .preconditions: try checkPreconditions(bytes)
        case .proxyHeader: try checkProxyHeader(bytes)
        case .range: try checkRange(bytes)
        case .request: try checkRequest(bytes)
        case .target: try checkTarget(bytes)
        }
    }
}

/// A property that doesn't hold.
package struct BrokenProperty: Error, CustomStringConvertible {
    package let description: String
}

func expect(_ holds: Bool, _ property: @autoclosure () -> String) throws(BrokenProperty) {
    if !holds { throw BrokenProperty(description: property()) }
}

func expectEqual<Value: Equatable>(
    _ found: Value, _ wanted: Value, _ property: @autoclosure () -> String
) throws(BrokenProperty) {
    if found != wanted { throw BrokenProperty(description: "\(property()): \(found) instead of \(wanted)") }
}

extension [UInt8] {
    /// A copy of the bytes.
    init(copying bytes: RawSpan) {
        self.init()
        reserveCapacity(bytes.byteCount)
        for offset in bytes.byteOffsets { append(bytes.byte(at: offset)) }
    }
}

/// Rising places at which an input is cut, another choice for every input, the same for the same.
struct Cuts {
    private var state: UInt64

    init(of bytes: RawSpan) {
        state = UInt64(bytes.byteCount)
        for offset in bytes.byteOffsets { state = (state ^ UInt64(bytes.byte(at: offset))) &* 0x100_0000_01B3 }
    }

    /// Up to seven places from 0 to `count`.
    mutating func next(upTo count: Int) -> [Int] {
        (0..<7).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(count + 1))
        }.sorted()
    }
}
