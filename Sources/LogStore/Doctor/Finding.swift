// What doctor says about one side of the log: a line, and what to do.

/// One thing that was looked at.
public struct Finding: Sendable, Equatable {
    /// Which one, in a word.
    public let check: String

    /// Whether somebody should act.
    public let isWrong: Bool

    /// What was seen.
    public let text: String

    /// What to do; `nil`: nothing.
    public let remedy: String?

    /// All is well.
    static func fine(_ check: String, _ text: String, remedy: String? = nil) -> Finding {
        Finding(check: check, isWrong: false, text: text, remedy: remedy)
    }

    /// Somebody should act.
    static func wrong(_ check: String, _ text: String, remedy: String) -> Finding {
        Finding(check: check, isWrong: true, text: text, remedy: remedy)
    }
}

extension Report {
    /// The report `doctor`.
    public static func doctor(_ findings: [Finding]) -> Report {
        let rows = findings.map { finding -> [ReportValue] in
            [
                .text(finding.check), .text(finding.isWrong ? "wrong" : "ok"), .text(finding.text),
                finding.remedy.map { .text($0) } ?? .null,
            ]
        }
        return Report(
            name: "doctor", span: .all, generatedAtUs: WallClock.nowUs(),
            panels: [ReportPanel("rows", columns: ["check", "state", "finding", "remedy"], rows: rows)],
            rowsRead: rows.count, newestUs: nil, tier: .files)
    }
}
