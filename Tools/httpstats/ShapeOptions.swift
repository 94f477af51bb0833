// The shape of a report: how many rows, in which order, which columns.
import ArgumentParser
import LogStore

/// How a report is laid out.
struct ShapeOptions: ParsableArguments {
    // Not a group in the group: see CommonOptions for what it costs.
    @Option(name: .long, help: LimitOption.help)
    var limit: Int?

    @Flag(name: .long, help: "List by paths with what varies folded: /user/:id; the same as --by template.")
    var templates = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "List by another property, or by two together (path,status): path, template, client, host, agent, "
                + "agent_class, agent_family, referer, site, status, method, protocol, outcome, worker, not_found.",
            valueName: "field[,field]"))
    var by: String?

    @Option(name: .long, help: ArgumentHelp("Greatest values of this column first.", valueName: "column"))
    var sort: String?

    @Option(name: .long, help: ArgumentHelp("Columns to show: path,requests,bytes_in.", valueName: "names"))
    var columns: String?

    @Option(name: .long, help: ArgumentHelp("Percentiles of the time to show: 50,95,99.9.", valueName: "numbers"))
    var percentiles: String?

    @Option(name: .long, help: ArgumentHelp("Steps of a timeline: 10s, 1m, 1h, 1d.", valueName: "length"))
    var bucket: String?

    @Flag(name: .long, help: "Count single rows even where stored summaries could answer.")
    var exact = false

    func validate() throws { try LimitOption.check(limit) }

    /// The shape; `limit` holds when the options name none.
    func shape(limit usual: Int) throws -> ReportShape {
        var shape = ReportShape(limit: LimitOption.rows(limit, otherwise: usual))
        shape.fields = try (by.map(Self.names) ?? []).map { name in
            guard let field = TrafficField(rawValue: name) else {
                let known = TrafficField.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--by \(name): there is no such field; fields: \(known)")
            }
            return field
        }
        if templates, !shape.fields.contains(.template) { shape.fields.append(.template) }
        if by != nil, shape.fields.isEmpty { throw ValidationError("--by wants a field, such as path") }
        if shape.fields.count > 2 || Set(shape.fields).count < shape.fields.count {
            throw ValidationError("--by takes one field or two different ones, and --templates is one")
        }
        shape.sortColumn = sort
        shape.columns = columns.map(Self.names) ?? []
        shape.percentiles = try (percentiles.map(Self.names) ?? []).map { text in
            guard let number = Double(text), number > 0, number <= 100 else {
                throw ValidationError("--percentiles \(text): expected numbers above 0 and at most 100: 50,95,99.9")
            }
            return number
        }
        if shape.percentiles.count > 20 { throw ValidationError("--percentiles takes at most 20 numbers") }
        shape.isExact = exact
        shape.stepSeconds = try bucket.flatMap {
            $0 == "auto" ? nil : try SpanParser(nowUs: 0).lengthSeconds($0, option: "--bucket")
        }
        return shape
    }

    private static func names(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.trimmingPrefix { $0 == " " }.description }
    }
}
