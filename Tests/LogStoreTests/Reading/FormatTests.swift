// The formats for programs: lines, tabs, Markdown, Prometheus and the combined log format.
import AccessLog
import Foundation
import Testing

@testable import LogStore

@Suite struct FormatTests {
    private func report(_ panels: [ReportPanel], span: TimeSpan = .all, name: String = "test") -> Report {
        Report(
            name: name, span: span, generatedAtUs: FixtureLog.noonUs, panels: panels, rowsRead: 3,
            newestUs: FixtureLog.noonUs)
    }

    private func text(_ format: OutputFormat, _ report: Report, style: OutputStyle = OutputStyle()) -> String {
        var formatter = format.formatter(style: style)
        formatter.write(report)
        return String(decoding: formatter.takeOutput(), as: UTF8.self)
    }

    private func lines(_ format: OutputFormat, _ rows: [[ReportValue]], _ columns: [String]) -> [String] {
        text(format, report([ReportPanel("rows", columns: columns, rows: rows)])).split(separator: "\n").map(
            String.init)
    }

    private let totals = ReportPanel(
        "totals", columns: ["requests", "failed", "bytes_out", "clients"], rows: [[10, 1, 2048, 3]], isRecord: true)
    private let classes = ReportPanel(
        "status_classes", columns: ["class", "requests", "requests_percent"],
        rows: [["2xx", 9, 90.0], ["5xx", 1, 10.0]])
    private let latency = ReportPanel(
        "latency", columns: ["p50_ms", "p99.9_ms", "max_ms", "duration_mean_ms", "requests"],
        rows: [[1.5, nil, 250.0, 2.5, 10]], isRecord: true)

    // MARK: Lines

