// curl as a client: what it says of each transfer, the bodies it kept, and their comparison with the log.
import SystemPackage
import TestSupport
import Testing

/// Calls curl for one server. Every transfer is numbered in its query, so that its row is found.
final class Curl {
    /// One transfer as curl counted it.
    struct Transfer {
        let status: Int
        /// Connections that were opened for it: 0 or 1.
        let connects: Int
        /// Bytes of all heads of the answer, interim ones too.
        let headBytes: Int
        let bodyBytes: Int
        /// Bytes of the request's head and of its body.
        let requestBytes: Int
        let uploadBytes: Int
        /// As in the answer's status line; `0` without one.
        let version: String
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// The transfers of the last call, those of all calls, and how the last call ended.
    private(set) var transfers: [Transfer] = []
    private(set) var finished: FinishedProgram?
    private let daemon: Daemon
    private let directory: TemporaryDirectory
    private var count = 0
    private var expectedRows: [String] = []

    /// Where the body of the next transfer goes.
    var nextFile: String { Curl.file(count) }

    init(_ daemon: Daemon, _ directory: TemporaryDirectory) {
        self.daemon = daemon
        self.directory = directory
    }

    private static func file(_ number: Int) -> String { "body-\(number)" }

    /// Fetches targets in one call, one after another.
    ///
    /// - Parameters:
    ///   - framingBytes: of each answer beside head and body: the lines of its chunks; nil takes
    ///     them from what curl left undone, with `--raw`.
    ///   - interimBytes: of the head before each answer's head, which the log does not count.
    ///   - uploadsWithHead: a small body leaves in one piece with the head; curl counts it in both.
    @discardableResult
    func callAsFunction(
        _ options: String..., targets: String..., framingBytes: Int? = 0, interimBytes: Int = 0,
        uploadsWithHead: Bool = false
    ) throws -> [Transfer] {
        let numbers = targets.indices.map { count + $0 }
        count += targets.count
        let format = [
            "http_code", "num_connects", "size_header", "size_download", "size_request", "size_upload", "http_version",
        ].map { "%{\($0)}" }.joined(separator: " ")
        var arguments =
            ["-q", "--silent", "--noproxy", "*", "--max-time", "20", "--write-out", format + "\n"] + options
        for (number, target) in zip(numbers, targets) {
            arguments += ["-o", directory.appending(Curl.file(number)).string]
            arguments.append("http://127.0.0.1:\(daemon.port)\(target)?n=\(number)")
        }
        let finished = try RunningProgram.run(InstalledProgram.path(of: "curl"), arguments)
        self.finished = finished
        let lines = finished.standardOutput.split(separator: "\n")
        try #require(lines.count == targets.count, "\(finished)")
        transfers = try zip(numbers, lines).map { number, line in
            let words = line.split(separator: " ").map(String.init)
            let numbers = words.prefix(6).compactMap { Int($0) }
            try #require(words.count == 7 && numbers.count == 6, "\(line)")
            return Transfer(
                status: numbers[0], connects: numbers[1], headBytes: numbers[2], bodyBytes: numbers[3],
                requestBytes: numbers[4], uploadBytes: numbers[5], version: words[6],
                body: (try? directory.read(Curl.file(number))) ?? [])
        }
        for (number, transfer) in zip(numbers, transfers) {
            let framing = framingBytes ?? (transfer.body.count - transfer.bodyBytes)
            let out = transfer.headBytes - interimBytes + transfer.bodyBytes + framing
            let into = transfer.requestBytes + (uploadsWithHead ? 0 : transfer.uploadBytes)
            expectedRows.append("\(number) \(transfer.status) ok \(into) \(out)")
        }
        return transfers
    }

    /// Stops the server and expects a row for each transfer: its status, and each byte that went to and fro.
    func expectRowsOfAllTransfers() throws {
        try daemon.stop()
        let rows = try daemon.query(
            """
            SELECT CAST(substr(query, 3) AS INTEGER) AS number, status, outcome, bytes_in, bytes_out FROM requests
            ORDER BY number
            """)
        #expect(rows.map { $0.joined(separator: " ") } == expectedRows)
    }
}
