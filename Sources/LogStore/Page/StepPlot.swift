// The frame of a plot over time as SVG: it stretches with the page, and its letters do not.
internal import AccessLog

/// A plot whose shapes are drawn in units of a step across and of a pixel down.
///
/// The shapes lie in an inner picture that is stretched to the page's width; marks and labels lie around it at shares
/// of that width, in the letters of the page. So a phone shows the same letters as a wide screen.
struct StepPlot {
    /// The height of the shapes in pixels.
    static let height = 160.0

    /// Room for the label of the uppermost mark, and for those of time.
    private static let above = 12.0
    private static let below = 20.0

    /// How many steps lie side by side.
    let steps: Int
    /// What the picture says, for who does not see it.
    let description: String
    /// The labels of the vertical axis, from below.
    let valueTicks: [PlotTick]
    /// The labels of time.
    let timeTicks: [PlotTick]

    /// The picture.
    ///
    /// - Parameter shapes: The inner elements; y is 0 above and ``height`` below.
    func svg(_ shapes: String) -> String {
        let total = Int(Self.above + Self.height + Self.below)
        var svg = "<svg class=\"plot\" role=\"img\" width=\"100%\" height=\"\(total)\" "
        svg += "aria-label=\"\(Escaping.html(description))\">\n"
        svg += "<svg y=\"\(Int(Self.above))\" width=\"100%\" height=\"\(Int(Self.height))\" "
        svg += "viewBox=\"0 0 \(max(1, steps)) \(Int(Self.height))\" preserveAspectRatio=\"none\">\(shapes)</svg>\n"
        let bottom = Int(Self.above + Self.height)
        svg += "<g class=\"axis\"><path d=\"M0 \(bottom)H9999\"/>"
        for tick in valueTicks {
            let y = Self.decimal(Self.above + Self.y(tick.position))
            if tick.position > 0 { svg += "<path d=\"M0 \(y)H9999\"/>" }
            svg += "<text x=\"2\" y=\"\(y)\" dy=\"-3\">\(Escaping.html(tick.label))</text>"
        }
        for tick in timeTicks {
            let x = Self.decimal(100 * tick.position)
            svg += "<line x1=\"\(x)%\" x2=\"\(x)%\" y1=\"\(bottom)\" y2=\"\(bottom + 4)\"/>"
            // At the edges a label would be cut off, or run into the next one.
            if !(0.05...0.95).contains(tick.position) { continue }
            svg += "<text x=\"\(x)%\" y=\"\(bottom + 16)\" text-anchor=\"middle\">\(tick.label)</text>"
        }
        return svg + "</g>\n</svg>\n"
    }

    /// Pixels from above of a share of the height.
    static func y(_ position: Double) -> Double { height * (1 - position) }

    /// A coordinate with one decimal at most.
    static func decimal(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
    }

    /// The area between two lines of steps, each given as shares of the height; `nil`: a gap.
    static func area(_ upper: [Double?], over lower: [Double?]? = nil) -> String {
        var path = ""
        for run in runs(upper) {
            let ground = lower.flatMap { $0[run.lowerBound] } ?? 0
            path += "M\(run.lowerBound) \(decimal(y(ground)))"
            path += line(upper, run, forward: true)
            if let lower { path += line(lower, run, forward: false) } else { path += "V\(Int(height))" }
            path += "Z"
        }
        return path
    }

    /// A line of steps; `nil`: a gap.
    static func line(_ values: [Double?]) -> String {
        runs(values).map { run in
            let start = "M\(run.lowerBound) \(decimal(y(values[run.lowerBound] ?? 0)))"
            return start + line(values, run, forward: true)
        }.joined()
    }

    /// Upright and level strokes along a run; equal neighbours share one.
    private static func line(_ values: [Double?], _ run: Range<Int>, forward: Bool) -> String {
        var path = ""
        var last: String?
        for index in forward ? Array(run) : run.reversed() {
            let y = decimal(y(values[index] ?? 0))
            if y != last { path += (last == nil ? "" : "H\(forward ? index : index + 1)") + "V\(y)" }
            last = y
        }
        return path + "H\(forward ? run.upperBound : run.lowerBound)"
    }

    /// The stretches without a gap.
    private static func runs(_ values: [Double?]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for (index, value) in values.enumerated() where value != nil {
            if let last = runs.last, last.upperBound == index {
                runs[runs.count - 1] = last.lowerBound..<index + 1
            } else {
                runs.append(index..<index + 1)
            }
        }
        return runs
    }
}
