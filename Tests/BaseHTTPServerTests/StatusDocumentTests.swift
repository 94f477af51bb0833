// The status of the server as a page and as JSON: what they say, and that nothing hostile in them says more.
import AccessLog
import Foundation
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct StatusDocumentTests {
    private static func worker(_ slot: Int, life: LogWorkerLife = .ready, requests: UInt64 = 0) -> LogSlotStatus {
        LogSlotStatus(
            slot: slot, state: .assigned, life: life, processID: Int32(100 + slot), generation: 3,
            startUs: 5_000_000, requests: requests, bytesOut: 10 * requests, connections: 4)
    }

    /// A look at a tree of two workers with one request, taken 65 s after its start.
    private static func document(target: String = "/", isDead: Bool = false) -> StatusDocument {
        let request = LiveRequest(
            slot: 1, state: .inFlight, isRunning: true, requestID: 0xAB, startMonotonicNs: 1_000_000_000,
            client: Array("10.0.0.9".utf8), method: Array("GET".utf8), target: Array(target.utf8),
            host: Array("localhost".utf8))
        let tree = LogTreeStatus(
            createdUs: 5_000_000, isDead: isDead, isOfEarlierBoot: false, takenNs: 2_500_000_000,
            slots: [worker(0, requests: 7), worker(1, life: .stopping, requests: 5)], requests: [request])
        return StatusDocument(tree: tree, nowUs: 70_000_000, server: "Test/1.0")
    }

    private func object(_ document: StatusDocument) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(document.json.utf8))
        return try #require(value as? [String: Any])
    }

    @Test func json_hasTotalsWorkersAndRequests() throws {
        let status = try object(Self.document())
        #expect(status["schema"] as? String == "server-status/1" && status["uptime_s"] as? Int == 65)
        #expect(status["started_at"] as? String == "1970-01-01T00:00:05Z")
        let totals = try #require(status["totals"] as? [String: Int])
        #expect(totals["requests"] == 12 && totals["in_flight"] == 1 && totals["connections"] == 8)
        let workers = try #require(status["workers"] as? [[String: Any]])
        #expect(workers.map { $0["state"] as? String } == ["waiting", "stopping"])
        #expect(workers.map { $0["pid"] as? Int } == [100, 101] && workers[0]["age_ms"] as? Int == 65_000)
        let requests = try #require(status["requests"] as? [[String: Any]])
        #expect(requests[0]["age_ms"] as? Int == 1_500 && requests[0]["state"] as? String == "handling")
        #expect(requests[0]["request_id"] as? String == "00000000000000ab")
        #expect(requests[0]["status"] is NSNull)
    }

    @Test func hostileTexts_stayText() throws {
        let target = "/<script>\"'&\u{1B}[2J\u{202E}\\"
        let document = Self.document(target: target)
        let requests = try #require(try object(document)["requests"] as? [[String: Any]])
        #expect(requests[0]["path"] as? String == target)
        let page = document.page
        #expect(page.contains("/&lt;script&gt;&quot;&#39;&amp;\\x1B[2J\\xE2\\x80\\xAE\\x5C</bdi>"))
        #expect(!page.contains("<script"))
    }

    @Test func page_showsTheSame() {
        let page = Self.document().page
        #expect(page.contains("<p>Test/1.0, up 1 min, <time>1970-01-01T00:01:10Z</time></p>"))
        #expect(page.contains("<dt>requests</dt><dd>12</dd>"))
        #expect(page.contains("<td>101</td><td class=\"text\">stopping</td>"))
        #expect(page.contains("<td>1.5 s</td><td class=\"text\">handling</td>"))
        #expect(Self.document(isDead: true).page.contains("<td class=\"text\">dead</td>"))
    }

    @Test func thePolicyNamesTheHashOfTheStyle() throws {
        try withTemporaryDirectory { directory in
            let path = try directory.write(StatusDocument.style, to: "style.css").string
            let digits = try RunningProgram.run("/usr/bin/sha256sum", [path]).standardOutput.prefix(64)
            let bytes = stride(from: 0, to: 64, by: 2).compactMap { UInt8(digits.dropFirst($0).prefix(2), radix: 16) }
            #expect(StatusDocument.styleHash == "sha256-" + Data(bytes).base64EncodedString())
        }
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("::ffff:127.0.0.1", true), ("unix:", true),
        ("10.0.0.1", false), ("128.0.0.1", false), ("::2", false), ("::ffff:10.0.0.1", false), ("", false),
        ("1.127.0.0", false),
    ])
    func onlyThisMachineMayLook(_ host: String, _ isLocal: Bool) {
        #expect(BaseHTTPRequestHandler.isLocal(host) == isLocal)
    }

    @Test(arguments: [
        (0, "0 ms"), (999, "999 ms"), (1_000, "1.0 s"), (59_999, "59.9 s"), (60_000, "1 min"), (3_600_000, "1 h"),
        (172_800_000, "2 days"),
    ])
    func durationsAreShort(_ ms: Int, _ text: String) {
        #expect(StatusDocument.duration(ms: Int64(ms)) == text)
    }
}
