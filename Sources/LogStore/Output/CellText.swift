// Cells of a report as people read them: numbers in the unit and with the digits that their column asks for, and bytes.
internal import AccessLog

/// Texts of cells.
enum CellText {
    /// A number in the manner of its column; empty for what is no number.
    static func number(_ value: ReportValue, _ column: ReportColumn) -> String {
        switch (value, column.kind) {
        case (.integer(let number), .count): NumberText.grouped(number)
        case (.integer(let number), .bytes): NumberText.bytes(Double(number))
        case (.integer(let number), .milliseconds): NumberText.milliseconds(Double(number))
        case (.integer(let number), _): "\(number)"
        case (.real(let number), .bytes): NumberText.bytes(number)
        case (.real(let number), .milliseconds): NumberText.milliseconds(number)
        case (.real(let number), .percent): NumberText.fixed(number, decimals: 1)
        case (.real(let number), .rate): NumberText.fixed(number, decimals: 2)
        case (.real(let number), _): "\(number)"
        case (.null, _), (.text, _), (.blob, _): ""
        }
    }

    /// Bytes as SQL writes them: `x'00FF'`.
    static func blob(_ bytes: some Sequence<UInt8>) -> String {
        "x'" + String(decoding: bytes.flatMap { Escaping.hex($0, digits: 2) }, as: UTF8.self) + "'"
    }
}
