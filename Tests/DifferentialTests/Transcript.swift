// What a server did with one exchange, as lines that can be compared: answers, then what it logged.
import Foundation
import HTTPMessage
import LinuxSyscalls

/// The lines of one exchange. Times that are right are replaced by `NOW`, a right Content-Length by `BODY`.
struct Transcript {
    /// The answers' status lines without the version; `page` for an answer without one.
    private(set) var answers: [String] = []
    private(set) var lines: [String] = []

    /// - Parameters:
    ///   - bytes: all the server sent.
    ///   - log: all it wrote to standard error meanwhile.
    init(_ bytes: [UInt8], log: String, asksForHead: Bool) {
        var rest = bytes[...]
        var isFirst = true
        while !rest.isEmpty {
            rest = takeAnswer(rest, hasBody: !(asksForHead && isFirst))
            isFirst = false
        }
        for line in log.split(separator: "\n") { lines.append(Transcript.logLine(line)) }
    }

    /// Reads one answer; what is behind it.
    private mutating func takeAnswer(_ bytes: ArraySlice<UInt8>, hasBody: Bool) -> ArraySlice<UInt8> {
        guard bytes.starts(with: "HTTP/".utf8), let end = Transcript.find([13, 10, 13, 10], in: bytes) else {
            answers.append("page")
            appendBody(bytes)
            return []
        }
        let head = Transcript.latin1(bytes[..<end]).components(separatedBy: "\r\n")
        var fields = head.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: String(parts[0]), value: parts.count > 1 ? String(parts[1].dropFirst()) : "")
        }
        let status = head[0].split(separator: " ", maxSplits: 1).last.map(String.init) ?? ""
        let (body, rest) = Transcript.body(
            bytes[(end + 4)...], fields, isThere: hasBody && !["1", "204", "304"].contains { status.hasPrefix($0) })
        if String(decoding: body, as: UTF8.self) == "probe", !answers.isEmpty {
            answers.append("probe")
            lines.append("then the probe was answered")
            return rest
        }
        answers.append(status)
        lines.append(head[0])
        for index in fields.indices {
            let field = fields[index]
            if field.name == "Date", Transcript.isNow(field.value) { fields[index].value = "NOW" }
            if field.name == "Content-Length", hasBody, field.value == String(body.count) {
                fields[index].value = "BODY"
            }
            lines.append("\(fields[index].name): \(fields[index].value)")
        }
        appendBody(body)
        return rest
    }

    private mutating func appendBody(_ body: ArraySlice<UInt8>) {
        if body.isEmpty { return }
        let text = String(decoding: body, as: UTF8.self)
        if text.contains("<title>Directory listing for") {
            lines += Transcript.listing(text)
            return
        }
        for line in text.components(separatedBy: "\n") { lines.append("| \(Transcript.withoutTime(line))") }
    }

    /// The title of a listing, and where its links lead with what they show, in the order of their targets.
    private static func listing(_ page: String) -> [String] {
        let title = page.firstMatch(of: #/<title>(.*)</title>/#).map { "| \($0.1)" }
        let links = page.matches(of: #/<a href="([^"]*)">(.*?)</a>/#).map { match in
            "| \(match.1) shows \(match.2.replacing(#/<[^>]*>/#, with: ""))"
        }
        return (title.map { [$0] } ?? []) + links.sorted()
    }

    private static func body(
        _ bytes: ArraySlice<UInt8>, _ fields: [(name: String, value: String)], isThere: Bool
    ) -> (ArraySlice<UInt8>, ArraySlice<UInt8>) {
        guard isThere else { return ([], bytes) }
        if fields.contains(where: { $0.name == "Transfer-Encoding" }) { return chunks(bytes) }
        guard let length = fields.first(where: { $0.name == "Content-Length" }), let count = Int(length.value) else {
            return (bytes, [])
        }
        return (bytes.prefix(count), bytes.dropFirst(count))
    }

    /// Undoes chunked coding without trailer.
    private static func chunks(_ bytes: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, ArraySlice<UInt8>) {
        var rest = bytes
        var body: [UInt8] = []
        while let end = find([13, 10], in: rest), let size = Int(latin1(rest[..<end]), radix: 16) {
            rest = rest[(end + 2)...]
            body += rest.prefix(size)
            rest = rest.dropFirst(size + 2)
            if size == 0 { break }
        }
        return (body[...], rest)
    }

    // MARK: Texts

    /// `127.0.0.1 - - [22/Nov/2026 16:20:05] message` becomes `log message`; anything else on standard error `err …`.
    private static func logLine(_ line: Substring) -> String {
        let prefix = #/127\.0\.0\.1 - - \[\d\d/[A-Z][a-z][a-z]/\d{4} \d\d:\d\d:\d\d\] /#
        guard let match = line.prefixMatch(of: prefix) else { return "err \(line)" }
        return "log \(line[match.range.upperBound...])"
    }

    /// A head that comes where a body is expected has its time, too.
    private static func withoutTime(_ line: String) -> String {
        guard let date = line.wholeMatch(of: #/Date: (.*GMT)(\r?)/#), isNow(String(date.1)) else { return line }
        return "Date: NOW\(date.2)"
    }

    private static func isNow(_ date: String) -> Bool {
        let bytes = Array(date.utf8)
        guard let seconds = HTTPDate.parse(bytes.rawBytes) else { return false }
        return abs(seconds - Clock.realtimeUs() / 1_000_000) < 60
    }

    private static func latin1(_ bytes: ArraySlice<UInt8>) -> String {
        String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    private static func find(_ pattern: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.indices.first { bytes[$0...].starts(with: pattern) }
    }
}
