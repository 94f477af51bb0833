// Entity tags and the conditional fields.
import HTTPMessage

extension FuzzTarget {
    /// The first line is a tag, the rest a list: both are read as the grammar says.
    func checkEntityTag(_ bytes: RawSpan) throws(BrokenProperty) {
        let copy = [UInt8](copying: bytes)
        let end = copy.firstIndex(of: UInt8(ascii: "\n")) ?? copy.count
        let (tag, list) = (bytes.extracting(0..<end), bytes.extracting(min(end + 1, copy.count)..<copy.count))
        let (tagCopy, listCopy) = (copy[..<end], copy[min(end + 1, copy.count)...])
        let tags = ReferenceTags.list(tagCopy)
        let isTag = tags?.count == 1 && tags?[0] == tagCopy
        try expectEqual(EntityTag.isValid(tag), isTag, "a tag: \(escape(tagCopy))")
        for comparison in [EntityTag.Comparison.strong, .weak] {
            let found = EntityTag.list(list, names: tag, by: comparison)
            var wanted = Grammar.trimmed(listCopy).elementsEqual("*".utf8) && listCopy.first == UInt8(ascii: "*")
            if isTag, let listed = ReferenceTags.list(listCopy) {
                wanted = wanted || listed.contains { ReferenceTags.equal($0, tagCopy, comparison) }
            }
            if isTag || wanted { try expectEqual(found, wanted, "\(escape(copy)) by \(comparison)") }
        }
    }

    /// The lines are fields of a request: what they make of it is what RFC 9110 section 13.2.2 says, step by step.
    func checkPreconditions(_ bytes: RawSpan) throws(BrokenProperty) {
        for method in ["GET", "HEAD", "PUT"] {
            let head = Array("\(method) / HTTP/1.0\r\nContent-Length: 0\r\n".utf8)
            let request = head + [UInt8](copying: bytes) + Array("\r\n\r\n".utf8)
            var parser = RequestParser()
            guard case .request = parser.parse(request.span.octets) else { return }
            for (tag, modified) in [("\"a\"", 784_111_777), ("W/\"a\"", 784_111_777), ("\"b\"", 0), ("", nil)] {
                let found = Preconditions(
                    of: parser.head, in: request.span.octets, tag: tag.utf8.span.octets,
                    lastModifiedSeconds: modified.map(Int64.init), nowSeconds: 1_000_000_000)
                let steps = ReferenceSteps(
                    method: method, fields: fields(parser.head, request), tag: Array(tag.utf8)[...],
                    modified: modified.map(Int64.init))
                try expectEqual(found, steps.outcome, "\(escape(request)) for \(tag), \(modified ?? -1)")
            }
        }
    }

    private func fields(_ head: RequestHead, _ request: [UInt8]) -> [(name: String, value: Grammar.Text)] {
        (0..<head.fieldCount).map { index in
            (Grammar.lowercased(request[head.name(at: index).range]), request[head.value(at: index).range])
        }
    }
}

/// Entity tags once more.
private enum ReferenceTags {
    /// The tags of a list with commas between them; nil if something else is in it.
    static func list(_ text: Grammar.Text) -> [Grammar.Text]? {
        var tags: [Grammar.Text] = []
        var rest = text
        while true {
            rest = rest.drop { Grammar.blanks.contains($0) || $0 == UInt8(ascii: ",") }
            if rest.isEmpty { return tags }
            let start = rest.startIndex
            if rest.starts(with: "W/".utf8) { rest = rest.dropFirst(2) }
            guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
            rest = rest.drop { $0 > 32 && $0 != 127 && $0 != UInt8(ascii: "\"") }
            guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
            tags.append(text[start..<rest.startIndex])
            rest = rest.drop(while: Grammar.blanks.contains)
            guard rest.isEmpty || rest.first == UInt8(ascii: ",") else { return nil }
        }
    }

    static func equal(_ left: Grammar.Text, _ right: Grammar.Text, _ comparison: EntityTag.Comparison) -> Bool {
        let isWeak = left.first == UInt8(ascii: "W") || right.first == UInt8(ascii: "W")
        if comparison == .strong { return !isWeak && left == right }
        return left.drop { "W/".utf8.contains($0) }.elementsEqual(right.drop { "W/".utf8.contains($0) })
    }
}

/// The steps of RFC 9110 section 13.2.2 once more, field by field.
private struct ReferenceSteps {
    let method: String
    let fields: [(name: String, value: Grammar.Text)]
    let tag: Grammar.Text
    let modified: Int64?

    private func values(_ name: String) -> [Grammar.Text] { fields.filter { $0.name == name }.map(\.value) }

    /// The date of the only such field.
    private func date(_ name: String) -> Int64? {
        let values = values(name)
        return values.count == 1 ? HTTPDate.parse(Array(values[0]).span.octets, now: 1_000_000_000) : nil
    }

    private func names(_ name: String, _ comparison: EntityTag.Comparison) -> Bool {
        values(name).contains { value in
            if value.elementsEqual("*".utf8) { return true }
            return !tag.isEmpty
                && ReferenceTags.list(value)?.contains { ReferenceTags.equal($0, tag, comparison) } == true
        }
    }

    var outcome: Preconditions {
        let isRead = method == "GET" || method == "HEAD"
        if !values("if-match").isEmpty {
            if !names("if-match", .strong) { return .failed }
        } else if let modified, let since = date("if-unmodified-since"), modified > since {
            return .failed
        }
        if !values("if-none-match").isEmpty {
            if names("if-none-match", .weak) { return isRead ? .notModified : .failed }
        } else if isRead, let modified, let since = date("if-modified-since"), modified <= since {
            return .notModified
        }
        guard method == "GET", values("range").count == 1 else { return .perform }
        let conditions = values("if-range")
        if conditions.isEmpty { return .performOnRanges }
        guard conditions.count == 1 else { return .perform }
        if let listed = ReferenceTags.list(conditions[0]), listed == conditions {
            return ReferenceTags.equal(listed[0], tag, .strong) ? .performOnRanges : .perform
        }
        let isSame = date("if-range").map { $0 == modified } ?? false
        return isSame && tag.first != UInt8(ascii: "W") ? .performOnRanges : .perform
    }
}