    @Test func ndjson_isOneObjectALine_andNamesThePanelAmongSeveral() throws {
        #expect(
            lines(.ndjson, [["/", 1], ["/a\n", nil]], ["path", "requests"]) == [
                #"{"path":"/","requests":1}"#, #"{"path":"/a\u000A","requests":null}"#,
            ])
        let several = text(.ndjson, report([totals, classes])).split(separator: "\n")
        #expect(several.count == 3)
        #expect(several[0] == #"{"panel":"totals","requests":10,"failed":1,"bytes_out":2048,"clients":3}"#)
        #expect(several[2].hasPrefix(#"{"panel":"status_classes","class":"5xx""#))
    }

    @Test func tsv_hasNoTabInAField_andNoQuotes() {
        #expect(
            lines(.tsv, [["a\tb", 1], ["\"x", -2], ["=1", nil], ["it \"is\"", 0]], ["client", "requests"])
                == ["client\trequests", "a\\x09b\t1", "\\x22x\t-2", "'=1\t", "it \"is\"\t0"])
    }

    @Test(arguments: ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "＝1", "＋1", "－1", "＠x"])
    func formulas_areTextInEverySpreadsheet(_ formula: String) {
        let value = ReportValue(stringLiteral: formula)
        #expect(lines(.csv, [[value]], ["client"])[1] == "\"'\(formula)\"")
        #expect(lines(.tsv, [[value]], ["client"])[1] == "'\(formula)")
    }

    @Test func header_isLeftOutWhenNobodyWantsIt() {
        var style = OutputStyle()
        style.hasHeader = false
        for format in [OutputFormat.csv, .tsv, .table] {
            #expect(text(format, report([classes]), style: style).hasPrefix("2xx"), "\(format)")
        }
        #expect(text(.csv, report([totals, classes]), style: style).hasPrefix("totals,,requests,10"))
    }

    // MARK: Markdown

    @Test func markdown_isATable_withNumbersToTheRight() {
        let expected = """
            | class | requests | requests_percent |
            | --- | ---: | ---: |
            | 2xx | 9 | 90.0 |
            | 5xx | 1 | 10.0 |

            """
        #expect(text(.md, report([classes])) == expected)
        #expect(text(.md, report([totals, classes])).hasPrefix("## totals\n\n| requests"))
    }

    @Test(arguments: [
        ("/index.html", "/index.html"), ("/?a=1", "`/?a=1`"), ("curl/8.5.0", "curl/8.5.0"),
        ("status_4xx", "status_4xx"),
        ("__init__", "`__init__`"), ("a|b", "`a\\|b`"), ("<script>", "`<script>`"), ("``", "``` `` ```"),
        ("[x](javascript:1)", "`[x](javascript:1)`"), ("http://evil.example", "`http://evil.example`"),
        ("www.evil.example", "`www.evil.example`"), ("a\\|b", "`a\\x5C\\|b`"), ("a\u{202E}b", "`a\\xE2\\x80\\xAEb`"),
        ("*b*", "`*b*`"), ("a@b.example", "`a@b.example`"), (" x", "`  x `"),
    ])
    func markdown_showsHostileTextAsCode(_ given: String, _ cell: String) {
        #expect(lines(.md, [[ReportValue(stringLiteral: given)]], ["agent"])[2] == "| \(cell) |")
    }

    // MARK: Prometheus

    @Test func prometheus_overviewIsOneScrape() {
        let expected = """
            # HELP httpstats_failed_total Requests that the server failed: timeout, crashed, killed, shed.
            # TYPE httpstats_failed_total counter
            httpstats_failed_total 1
            # HELP httpstats_sent_bytes_total Bytes sent, heads included.
            # TYPE httpstats_sent_bytes_total counter
            httpstats_sent_bytes_total 2048
            # HELP httpstats_clients Different clients.
            # TYPE httpstats_clients gauge
            httpstats_clients 3
            # HELP httpstats_requests_total Requests, whatever became of them.
            # TYPE httpstats_requests_total counter
            httpstats_requests_total{status="2xx"} 9
            httpstats_requests_total{status="5xx"} 1
            # HELP httpstats_requests_ratio Share of the requests.
            # TYPE httpstats_requests_ratio gauge
            httpstats_requests_ratio{status="2xx"} 0.9
            httpstats_requests_ratio{status="5xx"} 0.1
            # HELP httpstats_request_duration_seconds Time that a share of the requests did not exceed.
            # TYPE httpstats_request_duration_seconds summary
            httpstats_request_duration_seconds{quantile="0.5"} 0.0015
            httpstats_request_duration_seconds_sum 0.025
            httpstats_request_duration_seconds_count 10
            # HELP httpstats_request_duration_max_seconds Time of the longest request.
            # TYPE httpstats_request_duration_max_seconds gauge
            httpstats_request_duration_max_seconds 0.25
            # HELP httpstats_request_duration_mean_seconds Mean time of a request.
            # TYPE httpstats_request_duration_mean_seconds gauge
            httpstats_request_duration_mean_seconds 0.0025
            # HELP httpstats_newest_request_timestamp_seconds When the newest request of the log ended.
            # TYPE httpstats_newest_request_timestamp_seconds gauge
            httpstats_newest_request_timestamp_seconds 1772366400.0

            """
        #expect(text(.prometheus, report([totals, classes, latency], name: "overview")) == expected)
    }

    @Test func prometheus_aSpanThatMovesOnHasNoCounters() {
        let text = text(.prometheus, report([classes], span: TimeSpan(sinceUs: 1)))
        #expect(text.contains("# TYPE httpstats_requests gauge\nhttpstats_requests{status=\"2xx\"} 9\n"))
        #expect(!text.contains("counter"))
    }

    @Test func prometheus_escapesLabels_andKeepsQuantilesTogether() {
        let panel = ReportPanel(
            "rows", columns: ["path", "requests", "p50_ms", "duration_sum_ms", "p99.9_ms", "last_seen"],
            rows: [["/\"\\\n\u{9B}", 2, 1.0, 4.5, 2.0, "2026"], ["/b", 1, 3.0, 3.0, 4.0, "2027"]])
        let text = text(.prometheus, report([panel], name: "paths"))
        let label = #"path="/\"\\x5C\\x0A\\xC2\\x9B""#
        #expect(text.contains("httpstats_path_requests_total{\(label)} 2\n"))
        let quantiles = text.split(separator: "\n").filter { $0.hasPrefix("httpstats_path_duration_seconds") }
        #expect(
            quantiles == [
                "httpstats_path_duration_seconds{\(label),quantile=\"0.5\"} 0.001",
                "httpstats_path_duration_seconds{path=\"/b\",quantile=\"0.5\"} 0.003",
                "httpstats_path_duration_seconds{\(label),quantile=\"0.999\"} 0.002",
                "httpstats_path_duration_seconds{path=\"/b\",quantile=\"0.999\"} 0.004",
                "httpstats_path_duration_seconds_sum{\(label)} 0.0045",
                "httpstats_path_duration_seconds_count{\(label)} 2",
                "httpstats_path_duration_seconds_sum{path=\"/b\"} 0.003",
                "httpstats_path_duration_seconds_count{path=\"/b\"} 1",
            ])
        #expect(!text.contains("2026"), "a moment would be a new series at every scrape")
    }

    @Test func prometheus_labelsAreWhatARowIsAbout_notWhatItCounts() {
        let messages = ReportPanel(
            "rows", columns: ErrorDigest.columns,
            rows: [["2026", "2027", "error", 7, 3, 2, "00000000000000ab", "it broke <number>", "it broke 1"]],
            key: "pattern")
        let text = text(.prometheus, report([messages], name: "errors"))
        let label = "{level=\"error\",pattern=\"it broke <number>\"}"
        #expect(text.contains("httpstats_error_occurrences_total\(label) 7\n"))
        #expect(text.contains("_messages\(label) 2\n"))
        #expect(!text.contains("00ab") && !text.contains("broke 1"))
    }

    @Test func prometheus_makesNoSummaryWithoutItsCount() {
        let panel = ReportPanel("rows", columns: ["path", "p50_ms", "p99.9_ms"], rows: [["/", 1.0, 2.0]])
        let text = text(.prometheus, report([panel], name: "paths"))
        #expect(!text.contains("summary") && !text.contains("quantile"))
        #expect(text.contains("# TYPE httpstats_path_duration_p50_seconds gauge\n"))
        #expect(text.contains("httpstats_path_duration_p99_9_seconds{path=\"/\"} 0.002\n"))
    }

    @Test func prometheus_countsRequestsOfARecordWithoutPercentiles() {
        let record = ReportPanel(
            "totals", columns: ["requests", "duration_mean_ms"], rows: [[10, 2.0]], isRecord: true)
        let text = text(.prometheus, report([record], name: "overview"))
        #expect(text.contains("httpstats_requests_total 10\n") && !text.contains("summary"))
    }

    @Test func prometheus_writesNumbersBeyondAllCounts() {
        let panel = ReportPanel(
            "rows", columns: ["path", "requests", "p50_ms", "duration_sum_ms"],
            rows: [["/a", .integer(.max), 1.0, 1.0], ["/b", 1e300, 1.0, 1.0]])
        let text = text(.prometheus, report([panel], name: "paths"))
        #expect(text.contains("_seconds_count{path=\"/a\"} 9.223372036854776e+18\n"))
        #expect(text.contains("_seconds_count{path=\"/b\"} 1e+300\n"))
    }

    @Test func prometheus_refusesWhatHasNoSeries() {
        let lists = [
            LogTail.panel, ReportPanel("steps", columns: ["time", "requests"], rows: [["a", 1], ["b", 2]]),
            ReportPanel("rows", columns: ["path", "wait_ms", "wait_us"], rows: [["/", 1.0, 2.0]]),
            ReportPanel("rows", columns: ["path", "p50_ms", "p50_ms"], rows: [["/", 1.0, 2.0]]),
        ]
        for panel in lists {
            var formatter = OutputFormat.prometheus.formatter(style: OutputStyle())
            formatter.write(report([panel]))
            #expect(formatter.refusal != nil)
            #expect(formatter.takeOutput().allSatisfy { _ in formatter.refusal != nil })
        }
    }

    // MARK: Combined

    private func combined(_ fields: [String: ReportValue]) -> String {
        var row: [String: ReportValue] = [
            "client": "192.0.2.1", "time": "2026-03-01T12:00:00.250Z", "method": "GET", "path": "/a b", "query": nil,
            "protocol": "HTTP/1.1", "status": 200, "bytes_out": 512, "referer": nil, "agent": "curl/8",
        ]
        row.merge(fields) { $1 }
        let columns = LogTail.columns
        let panel = ReportPanel("rows", columns: columns, rows: [columns.map { row[$0] ?? nil }])
        return text(.combined, report([panel]))
    }

    @Test func combined_isTheFormatThatOtherToolsRead() {
        #expect(
            combined([:])
                == "192.0.2.1 - - [01/Mar/2026:12:00:00 +0000] \"GET /a\\x20b HTTP/1.1\" 200 512 \"-\" \"curl/8\"\n")
        #expect(combined(["query": "x=1", "protocol": nil]).contains("\"GET /a\\x20b?x=1\" 200"))
        #expect(combined(["query": ""]).contains("\"GET /a\\x20b? HTTP/1.1\" 200"))
        // A request line that could not be read, and a request without an answer.
        #expect(combined(["method": nil, "path": nil, "status": nil]).contains("] \"-\" - 512 "))
        // A column of that name may hold anything.
        for time in ["2026-03-01\u{1B}12:00:00Z", "20\n6-03-01T12:00:00Z", "2026-03-01T12:00\" 0Z"] {
            #expect(combined(["time": .text(time)]).contains(" - - [01/Jan/1970:00:00:00 +0000] \""))
        }
        #expect(
            combined(["agent": "a\"b\\\n\u{202E}é"]).hasSuffix("\"a\\x22b\\x5C\\x0A\\xE2\\x80\\xAE\\xC3\\xA9\"\n"))
    }

    @Test func combined_refusesWhatListsNoRequests() {
        var formatter = OutputFormat.combined.formatter(style: OutputStyle())
        formatter.write(report([classes]))
        #expect(formatter.refusal?.contains("tail") == true && formatter.takeOutput().isEmpty)
    }

    // MARK: All

    /// Nothing that a terminal, a browser or a line reader would obey leaves in any format.
    @Test(arguments: OutputFormat.allCases)
    func hostileBytes_leaveNoFormatAsTheyCame(_ format: OutputFormat) throws {
        let hostile: [UInt8] = Array(0...255) + Array("\u{85}\u{9B}31m\u{202E}\u{2066}\u{2028}\u{FEFF}".utf8)
        let row = LogTail.columns.map { $0 == "status" ? ReportValue.integer(200) : .text(hostile) }
        var formatter = format.formatter(style: OutputStyle())
        if format == .prometheus {
            formatter.write(report([ReportPanel("rows", columns: ["path", "requests"], rows: [[.text(hostile), 1]])]))
        } else {
            formatter.begin(LogTail.panel, isFollowed: false)
            formatter.add(row)
            formatter.end()
        }
        let output = formatter.takeOutput()
        #expect(!output.isEmpty && formatter.refusal == nil)
        let text = try #require(String(validating: output, as: UTF8.self), "the output is no UTF-8")
        let bad = text.unicodeScalars.filter { scalar in
            switch scalar.value {
            case 0x0A: false
            case 0x09: format != .tsv
            case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
            default: false
            }
        }
        #expect(bad.isEmpty, "\(bad.map(\.value))")
    }

    @Test func ascii_writesOtherCharactersAsBytes() {
        var style = OutputStyle(columns: 30)
        style.isASCII = true
        let panel = ReportPanel("rows", columns: ["path"], rows: [["/é"], ["/"]])
        let text = text(.table, report([panel]), style: style)
        #expect(text.contains("/\\xC3\\xA9") && text.utf8.allSatisfy { $0 < 0x80 })
    }

    @Test func wideCharacters_takeTwoColumns() {
        #expect(TextWidth.columns("/漢字") == 5 && TextWidth.columns("e\u{301}") == 1 && TextWidth.columns("é") == 1)
        #expect(TextWidth.prefix("漢字漢字", columns: 5) == "漢字")
        let panel = ReportPanel("rows", columns: ["client", "status"], rows: [["漢字", 200], ["abcd", 404]])
        let rows = text(.table, report([panel])).split(separator: "\n")[1...2]
        #expect(Set(rows.map { TextWidth.columns($0) }).count == 1)
    }
}
