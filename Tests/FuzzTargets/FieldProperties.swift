// Names, values and texts.
import HTTPMessage

extension FuzzTarget {
    /// The fast checks and look-ups say what the grammar and a plain search say.
    func checkField(_ bytes: RawSpan) throws(BrokenProperty) {
        let copy = [UInt8](copying: bytes)
        try expectEqual(FieldSyntax.isToken(bytes), Grammar.isToken(copy[...]), "a token: \(escape(copy))")
        let isValue = copy.allSatisfy(Grammar.isValueByte)
        try expectEqual(FieldSyntax.isFieldValue(bytes), isValue, "a value: \(escape(copy))")
        try expectEqual(FieldSyntax.isReasonPhrase(bytes), isValue, "a phrase: \(escape(copy))")

        let name = Grammar.isToken(copy[...]) ? Grammar.lowercased(copy[...]) : ""
        try expectEqual(KnownField(name: bytes), KnownField.allCases.first { $0.name == name }, "the field \(name)")

        let text = bytes.latin1(ByteRange(bytes.byteOffsets))
        try expectEqual(text.unicodeScalars.map(\.value), copy.map { UInt32($0) }, "Latin-1")
        let quoted = Rejection.quote(text).unicodeScalars
        try expect(quoted.allSatisfy { $0.value >= 32 && $0.value != 127 }, "controls are escaped")

        try checkLine(copy)
    }

    /// As a field line, at every distance from the end of the buffer up to where the look at whole words begins.
    private func checkLine(_ line: [UInt8]) throws(BrokenProperty) {
        for behind in ["", "a:b\r\n", "abcdefghijklmnopqrstuvwx: y\r\n"] {
            let request = Array("GET / HTTP/1.0\r\n".utf8) + line + Array("\r\n\(behind)\r\n".utf8)
            let said = MessageReader().describe(request, cutAt: [])
            let reference = ReferenceReader().describe(request)
            try expectEqual(said.hasPrefix("request "), reference != nil, "accepted, \(escape(request))\n\(said)\n")
            if let reference { try expectEqual(said, reference, "the request \(escape(request))") }
        }
    }
}
