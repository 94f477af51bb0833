// The guides for fleets: their commands are taken from their text and run, twice, as cron would.
import Foundation
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@Suite(.keepingEvidence) struct FleetGuideTests {
    @Test(.needs("duckdb")) func duckDB_hasEachRowOnce() throws {
        try withTemporaryDirectory { directory in
            let fleet = try Fleet(directory)
            let commands = try Self.commands(of: "ShippingToDuckDB")
            try fleet.log(0..<500)
            let first = try fleet.run(commands)
            #expect(first.hasSuffix("requests,different\n500,500\n"), "\(first)")
            #expect(first.contains("web1,2,500,"), "\(first)")
            try fleet.log(500..<620)
            #expect(try fleet.run(commands).hasSuffix("requests,different\n620,620\n"))
            // Nothing new, and every file once more.
            #expect(try fleet.run(commands).hasSuffix("requests,different\n620,620\n"))
            #expect(try directory.names(in: "outbox").count == 2)
        }
    }

    @Test(.needs("initdb", "pg_ctl", "psql")) func postgreSQL_hasEachRowOnce() throws {
        try withTemporaryDirectory { directory in
            let fleet = try Fleet(directory)
            let blocks = try Self.blocks(of: "ShippingToPostgreSQL")
            let (once, cron) = (blocks[0], blocks[1...].joined(separator: "\n"))
            try fleet.log(0..<500)
            // A copy of the first shipment arrives a second time, as after a kill.
            let script = """
                \(once)
                \(blocks[1])
                cp outbox/*.csv copy.csv
                \(cron)
                httpstats import --db access.db second.log >/dev/null 2>&1
                mv copy.csv outbox/
                \(cron)
                """
            try directory.write(Fleet.lines(500..<620), to: "second.log")
            let output = try fleet.runWithPostgreSQL(script)
            let counts = output.split(separator: "\n").filter { $0.hasPrefix("web1,2,") }.map {
                $0.split(separator: ",")[2]
            }
            #expect(counts == ["500", "620"], "\(output)")
            #expect(try directory.names(in: "outbox") == [])
        }
    }

    @Test(.wants(pythonModule: "chdb")) func clickHouse_hasEachRowOnce() throws {
        try withTemporaryDirectory { directory in
            let fleet = try Fleet(directory)
            let blocks = try Self.blocks(of: "ShippingToClickHouse")
            try directory.installScript(Self.clickHouseClient, at: "clickhouse-client")
            let once = "export PATH=\"$PWD:$PATH\"\n"
            try fleet.log(0..<500)
            // A copy of the first shipment arrives a second time, as after a kill.
            let ship = "httpstats export --db access.db --format parquet -o outbox/copy.parquet --source web1\n"
            let first = try fleet.run(once + blocks[0] + "mkdir -p outbox\n" + ship + blocks[1] + blocks[2])
            #expect(first.hasSuffix("\nweb1\t2\t500\t0\n"), "\(first)")
            try fleet.log(500..<620)
            #expect(try fleet.run(once + blocks[1] + blocks[2]).hasSuffix("\nweb1\t2\t620\t0\n"))
            #expect(try directory.names(in: "outbox") == [])
        }
    }

    /// Stands in for ClickHouse's client and server: its engine as a module of Python, which reads no standard input.
    private static let clickHouseClient = """
        #!/usr/bin/env python3
        import shutil, sys
        from chdb.session import Session
        session = Session('clickhouse-data')
        if '--query' in sys.argv:
            statements = [sys.argv[sys.argv.index('--query') + 1]]
            start, found, name = statements[0].partition(' FORMAT ')
            if found:
                with open('clickhouse-input', 'wb') as file: shutil.copyfileobj(sys.stdin.buffer, file)
                statements = [f"{start} SELECT * FROM file('clickhouse-input', '{name}')"]
        else:
            statements = [text for text in sys.stdin.read().split(';') if text.strip()]
        for statement in statements: print(session.query(statement, 'TabSeparated'), end='')
        """

    @Test(.needs("python3"), .needs(pythonModule: "pyarrow")) func arrow_readsEveryKindOfValue() throws {
        try withTemporaryDirectory { directory in
            let fleet = try Fleet(directory)
            try directory.write(Fleet.hostileLines, to: "hostile.log")
            let script = """
                httpstats import --db access.db --log-format combined hostile.log >/dev/null
                httpstats export --db access.db --format parquet --source 'web"1' -o x.parquet
                httpstats export --db access.db --format ndjson --source 'web"1' -o x.ndjson
                python3 compare.py
                """
            try directory.write(
                """
                import json, pyarrow.parquet
                table = pyarrow.parquet.read_table('x.parquet').to_pylist()
                lines = [json.loads(line) for line in open('x.ndjson', 'rb')]
                for row, line in zip(table, lines, strict=True):
                    row['id'] = str(row['id'])
                    time = row['time']
                    row['time'] = time.strftime('%Y-%m-%dT%H:%M:%S.') + '%03dZ' % (time.microsecond // 1000)
                    for name, value in line.items():
                        shown = row[name]
                        if isinstance(shown, str):
                            shown = shown.encode().decode('unicode_escape').encode('latin-1').decode('utf-8', 'replace')
                            value = value.encode('utf-8', 'replace').decode()
                        if name not in ('path', 'agent'): assert shown == value, (name, row[name], value)
                print(sorted({row['path'] for row in table}), {row['source'] for row in table})
                """, to: "compare.py")
            let output = try fleet.run(script)
            #expect(output == #"['/', '/\\x00\\x5C\\xFF', '/a', '/b', '/ä'] {'web"1'}"# + "\n", "\(output)")
        }
    }

    /// The shell's part of a guide, block for block.
    private static func blocks(of guide: String) throws -> [String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let path = root.appending(path: "Sources/BaseHTTPServer/BaseHTTPServer.docc/\(guide).md")
        let text = try String(contentsOf: path, encoding: .utf8)
        let parts = text.components(separatedBy: "```sh\n").dropFirst()
        return parts.compactMap { $0.components(separatedBy: "```").first }
    }

    private static func commands(of guide: String) throws -> String {
        try blocks(of: guide).joined(separator: "\n")
    }
}

