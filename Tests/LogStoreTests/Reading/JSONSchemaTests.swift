// The published schema holds for what is really written.
import Foundation
import Testing

@testable import LogStore

@Suite struct JSONSchemaTests {
    /// A report of each kind, with rows in most of their lists.
    private func reports(_ log: FixtureLog) throws -> [Report] {
        try log.insert(
            Access(at: 1, path: "/\u{1B}", flags: 1), Access(at: 2, status: nil, outcome: 4, path: nil, client: nil),
            Access(at: 3, status: 404, referer: "https://a.example/"))
        try log.insert(
            Message(at: 1, requestID: 1, worker: 0), WorkerRun(slot: 0, ended: 3, reason: "exited"),
            WorkerRun(slot: 1, generation: 2))
        let reader = try log.reader()
        let fleet = LogFleet([reader])
        let all = Selection(span: .all)
        let hour = Selection(span: TimeSpan(sinceUs: FixtureLog.noonUs, untilUs: FixtureLog.noonUs + 3_600_000_000))
        var reports = try ReportName.allCases.map { try reader.report($0, span: .all, limit: nil) }
        for field in TrafficField.allCases {
            var shape = ReportShape()
            shape.fields = [field]
            shape.columns = [field.rawValue] + TrafficTable.columnNames
            reports.append(try fleet.report(.latency, all, shape: shape))
        }
        reports += [
            try fleet.compare(hour, with: .previous, limit: nil), try fleet.request(RequestNumber(value: 1)),
            try fleet.why(hour, with: .previous, measure: nil, limit: nil),
            try fleet.check([CheckExpression("5xx<1%"), CheckExpression("rate>1")], selection: hour).report,
            try fleet.explain(.report(.paths, ReportShape()), all),
            try LogFleet([reader, FixtureLog().reader()]).report(.balance, all, shape: ReportShape()),
            try reader.schemaReport(), .doctor(try Doctor(log.path).examine(isFull: false) { _ in }),
            try reader.report(.overview, span: TimeSpan(sinceUs: 1, untilUs: 2), limit: 1),
            try LiveReport.report(database: log.path),
        ]
        return reports
    }

    @Test func realDocuments_areAsTheSchemaSays() throws {
        let log = try FixtureLog()
        var reports = try reports(log)
        reports[0].losses = try LogFleet([log.reader()]).losses(.all)
        for report in reports {
            var formatter = OutputFormat.json.formatter(style: OutputStyle())
            formatter.write(report)
            try expectValid(formatter.takeOutput(), "\(report.name)")
        }
        let reader = try log.reader()
        // Lists that come row by row.
        var formatter = OutputFormat.json.formatter(style: OutputStyle())
        formatter.begin(LogTail.panel, isFollowed: false)
        var tail = try LogTail(reader, span: .all, last: nil)
        try tail.next().forEach { formatter.add($0) }
        formatter.end()
        try expectValid(formatter.takeOutput(), "tail")
    }

    @Test func columnsOfAllReports_areNamed() throws {
        let log = try FixtureLog()
        let schema = try SchemaValidator()
        let panels = try reports(log).flatMap(\.panels) + [LogTail.panel]
        let unlisted = try #require(Comparison(unlistedOf: .path).unlisted.first)
        for column in Set((panels + [unlisted]).flatMap(\.columns).map(\.name)).sorted() {
            #expect(try schema.names(column), "\(column)")
        }
        #expect(try !schema.names("no_such_column"))
    }

    @Test func documentsOfAnotherShape_areRefused() throws {
        for text in [
            "[]", "{}", #"{"schema":"httpstats/2","report":"x","generated_at":"2026-03-01T12:00:00Z"}"#,
            #"{"schema":"httpstats/1","report":"x","generated_at":"today"}"#,
            #"{"schema":"httpstats/1","report":"x","generated_at":"2026-03-01T12:00:00Z","rows":[{"p50_ms":"fast"}]}"#,
        ] {
            let document = try JSONSerialization.jsonObject(with: Data(text.utf8))
            #expect(try !SchemaValidator().problems(document).isEmpty, "\(text)")
        }
    }

    private func expectValid(_ bytes: [UInt8], _ name: String) throws {
        let document = try JSONSerialization.jsonObject(with: Data(bytes))
        let problems = try SchemaValidator().problems(document)
        #expect(problems.isEmpty, "\(name): \(problems)")
    }
}

