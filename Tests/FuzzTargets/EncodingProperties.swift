// The Accept-Encoding field.
import HTTPMessage

extension FuzzTarget {
    /// Whatever codings there are, the one preferred is that of a plain reading.
    func checkAcceptEncoding(_ field: RawSpan) throws(BrokenProperty) {
        let copy = [UInt8](copying: field)
        var accepted = AcceptEncoding()
        accepted.read(field)
        let weights = weights(copy[...])
        for set in 0..<8 {
            let available = ContentCoding.allCases.filter { set >> $0.rawValue & 1 != 0 }
            let preferred = accepted.preferred(among: available.contains)
            let shown = "\(escape(copy)) among \(available.map(\.name))"
            try expect(preferred.map(available.contains) ?? true, "there: \(shown)")
            // The first of the greatest weight; coded only if accepted, and no less than not coded.
            func weight(_ name: String) -> Int { weights[name] ?? weights["*"] ?? 0 }
            let identity = weight("identity")
            let best = available.map { weight($0.name) }.max() ?? 0
            let wanted = best > 0 && best >= identity ? available.first { weight($0.name) == best } : nil
            try expectEqual(preferred, wanted, shown)
        }
    }

    /// The weight in thousandths of each name: its first good one.
    private func weights(_ field: Grammar.Text) -> [String: Int] {
        var weights: [String: Int] = [:]
        for element in Grammar.elements(field) {
            let name = element.prefix(while: Grammar.token.contains)
            guard let weight = weight(Grammar.trimmed(element[name.endIndex...])) else { continue }
            let lowercase = Grammar.lowercased(name)
            let coding = lowercase == "x-gzip" ? "gzip" : lowercase
            if weights[coding] == nil { weights[coding] = weight }
        }
        return weights
    }

    private func weight(_ parameter: Grammar.Text) -> Int? {
        if parameter.isEmpty { return 1_000 }
        guard parameter.first == UInt8(ascii: ";") else { return nil }
        let text = Grammar.lowercased(Grammar.trimmed(parameter.dropFirst()))
        guard text.hasPrefix("q=") else { return nil }
        let number = text.dropFirst(2).split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = number.count == 2 ? number[1] : ""
        guard number[0].utf8.count == 1, fraction.utf8.count <= 3, number[0].utf8.allSatisfy(Grammar.digits.contains),
            fraction.utf8.allSatisfy(Grammar.digits.contains),
            let weight = Int(number[0] + fraction + String(repeating: "0", count: 3 - fraction.utf8.count))
        else { return nil }
        return weight <= 1_000 ? weight : nil
    }
}
