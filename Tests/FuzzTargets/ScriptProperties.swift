// What a CGI script writes in front of its body.
import HTTPMessage

extension FuzzTarget {
    /// However the head of a script's answer is cut, the same comes of it: what a plain reading says.
    func checkScriptHead(_ bytes: RawSpan) throws(BrokenProperty) {
        let copy = [UInt8](copying: bytes)
        var cuts = Cuts(of: bytes)
        for limits in [MessageLimits(), .small] {
            let whole = try describe(bytes, [], limits)
            let some = cuts.next(upTo: bytes.byteCount)
            try expectEqual(try describe(bytes, some, limits), whole, "cut at \(some)")
            if bytes.byteCount <= 300 {
                try expectEqual(try describe(bytes, Array(bytes.byteOffsets), limits), whole, "byte by byte")
            }
        }
        let whole = try describe(bytes, [], MessageLimits())
        let reference = ReferenceScriptHead(copy).map(\.text)
        try expectEqual(whole.hasPrefix("head "), reference != nil, "accepted, \(escape(copy))\n\(whole)\n")
        if let reference { try expectEqual(whole, reference, "the head \(escape(copy))") }

        // Once a status line is known for what it is, more bytes change nothing.
        var code: UInt16?
        for count in 0...min(copy.count, 20) {
            let now = CGIResponseParser.statusLineCode(bytes.extracting(0..<count))
            if code != nil { try expectEqual(now, code, "the status line at \(count)") }
            code = now
        }
        let line = Grammar.lowercased(copy.prefix(13)[...])
        if let code, code > 0 { try expect(line.hasPrefix("http/") && line.contains("\(code)"), "\(line): \(code)") }
    }

    private func describe(_ bytes: RawSpan, _ cuts: [Int], _ limits: MessageLimits) throws(BrokenProperty) -> String {
        var parser = CGIResponseParser(limits: limits)
        for end in cuts + [bytes.byteCount] {
            let soFar = bytes.extracting(0..<end)
            switch parser.parse(soFar) {
            case .needMore: continue
            case .reject(let rejection):
                try expectEqual(rejection.status, 500, "the status")
                return "reject \(rejection.text(in: soFar))"
            case .head: break
            }
            let head = parser.head
            let ranges = [head.reason, head.location ?? .empty] + head.fields.flatMap { [$0.name, $0.value] }
            for range in ranges {
                try expect(range.start <= range.end && Int(range.end) <= end, "\(range) lies in the bytes")
            }
            func text(_ range: ByteRange) -> String { escape([UInt8](copying: bytes)[range.range]) }
            var lines = ["head \(head.status) \(text(head.reason)) \(head.headLength)"]
            if let location = head.location { lines.append("location \(text(location)) \(head.isLocalRedirect)") }
            if let length = head.contentLength { lines.append("length \(length)") }
            lines += head.fields.map { "\(text($0.name)): \(text($0.value))" }
            return lines.joined(separator: "\n")
        }
        return "incomplete"
    }
}

/// The head of a script's answer once more: lines first.
private struct ReferenceScriptHead {
    let text: String

    private static let hopByHop: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "date",
        "server", "status",
    ]

    init?(_ bytes: [UInt8]) {
        var fields: [(name: Grammar.Text, value: Grammar.Text)] = []
        var rest = bytes[...]
        while true {
            guard let (before, behind) = Grammar.cut(rest, at: "\n") else { return nil }
            rest = behind
            let line = before.last == UInt8(ascii: "\r") ? before.dropLast() : before
            if line.isEmpty { break }
            guard line.allSatisfy(Grammar.isValueByte), let (name, value) = Grammar.cut(line, at: ":"),
                Grammar.isToken(name)
            else { return nil }
            fields.append((name, Grammar.trimmed(value)))
        }
        func only(_ name: String) -> [Grammar.Text] {
            fields.filter { Grammar.lowercased($0.name) == name }.map(\.value)
        }
        let (status, location, type, length) = (
            only("status"), only("location"), only("content-type"), only("content-length")
        )
        guard fields.count <= MessageLimits().fieldCount, rest.startIndex <= MessageLimits().headBytes,
            [status, location, type, length].allSatisfy({ $0.count <= 1 }),
            !status.isEmpty || !location.isEmpty || !type.isEmpty
        else { return nil }
        var code: Int?
        if let value = status.first {
            let digits = String(decoding: value.prefix(3), as: UTF8.self)
            guard digits.utf8.allSatisfy(Grammar.digits.contains), let number = Int(digits),
                (200...599).contains(number), value.count == 3 || Grammar.blanks.contains(value[value.startIndex + 3])
            else { return nil }
            code = number
        }
        let reason = Grammar.trimmed(status.first?.dropFirst(3) ?? [])
        var lines = ["head \(code ?? (location.isEmpty ? 200 : 302)) \(escape(reason)) \(rest.startIndex)"]
        if let value = location.first {
            let isLocal = value.first == UInt8(ascii: "/") && (code == nil || code == 200)
            lines.append("location \(escape(value)) \(isLocal)")
        }
        if let value = length.first {
            guard value.allSatisfy(Grammar.digits.contains), let number = UInt64(String(decoding: value, as: UTF8.self))
            else { return nil }
            lines.append("length \(number)")
        }
        lines += fields.filter { !Self.hopByHop.contains(Grammar.lowercased($0.name)) }
            .map { "\(escape($0.name)): \(escape($0.value))" }
        text = lines.joined(separator: "\n")
    }
}
