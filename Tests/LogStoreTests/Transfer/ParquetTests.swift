// Parquet files hold every value exactly, as two readers of other makers say.
import AccessLog
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import LogStore

@Suite(.keepingEvidence) struct ParquetTests {
    private static let columns = [
        ExportColumn(name: "integer", kind: .integer), ExportColumn(name: "time", kind: .moment),
        ExportColumn(name: "real", kind: .real), ExportColumn(name: "text", kind: .text),
    ]

    /// Values at the ends of each type, and each column empty once.
    private static let extremes: [[ReportValue]] = [
        [.integer(.min), .integer(-62_135_596_800_000_000), .real(-.greatestFiniteMagnitude), "a"],
        [.integer(.max), .integer(253_402_300_799_999_999), .real(.greatestFiniteMagnitude), ""],
        [.integer(-1), .integer(-1), .real(-0.0), "a"],
        [.integer(0), .integer(0), .real(.leastNonzeroMagnitude), "ä😀"],
        [.null, .integer(1), .real(.infinity), .text([0, 0x5C, 0xFF, 0x1B])],
        [.integer(1), .null, .real(0.1), .text([UInt8](repeating: 0x78, count: 1 << 20))],
        [.integer(2), .integer(2), .null, "a"], [.integer(3), .integer(3), .real(1 / 3), .null],
        [.null, .null, .null, .null],
    ]

    @Test(.needs("python3"), .needs(pythonModule: "pyarrow")) func extremes_comeBackExactly() throws {
        #expect(try Self.read([Self.extremes]) == Self.extremes.map(Self.shown))
    }

    /// Numbers of rows around those where groups of bits and bytes end; texts all different, few, and one.
    @Test(.needs("python3"), .needs(pythonModule: "pyarrow")) func everyNumberOfRows_comesBack() throws {
        let files = [1, 7, 8, 9, 16, 257].flatMap { rows in
            [1, 2, 3, 128, 129, 257].map { texts in
                (0..<rows).map { row -> [ReportValue] in
                    [.integer(Int64(row)), .null, .real(Double(row)), row % 5 == 4 ? .null : .text("t\(row % texts)")]
                }
            }
        }
        #expect(try Self.read(files) == files.joined().map(Self.shown))
    }

    @Test(.needs("python3"), .needs(pythonModule: "pyarrow")) func groupsEnd_byRowsAndByBytes() throws {
        let many = (0..<ParquetEncoder.groupRows + 1).map { [ReportValue.integer(Int64($0)), .null, .null, .null] }
        // Control characters take four times their room.
        let text = [UInt8](repeating: 1, count: ParquetEncoder.groupBytes / 13)
        let long = [ReportValue.null, .null, .null, .text(text)]
        let script = """
            for name in names:
                file = pyarrow.parquet.ParquetFile(name)
                assert file.read().num_rows == file.metadata.num_rows
                print(*[file.metadata.row_group(index).num_rows for index in range(file.metadata.num_row_groups)])
            """
        let groups = try Self.python([many, [[ReportValue]](repeating: long, count: 8), []], script)
        #expect(groups == ["\(ParquetEncoder.groupRows) 1", "4 4", ""])
    }

    /// The rows of files as pyarrow reads them; DuckDB, where Python has it, must read the same.
    private static func read(_ files: [[[ReportValue]]]) throws -> [String] {
        let script = """
            def show(row):
                return [bits(value) if isinstance(value, float) else value for value in row]
            def bits(number): return struct.unpack('<q', struct.pack('<d', number))[0]
            try: import duckdb
            except ImportError: duckdb = None
            for name in names:
                table = pyarrow.parquet.read_table(name)
                assert str(table.schema.field('time').type) == 'timestamp[us, tz=UTC]', table.schema
                table = table.set_column(1, 'time', table['time'].cast('int64'))
                rows = [show(row.values()) for row in table.to_pylist()]
                if duckdb:
                    found = duckdb.sql(f"SELECT integer, epoch_us(time), real, text FROM '{name}'").fetchall()
                    assert [show(row) for row in found] == rows, found
                for row in rows: print(*row)
            """
        return try python(files, script)
    }

    /// Lines that a script prints, which finds the files in `names`.
    private static func python(_ files: [[[ReportValue]]], _ script: String) throws -> [String] {
        try withTemporaryDirectory { directory in
            for (number, rows) in files.enumerated() {
                var encoder = ParquetEncoder(columns)
                rows.forEach { encoder.add($0) }
                encoder.end()
                try directory.write(encoder.output, to: "\(number).parquet")
            }
            let names = files.indices.map { directory.appending("\($0).parquet").string }
            let program = "import struct, sys, pyarrow.parquet\nnames = sys.argv[1:]\n" + script
            let finished = try RunningProgram.run(
                InstalledProgram.path(of: "python3"), ["-c", program] + names)
            guard finished.end == .exited(status: 0) else { throw TestFailure(finished.standardError) }
            return finished.standardOutput.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map {
                String($0)
            }
        }
    }

    /// A row as the script prints it.
    private static func shown(_ row: [ReportValue]) -> String {
        row.map { value in
            switch value {
            case .null: "None"
            case .integer(let number): "\(number)"
            case .real(let number): "\(Int64(bitPattern: number.bitPattern))"
            case .text(let bytes), .blob(let bytes): String(decoding: Escaping.visible(bytes), as: UTF8.self)
            }
        }.joined(separator: " ")
    }
}
