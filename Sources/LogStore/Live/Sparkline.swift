// A row of numbers as a row of bars.

/// Bars of one character each.
enum Sparkline {
    /// The numbers from the first to the last, the greatest as a whole block.
    static func text(_ numbers: some Collection<Double>, isASCII: Bool) -> String {
        let bars = Array(isASCII ? " .:-=+*#" : "▁▂▃▄▅▆▇█")
        guard let greatest = numbers.max(), greatest > 0 else {
            return String(repeating: bars[0], count: numbers.count)
        }
        return String(numbers.map { bars[min(bars.count - 1, Int($0 / greatest * Double(bars.count)))] })
    }
}
