// Numbers as the plots of a page write them: few characters, whatever the size.
import Foundation

/// Numbers for axes and captions.
enum PageNumber {
    /// `0.05`, `12`, `1,500`, `15 k`, `1.5 M`.
    static func compact(_ number: Double) -> String {
        for (size, unit) in [(1e12, " T"), (1e9, " G"), (1e6, " M"), (1e4, " k")] where number >= size {
            return plain(number / (unit == " k" ? 1e3 : size)) + unit
        }
        return plain(number)
    }

    /// With as many decimals as tell something, and none that are 0.
    private static func plain(_ number: Double) -> String {
        if number >= 100 || number == 0 { return NumberText.fixed(number, decimals: 0) }
        // Two digits behind the first that is not 0.
        let decimals = min(9, max(0, 2 - Int(floor(log10(number)))))
        var text = NumberText.fixed(number, decimals: decimals)
        guard text.contains(".") else { return text }
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    /// Microseconds in the unit that fits: `84 µs`, `1.2 ms`, `30 s`.
    static func duration(us: Int64) -> String {
        switch us {
        case ..<1_000: "\(us) µs"
        case ..<1_000_000: plain(significant(Double(us) / 1e3)) + " ms"
        default: plain(significant(Double(us) / 1e6)) + " s"
        }
    }

    /// Rounded to three digits.
    private static func significant(_ number: Double) -> Double {
        guard number > 0 else { return number }
        let scale = pow(10, 2 - floor(log10(number)))
        return scale >= 1 ? (number * scale).rounded() / scale : number.rounded()
    }
}
