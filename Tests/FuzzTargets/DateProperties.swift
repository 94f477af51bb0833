// Dates: what is read is what is written.
import HTTPMessage

extension FuzzTarget {
    /// A date that is read is one of the three forms of the moment it names; each moment's three forms are read.
    func checkDate(_ bytes: RawSpan) throws(BrokenProperty) {
        let copy = [UInt8](copying: bytes)
        let text = String(decoding: copy, as: UTF8.self)
        let random = copy.prefix(8).reduce(Int64(copy.count)) { $0 &* 257 &+ Int64($1) }
        // The years -1000 to 9999.
        let now = random % 253_402_300_799
        for now in [nil, now] {
            guard let seconds = HTTPDate.parse(bytes, now: now) else { continue }
            let wanted = forms(of: seconds) + (seconds % 60 == 0 ? forms(of: seconds - 1).map(leapSecond) : [])
            try expect(wanted.contains { sameButForWeekday(text, $0) }, "\(text) read as \(wanted[0])")
        }
        try expectEqual(HTTPDate.format(unixSeconds: random).utf8.count, HTTPDate.byteCount, "the length")
        let seconds = max(now, -62_135_596_800)
        for form in forms(of: seconds) {
            try expectEqual(HTTPDate.parse(form.utf8.span.octets, now: seconds), seconds, "\(form) read again")
        }
    }

    /// The preferred form, that of RFC 850, that of asctime; the last with a zero or a space before a short day.
    private func forms(of seconds: Int64) -> [String] {
        let preferred = HTTPDate.format(unixSeconds: seconds)
        let words = preferred.split(separator: " ").map(String.init)
        let weekday = [
            "Sun": "Sunday", "Mon": "Monday", "Tue": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday",
            "Fri": "Friday", "Sat": "Saturday",
        ][String(words[0].prefix(3))]
        let day = words[1].hasPrefix("0") ? " \(words[1].suffix(1))" : words[1]
        return [
            preferred, "\(weekday ?? ""), \(words[1])-\(words[2])-\(words[3].suffix(2)) \(words[4]) GMT",
            "\(words[0].prefix(3)) \(words[2]) \(day) \(words[4]) \(words[3])",
            "\(words[0].prefix(3)) \(words[2]) \(words[1]) \(words[4]) \(words[3])",
        ]
    }

    private func leapSecond(_ date: String) -> String { date.replacing(":59 ", with: ":60 ") }

    private func sameButForWeekday(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        func end(_ date: [UInt8]) -> Int { date.firstIndex { !Grammar.letters.contains($0) } ?? date.count }
        return left[end(left)...] == right[end(right)...]
    }
}
