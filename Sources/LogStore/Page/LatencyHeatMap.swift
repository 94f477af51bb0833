// Where the durations of requests lie over time: steps across, lengths up, darker where there are more.
import Foundation

/// A heat map of durations.
///
/// Rows are equal parts of a power of ten, as many as fit. A cell's shade follows the logarithm of its requests, so
/// that a single slow request is seen beside thousands of fast ones.
struct LatencyHeatMap {
    /// The number of shades; the style sheet has a class for each.
    static let shades = 6

    private static let rowLimit = 36

    private let scale: LogScale
    private let rowsPerDecade: Int
    /// Requests by column and row.
    private let columns: [[Int]]
    private let highest: Int
    /// The row with the most requests, as words.
    let usual: String

    /// A map with a column for each sketch.
    init(_ sketches: [LatencySketch]) {
        var least = Int64.max
        var greatest = 0 as Int64
        for sketch in sketches {
            sketch.forEachBucket { us, _ in
                least = min(least, us)
                greatest = max(greatest, us)
            }
        }
        let scale = LogScale(from: Double(least == .max ? 1_000 : least), to: Double(max(greatest, 1)))
        let rowsPerDecade = max(1, min(12, Self.rowLimit / scale.decades))
        let rowCount = scale.decades * rowsPerDecade
        let columns = sketches.map { sketch in
            var rows = [Int](repeating: 0, count: rowCount)
            sketch.forEachBucket { us, count in
                let row = Int(scale.position(Double(max(1, us))) * Double(rowCount))
                rows[min(row, rowCount - 1)] += count
            }
            return rows
        }
        self.columns = columns
        highest = columns.joined().max() ?? 0
        self.scale = scale
        self.rowsPerDecade = rowsPerDecade
        let sums = (0..<rowCount).map { row in columns.reduce(0) { $0 + $1[row] } }
        let row = sums.indices.max { sums[$0] < sums[$1] } ?? 0
        func edge(_ row: Int) -> String {
            PageNumber.duration(us: Int64(pow(10, Double(scale.first) + Double(row) / Double(rowsPerDecade)).rounded()))
        }
        usual = "\(edge(row)) to \(edge(row + 1))"
    }

    /// The marks of the axis of durations.
    var ticks: [PlotTick] { scale.ticks }

    /// One path for each shade.
    var shapes: String {
        let rowCount = scale.decades * rowsPerDecade
        let height = StepPlot.height / Double(rowCount)
        var paths = [String](repeating: "", count: Self.shades)
        for row in 0..<rowCount {
            let y = StepPlot.decimal(StepPlot.height - Double(row + 1) * height)
            let down = StepPlot.decimal(height)
            var column = 0
            while column < columns.count {
                let shade = shade(columns[column][row])
                var end = column + 1
                while end < columns.count, self.shade(columns[end][row]) == shade { end += 1 }
                if let shade { paths[shade] += "M\(column) \(y)h\(end - column)v\(down)h-\(end - column)z" }
                column = end
            }
        }
        return paths.enumerated().filter { !$0.element.isEmpty }
            .map { "<path class=\"h\($0.offset + 1)\" d=\"\($0.element)\"/>" }.joined()
    }

    /// The shade of a number of requests; `nil` for none.
    private func shade(_ count: Int) -> Int? {
        if count == 0 { return nil }
        if highest <= 1 { return Self.shades - 1 }
        let share = log(Double(count)) / log(Double(highest))
        return min(Self.shades - 1, Int(share * Double(Self.shades)))
    }
}