/// The keywords of JSON Schema that the published schema uses.
private struct SchemaValidator {
    private let root: [String: Any]

    init() throws {
        let object = try JSONSerialization.jsonObject(with: Data(JSONFormatter.documentSchema.utf8))
        root = try #require(object as? [String: Any])
    }

    func problems(_ document: Any) throws -> [String] {
        try problems(document, root, at: "$")
    }

    /// Whether rows have a rule for a column.
    func names(_ column: String) throws -> Bool {
        let row = try definition("row")
        let patterns = (row["patternProperties"] as? [String: Any] ?? [:]).keys
        return try (row["properties"] as? [String: Any])?[column] != nil
            || patterns.contains { column.contains(try Regex($0)) }
    }

    private func problems(_ value: Any, _ schema: [String: Any], at place: String) throws -> [String] {
        var found: [String] = []
        for (keyword, rule) in schema {
            switch keyword {
            case "$schema", "$id", "$defs", "title", "description", "properties", "patternProperties": break
            case "$ref": found += try problems(value, definition(rule), at: place)
            case "const":
                if value as? String != rule as? String { found.append("\(place) is not \(rule)") }
            case "type":
                let types = rule as? [String] ?? [rule as? String ?? ""]
                if !types.contains(where: { isOf($0, value) }) { found.append("\(place) is no \(types)") }
            case "minimum":
                if let number = value as? NSNumber, number.doubleValue < (rule as? NSNumber)?.doubleValue ?? 0 {
                    found.append("\(place) is too small")
                }
            case "pattern":
                if let text = value as? String, let rule = rule as? String, !text.contains(try Regex(rule)) {
                    found.append("\(place) does not match \(rule)")
                }
            case "required":
                for name in rule as? [String] ?? [] where (value as? [String: Any])?[name] == nil {
                    found.append("\(place) lacks \(name)")
                }
            case "anyOf":
                let choices = try (rule as? [[String: Any]] ?? []).map { try problems(value, $0, at: place) }
                if choices.allSatisfy({ !$0.isEmpty }) { found += choices.flatMap { $0 } }
            case "items":
                for (index, item) in (value as? [Any] ?? []).enumerated() {
                    found += try problems(item, rule as? [String: Any] ?? [:], at: "\(place)[\(index)]")
                }
            case "additionalProperties": found += try memberProblems(value, schema, at: place)
            default: found.append("the schema has the keyword \(keyword), which this test does not know")
            }
        }
        return found
    }

    private func memberProblems(_ value: Any, _ schema: [String: Any], at place: String) throws -> [String] {
        let named = schema["properties"] as? [String: [String: Any]] ?? [:]
        let patterns = schema["patternProperties"] as? [String: [String: Any]] ?? [:]
        let others = schema["additionalProperties"] as? [String: Any] ?? [:]
        return try (value as? [String: Any] ?? [:]).flatMap { name, member in
            var rules = named[name].map { [$0] } ?? []
            for (pattern, rule) in patterns where name.contains(try Regex(pattern)) { rules.append(rule) }
            if rules.isEmpty { rules = [others] }
            return try rules.flatMap { try problems(member, $0, at: "\(place).\(name)") }
        }
    }

    private func definition(_ reference: Any) throws -> [String: Any] {
        let name = (reference as? String)?.split(separator: "/").last.map(String.init) ?? ""
        return try #require((root["$defs"] as? [String: [String: Any]])?[name])
    }

    private func isOf(_ type: String, _ value: Any) -> Bool {
        switch type {
        case "null": value is NSNull
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "number": value is NSNumber
        case "integer": (value as? NSNumber).map { $0.doubleValue == $0.doubleValue.rounded() } ?? false
        default: false
        }
    }
}

extension Comparison {
    /// Of two spans whose lists of a field name no key.
    fileprivate init(unlistedOf field: TrafficField) {
        var traffic = Traffic()
        var counts = TrafficCounts()
        counts.add(status: 200, outcome: 0, bytesIn: 0, bytesOut: 0, durationUs: 0)
        traffic.total.counts = counts
        traffic.lists[field] = [TrafficLine(key: .others, counts: counts, latency: nil)]
        self.init(before: traffic, after: traffic, beforeSeconds: 1, afterSeconds: 1)
    }
}
