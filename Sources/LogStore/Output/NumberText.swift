// Numbers as a person reads them: digits in groups, sizes and times in the unit that fits.

/// Numbers for tables. JSON and CSV carry them plain.
enum NumberText {
    /// A whole number with its digits in groups of three: `12,345`.
    static func grouped(_ number: Int64) -> String {
        let digits = String(number.magnitude)
        var text = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// A number with a fixed count of digits behind the point, rounded.
    static func fixed(_ number: Double, decimals: Int) -> String {
        guard number.isFinite, number.magnitude < 1e15 else { return "\(number)" }
        let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
        let scaled = Int64((number.magnitude * scale).rounded())
        let whole = scaled / Int64(scale)
        let sign = number < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return sign + grouped(whole) }
        let fraction = String(scaled % Int64(scale))
        return sign + grouped(whole) + "." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }

    /// A size with its unit in powers of 1,024: `999 B`, `1.2 KiB`.
    static func bytes(_ number: Double) -> String {
        var value = number
        for unit in ["B", "KiB", "MiB", "GiB", "TiB"] {
            if value.magnitude < 1024 || unit == "TiB" {
                return fixed(value, decimals: unit == "B" || value.magnitude >= 100 ? 0 : 1) + " " + unit
            }
            value /= 1024
        }
        return ""
    }

    /// Milliseconds with as many digits as tell something: `0.084`, `12.3`, `1,204`.
    static func milliseconds(_ number: Double) -> String {
        fixed(number, decimals: number.magnitude < 1 ? 3 : number.magnitude < 10 ? 2 : number.magnitude < 100 ? 1 : 0)
    }

    /// A length of time in the unit that fits: `0.3 s`, `12 min`, `3.5 h`, `4.0 d`.
    static func age(seconds: Double) -> String {
        switch seconds {
        case ..<10: fixed(seconds, decimals: 1) + " s"
        case ..<120: fixed(seconds, decimals: 0) + " s"
        case ..<7200: fixed(seconds / 60, decimals: 0) + " min"
        case ..<172_800: fixed(seconds / 3600, decimals: 1) + " h"
        default: fixed(seconds / 86_400, decimals: 1) + " d"
        }
    }
}
