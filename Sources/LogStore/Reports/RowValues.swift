// Takes values out of SQLite rows byte for byte: log text may hold NULs and bytes that are no UTF-8.
import Foundation
import GRDB

extension Row {
    /// The values of a row of a cursor. The row shows what the cursor stands on: the cursor must still be there.
    func reportValues() -> [ReportValue] {
        (0..<count).map(reportValue)
    }

    /// The value of a column of a row of a cursor.
    func reportValue(_ index: Int) -> ReportValue {
        let value: DatabaseValue = self[index]
        switch value.storage {
        case .null: return .null
        case .int64(let number): return .integer(number)
        case .double(let number): return .real(number)
        case .string:
            // A String would end at a NUL and hide bad bytes; as Data the text comes as it is stored.
            let bytes: Data = self[index]
            return .text(Array(bytes))
        case .blob(let bytes): return .blob(Array(bytes))
        }
    }
}
