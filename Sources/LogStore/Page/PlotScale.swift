// Where values lie on an axis, and which of them are written beside it.
import Foundation

/// A mark on an axis.
struct PlotTick: Equatable {
    /// Where it lies, as a share of the axis from its begin: 0 to 1.
    let position: Double
    /// What is written there.
    let label: String
}

/// An axis from 0 to a round value.
struct LinearScale {
    /// The value at the end.
    let end: Double
    /// The distance of the marks: 1, 2 or 5 times a power of ten.
    let step: Double

    /// An axis that reaches a value, with at most four marks above 0.
    init(upTo maximum: Double) {
        guard maximum > 0, maximum.isFinite else {
            (end, step) = (1, 1)
            return
        }
        let magnitude = pow(10, floor(log10(maximum / 4)))
        step = ([1, 2, 5].map { $0 * magnitude }.first { $0 * 4 >= maximum }) ?? 10 * magnitude
        end = (maximum / step).rounded(.up) * step
    }

    /// Where a value lies.
    func position(_ value: Double) -> Double { min(1, max(0, value / end)) }

    /// The marks above 0.
    func ticks(_ label: (Double) -> String) -> [PlotTick] {
        (1...max(1, Int((end / step).rounded()))).map { number in
            PlotTick(position: position(Double(number) * step), label: label(Double(number) * step))
        }
    }
}

/// An axis of whole powers of ten, for durations in microseconds.
struct LogScale {
    /// The exponents of its ends.
    let first: Int
    let last: Int

    /// An axis that reaches from one value to another; both count as 1 when they are less.
    init(from minimum: Double, to maximum: Double) {
        first = Int(floor(log10(max(1, minimum))))
        last = max(first + 1, Int(ceil(log10(max(1, maximum)))))
    }

    /// How many powers it spans.
    var decades: Int { last - first }

    /// Where a value lies.
    func position(_ value: Double) -> Double {
        min(1, max(0, (log10(max(value, 1e-9)) - Double(first)) / Double(decades)))
    }

    /// A mark at each power.
    var ticks: [PlotTick] {
        (first...last).map { exponent in
            let unit = exponent < 3 ? "µs" : exponent < 6 ? "ms" : "s"
            let digits = exponent < 3 ? exponent : exponent < 6 ? exponent - 3 : exponent - 6
            return PlotTick(
                position: Double(exponent - first) / Double(decades),
                label: "1" + String(repeating: "0", count: digits) + " " + unit)
        }
    }
}

/// An axis of time, in UTC.
struct TimeScale {
    /// The first moment and the one after the last, in microseconds since 1970 UTC.
    let beginUs: Int64
    let endUs: Int64

    /// Distances of marks in seconds.
    private static let distances: [Int64] = [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800,
        432_000, 864_000, 1_728_000, 4_320_000, 8_640_000, 31_536_000, 315_360_000,
    ]

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// At most eight marks, at whole minutes, hours, days.
    var ticks: [PlotTick] {
        let lengthUs = endUs - beginUs
        guard lengthUs > 0, let distance = Self.distances.first(where: { lengthUs / 1_000_000 / $0 < 8 }) else {
            return []
        }
        let distanceUs = distance * 1_000_000
        var us = (beginUs + distanceUs - 1) / distanceUs * distanceUs
        var ticks: [PlotTick] = []
        while us < endUs {
            ticks.append(
                PlotTick(
                    position: Double(us - beginUs) / Double(lengthUs), label: Self.label(us: us, distance: distance)))
            us += distanceUs
        }
        return ticks
    }

    /// `14:30:05`, `14:30`, at midnight `Nov 23`, and with the year where marks are far apart.
    static func label(us: Int64, distance: Int64) -> String {
        let text = ISOTime.text(us: us)
        let time = text.dropFirst(11)
        if distance < 60 { return String(time.prefix(8)) }
        if distance < 86_400, time.prefix(5) != "00:00" { return String(time.prefix(5)) }
        let month = Int(text.dropFirst(5).prefix(2)).map { months[$0 - 1] } ?? ""
        if distance >= 8_640_000 { return "\(month) \(text.prefix(4))" }
        return "\(month) \(Int(text.dropFirst(8).prefix(2)) ?? 0)"
    }
}
