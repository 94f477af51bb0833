// Lines of foreign logs: any bytes are read within their bounds, and a text survives being written into a line.
import HTTPMessage
import LogLines

extension FuzzTarget {
    /// The bytes as a line of every kind of format; then as the texts of a line that a server writes.
    func checkLogLine(_ bytes: RawSpan) throws(BrokenProperty) {
        let copy = [UInt8](copying: bytes)
        for format in LogFormat.names + [#"%h "%m %U%q" %>s %{msec}t %D"#, #"{"t":"$time_iso8601","r":"$request"}"#] {
            guard let format = try? LogFormat(format) else { throw BrokenProperty(description: "no format \(format)") }
            var parser = LogLineParser(format)
            // Twice: nothing of a line may stay for the next one.
            let first = parser.parse(bytes)
            let texts = texts(parser, bytes)
            try expectEqual(parser.parse(bytes), first, "the same again")
            if first == nil { try expectEqual(self.texts(parser, bytes), texts, "the same texts again") }
        }
        if let format = try? LogFormat(String(decoding: copy, as: UTF8.self)) {
            var parser = LogLineParser(format)
            _ = parser.parse(bytes)
        }
        // What is absent, and a hyphen, are the same in a line.
        guard !copy.isEmpty, copy != [UInt8(ascii: "-")] else { return }
        let text = escaped(copy)
        let head = Array(#"::1 - - [01/Mar/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 1 ""#.utf8)
        let line = head + text + Array("\" \"".utf8) + text + [UInt8(ascii: "\"")]
        guard let format = try? LogFormat("combined") else { throw BrokenProperty(description: "no format combined") }
        var parser = LogLineParser(format)
        try expectEqual(parser.parse(line.span.octets), nil, "\(escape(line)) is a line")
        let texts = texts(parser, line.span.octets)
        try expectEqual(texts[5], copy, "the referer")
        try expectEqual(texts[6], copy, "the agent")
    }

    private func texts(_ parser: LogLineParser, _ line: RawSpan) -> [[UInt8]] {
        let request = parser.request
        let places = [
            request.client, request.host, request.method, request.path, request.query, request.referer, request.agent,
        ]
        var texts: [[UInt8]] = []
        for place in places { texts.append([UInt8](copying: parser.text(place, of: line))) }
        return texts
    }

    /// As Apache (ap_escape_logitem) and nginx write a text, each byte in one of their ways.
    private func escaped(_ text: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return text.enumerated().flatMap { index, byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                index % 2 == 0
                    ? [UInt8(ascii: "\\"), byte] : Array("\\x".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            case 0..<0x20, 0x7F...: Array("\\x".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: [byte]
            }
        }
    }
}
