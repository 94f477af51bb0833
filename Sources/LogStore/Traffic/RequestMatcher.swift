// Tells in a scan whether a row meets the conditions of a filter; each text of a dictionary is asked once.
internal import GRDB

/// The conditions of a filter, ready for the rows of one statement.
struct RequestMatcher {
    /// The tests of one number: a verdict for each usual value.
    private struct NumberCheck {
        let column: ScannedColumn
        let tests: RequestTestSet
        /// The verdicts on 0…999.
        let verdicts: [Bool]
        let absentVerdict: Bool

        init(_ tests: RequestTestSet, column: ScannedColumn) {
            self.column = column
            self.tests = tests
            verdicts = (0..<1000).map { tests.accepts(Int64($0)) }
            absentVerdict = tests.accepts(nil as Int64?)
        }

        @inline(__always)
        func accepts(_ row: ScanCursor) -> Bool {
            guard let number = row.optionalInteger(column) else { return absentVerdict }
            return number >= 0 && number < 1000 ? verdicts[Int(number)] : tests.accepts(number)
        }
    }

    /// The tests of one text.
    private struct TextCheck {
        let column: ScannedColumn
        let tests: RequestTestSet
        let absentVerdict: Bool
        /// Of the ids; `nil`: the column has no dictionary.
        var verdicts: TextValues<Bool>?

        @inline(__always)
        mutating func accepts(_ row: ScanCursor) throws -> Bool {
            switch row.kind(column) {
            case .null: return absentVerdict
            case .text: return tests.accepts(row.text(column))
            case .integer: return try verdicts?.value(row.integer(column)) ?? false
            }
        }
    }

    private var numbers: [NumberCheck] = []
    private var texts: [TextCheck] = []
    private let hasDurations: Bool
    private let durations: ClosedRange<Int64>

    /// The conditions of `filter` for the rows of a statement whose ``ScanPlan`` was made for it.
    init(_ filter: RequestFilter, _ database: Database) throws {
        for property in RequestFilter.Property.allCases {
            guard let tests = RequestTestSet(filter, property) else { continue }
            switch property {
            case .status, .outcome, .worker: numbers.append(NumberCheck(tests, column: property.column))
            case .host, .path, .client, .referer, .agent, .method, .crawlers, .static:
                let verdicts = try property.column.dictionary.map {
                    TextValues(try DictionaryTexts(database, table: $0)) { tests.accepts($0) }
                }
                texts.append(
                    TextCheck(
                        column: property.column, tests: tests, absentVerdict: tests.accepts(nil as [UInt8]?),
                        verdicts: verdicts))
            }
        }
        hasDurations = filter.minimumUs != nil || filter.maximumUs != nil
        durations = (filter.minimumUs ?? 0)...(filter.maximumUs ?? Int64.max)
    }

    /// Whether the row that a cursor stands on meets all conditions.
    @inline(__always)
    mutating func accepts(_ row: ScanCursor) throws -> Bool {
        for check in numbers where !check.accepts(row) { return false }
        if hasDurations, !durations.contains(row.integer(.durationUs)) { return false }
        for index in texts.indices {
            let isAccepted = try texts[index].accepts(row)
            if !isAccepted { return false }
        }
        return true
    }
}
