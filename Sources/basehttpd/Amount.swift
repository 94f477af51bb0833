// Amounts as options write them: a number, perhaps with a unit behind it.

/// Reads amounts of options.
enum Amount {
    /// A number of bytes, perhaps with K, M or G behind it.
    ///
    /// - Parameters:
    ///   - option: its name, for the error.
    ///   - what: the range in words, for the error.
    /// - Throws: ``OptionError`` for what is no amount, or not within the range.
    static func bytes(_ text: String, _ option: String, _ range: ClosedRange<Int>, _ what: String) throws -> Int {
        try amount(text, ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30], option, range, what)
    }

    private static func amount(
        _ text: String, _ units: [String: Int], _ option: String, _ range: ClosedRange<Int>, _ what: String
    ) throws -> Int {
        let unit = units[text.suffix(1).uppercased()]
        let number = Int(unit == nil ? text[...] : text.dropLast())
        let (amount, overflow) = (number ?? -1).multipliedReportingOverflow(by: unit ?? 1)
        guard !overflow, range.contains(amount) else { throw OptionError(option, mustBe: what) }
        return amount
    }
}