/// A machine with a log, and a shell beside it.
private struct Fleet {
    let directory: TemporaryDirectory

    init(_ directory: TemporaryDirectory) throws {
        self.directory = directory
    }

    /// Requests of the log, one a second.
    static func lines(_ numbers: Range<Int>) -> String {
        numbers.map { number in
            let time = String(format: "%02d:%02d:%02d", 12 + number / 3_600, number / 60 % 60, number % 60)
            let request = "GET /\(number)?a,\"\"b HTTP/1.1"
            return "10.0.0.1 - - [01/Mar/2026:\(time) +0000] \"\(request)\" 200 12 \"-\" \"a, \\\"b\\\"\"\n"
        }.joined()
    }

    static let hostileLines = [#"/a?=1+1"#, #"/b?%00"#, #"/\x00\\\xff"#, "/ä", #"/"#].enumerated().map {
        index, target in
        #"::1 - - [01/Mar/2026:12:00:0\#(index) +0000] "GET \#(target) HTTP/2.0" 200 1 "=cmd|x" "\u001b[31m""# + "\n"
    }.joined()

    func log(_ numbers: Range<Int>) throws {
        try directory.write(Self.lines(numbers), to: "new.log")
        _ = try run("httpstats import --db access.db new.log 2>&1")
    }

    /// Runs commands of the shell in the folder; its standard output.
    func run(_ commands: String) throws -> String {
        let path = "\(RunningProgram.productsDirectory):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
        let finished = try RunningProgram.run(
            "/bin/sh", ["-ec", "cd '\(directory.path)'\n" + commands], environment: ["PATH": path])
        if finished.end != .exited(status: 0) {
            throw TestFailure("\(finished.end)\n\(finished.standardOutput)\n\(finished.standardError)")
        }
        return finished.standardOutput
    }

    /// The same beside a PostgreSQL of its own, which does not run as root.
    func runWithPostgreSQL(_ commands: String) throws -> String {
        let user = geteuidIsRoot ? "setpriv --reuid=nobody --regid=nogroup --clear-groups" : ""
        try directory.write("export PGHOST=$PWD/data PGUSER=logs PGDATABASE=postgres\n" + commands, to: "commands.sh")
        return try run(
            """
            mkdir data
            [ -z "\(user)" ] || { chmod 755 .; chown nobody:nogroup data; }
            \(user) initdb --pgdata="$PWD/data" --username=logs --auth=trust --no-sync >initdb.log 2>&1
            \(user) pg_ctl --pgdata="$PWD/data" --wait --log="$PWD/data/server.log" \
                --options="-F -c listen_addresses= -k '$PWD/data'" start >start.log 2>&1
            status=0
            sh -e commands.sh || status=$?
            \(user) pg_ctl --pgdata="$PWD/data" --wait --mode=immediate stop >stop.log 2>&1
            rm -r data
            exit $status
            """)
    }

    private var geteuidIsRoot: Bool { (try? ProcessIdentity.current().userID) == 0 }
}
