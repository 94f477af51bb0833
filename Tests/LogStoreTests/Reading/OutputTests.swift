// The output formats: units, alignment, and nothing hostile on any way out.
import Foundation
import Testing

@testable import LogStore

@Suite struct OutputTests {
    private func report(_ panels: [ReportPanel]) -> Report {
        Report(
            name: "test", span: TimeSpan(sinceUs: FixtureLog.noonUs), generatedAtUs: FixtureLog.noonUs + 1_500_000,
            panels: panels, rowsRead: 1234, newestUs: FixtureLog.noonUs)
    }

    private func text(_ format: OutputFormat, _ panels: [ReportPanel], style: OutputStyle = OutputStyle()) -> String {
        var formatter = format.formatter(style: style)
        formatter.write(report(panels))
        return String(decoding: formatter.takeOutput(), as: UTF8.self)
    }

    private let hostile = ReportPanel(
        "rows", columns: ["id", "path"],
        rows: [
            [.integer(Int64.max), .text(Array("/\u{1B}[2J\u{7F}\\\"\u{202E}\u{9B}ü\r\n".utf8) + [0xFF, 0x00, 0xC3])]
        ])

    @Test func table_escapesWhatATerminalWouldObey() {
        let line = text(.table, [hostile]).split(separator: "\n")[1]
        #expect(line == "9223372036854775807  /\\x1B[2J\\x7F\\x5C\"\\xE2\\x80\\xAE\\xC2\\x9Bü\\x0D\\x0A\\xFF\\x00\\xC3")
    }

    @Test func record_hasItsNumbersBelowEachOther_andTextsAtTheLeft() {
        let record = ReportPanel(
            "request", columns: ["path", "status", "bytes_out", "agent"],
            rows: [[.text(Array(("/" + String(repeating: "a", count: 300)).utf8)), 200, 2048, "漢"]], isRecord: true)
        let lines = text(.table, [record]).split(separator: "\n")
        #expect(lines[0].hasPrefix("path       /aaa") && lines[3] == "agent      漢")
        #expect(lines[1] == "status         200" && lines[2] == "bytes_out  2.0 KiB")
    }

    @Test func json_isValid_withIdsAsStrings() throws {
        let data = Data(text(.json, [hostile]).utf8)
        let document = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(document["schema"] as? String == "httpstats/1")
        #expect(document["report"] as? String == "test")
        #expect(document["generated_at"] as? String == "2026-03-01T12:00:01.500Z")
        #expect(document["since"] as? String == "2026-03-01T12:00:00.000Z")
        #expect(document["until"] is NSNull)
        #expect(document["newest_row_age_s"] as? Double == 1.5)
        let rows = try #require(document["rows"] as? [[String: Any]])
        #expect(rows[0]["id"] as? String == "9223372036854775807")
        #expect(
            rows[0]["path"] as? String == "/\u{1B}[2J\u{7F}\\\"\u{202E}\u{9B}ü\r\n\u{FF}\u{0}\u{C3}")
        #expect(!data.contains { $0 < 0x20 && $0 != 0x0A || $0 == 0x7F })
    }

    @Test func csv_quotesAndGuardsFormulas() {
        let panel = ReportPanel(
            "rows", columns: ["client", "requests"],
            rows: [["=1+1", 1], ["a,\"b\"", -2], ["@x", nil], ["-5", 1.5], ["line\nbreak", 0]])
        let lines = text(.csv, [panel]).split(separator: "\n")
        #expect(
            lines == [
                "client,requests", "\"'=1+1\",1", "\"a,\"\"b\"\"\",-2", "\"'@x\",", "\"'-5\",1.5",
                "line\\x0Abreak,0",
            ])
    }

    @Test func csv_ofSeveralPanels_isLong() {
        let panels = [
            ReportPanel("totals", columns: ["requests", "bytes_in"], rows: [[3, 4]], isRecord: true),
            ReportPanel("errors", columns: ["count", "message"], rows: [[2, "oops"]], key: "message"),
        ]
        #expect(
            text(.csv, panels)
                == "panel,key,name,value\ntotals,,requests,3\ntotals,,bytes_in,4\nerrors,oops,count,2\n")
    }

    @Test func table_alignsAndCarriesUnits() {
        let panel = ReportPanel(
            "rows", columns: ["client", "requests", "bytes_out", "duration_mean_ms", "requests_percent", "status"],
            rows: [["a", 1_234_567, 1536, 0.0841, 99.96, nil], ["long name", 2, 999, 12.34, 0.04, 404]])
        let lines = text(.table, [panel]).split(separator: "\n").map { $0.replacing(/\x20+/, with: " ") }
        #expect(
            lines == [
                "client requests bytes_out duration_mean_ms requests_percent status",
                "a 1,234,567 1.5 KiB 0.084 100.0 -", "long name 2 999 B 12.3 0.0 404",
                "1,234 rows read (tier: rows) since 2026-03-01T12:00:00.000Z; newest request 1.5 s old",
            ])
        let widths = Set(text(.table, [panel]).split(separator: "\n").prefix(3).map(\.count))
        #expect(widths.count == 1)
    }

    @Test func table_cutsOnlyThePath_toTheWidthOfTheTerminal() throws {
        let path = "/" + String(repeating: "x", count: 200)
        let panel = ReportPanel(
            "rows", columns: ["time", "path", "client"],
            rows: [["2026-03-01T12:00:00.000Z", ReportValue(stringLiteral: path), "2001:db8::1"]])
        let row = try #require(
            text(.table, [panel], style: OutputStyle(columns: 80)).split(separator: "\n").dropFirst().first)
        #expect(row.count <= 80)
        #expect(row.contains("…") && row.hasPrefix("2026-03-01T12:00:00.000Z") && row.contains("2001:db8::1"))
        #expect(text(.table, [panel]).contains(path), "a file gets the whole path")
    }

    @Test func colours_areForTerminalsOnly() {
        let panel = ReportPanel("rows", columns: ["status", "outcome"], rows: [[500, "crashed"]])
        #expect(!text(.table, [panel]).contains("\u{1B}"))
        let coloured = text(.table, [panel], style: OutputStyle(isColoured: true))
        #expect(coloured.contains("\u{1B}[31m") && coloured.contains("\u{1B}[0m"))
        #expect(!text(.json, [panel], style: OutputStyle(isColoured: true)).contains("\u{1B}"))
    }

    @Test func followedRows_leaveAtOnce() {
        for format in OutputFormat.allCases {
            var formatter = format.formatter(style: OutputStyle())
            formatter.begin(LogTail.panel, isFollowed: true)
            if format == .prometheus { continue }
            formatter.settle()
            _ = formatter.takeOutput()
            formatter.add(LogTail.columns.map { _ in "now" })
            let line = String(decoding: formatter.takeOutput(), as: UTF8.self)
            #expect(line.contains("now") && line.hasSuffix("\n"), "\(format)")
        }
    }

    @Test func longLists_areWrittenBeforeTheirEnd() {
        var formatter = OutputFormat.table.formatter(style: OutputStyle())
        formatter.begin(ReportPanel("query", columns: ["n"]), isFollowed: false)
        for number in 0..<1500 { formatter.add([.integer(Int64(number))]) }
        #expect(formatter.takeOutput().count > 1500)
        formatter.end()
        #expect(formatter.takeOutput().isEmpty)
    }
}
