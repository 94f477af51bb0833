// The parts of the loop that need no socket: deadlines, the output queue, and the pages it writes itself.
import HTTPMessage
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct DeadlinesTests {
    private func make() -> Deadlines {
        var configuration = ServerConfiguration()
        configuration.headTimeoutSeconds = 1
        configuration.idleTimeoutSeconds = 2
        configuration.lingerTimeoutSeconds = .infinity
        configuration.transferWindowSeconds = .nan
        return Deadlines(configuration)
    }

    @Test func oneLimitAConnection() {
        let deadlines = make()
        #expect(deadlines.kind(7) == nil && deadlines.nextNs == nil && deadlines.oldest(.idle) == nil)
        deadlines.start(.idle, 7, nowNs: 0)
        deadlines.start(.head, 7, nowNs: 0)
        #expect(deadlines.kind(7) == .head && deadlines.oldest(.idle) == nil)
        #expect(deadlines.nextNs == 1_000_000_000)
        #expect(deadlines.expired(nowNs: 999_999_999) == nil)
        #expect(deadlines.expired(nowNs: 1_000_000_000)?.index == 7)
        deadlines.remove(7)
        deadlines.remove(7)
        deadlines.remove(1000)
        #expect(deadlines.kind(7) == nil && deadlines.nextNs == nil)
    }

    @Test func impossibleTimesAreTakenToPossibleOnes() {
        let deadlines = make()
        deadlines.start(.linger, 0, nowNs: 1 << 60)
        let threeYears: Int64 = 100_000_000_000_000_000
        #expect(deadlines.nextNs == threeYears + (1 << 60))
        deadlines.start(.transfer, 0, nowNs: 5)
        #expect(deadlines.nextNs == 5)
        var configuration = ServerConfiguration()
        configuration.headTimeoutSeconds = -5
        let negative = Deadlines(configuration)
        negative.start(.head, 0, nowNs: 6)
        #expect(negative.nextNs == 6)
    }

    @Test func anIdleConnectionThatIsBusyKeepsItsPlaceForAWhile() {
        let deadlines = make()
        let slack: Int64 = 2_000_000_000 / 16
        deadlines.start(.idle, 0, nowNs: 0)
        deadlines.start(.idle, 1, nowNs: 0)
        #expect(deadlines.nextNs == 2_000_000_000 + slack)
        deadlines.start(.idle, 0, nowNs: slack - 1)
        #expect(deadlines.oldest(.idle) == 0)
        deadlines.start(.idle, 0, nowNs: slack)
        #expect(deadlines.oldest(.idle) == 1)
        deadlines.remove(1)
        #expect(deadlines.nextNs == 2_000_000_000 + 2 * slack)
    }

    @Test func randomOrdersAgreeWithAPlainTable() {
        var random = SystemRandomNumberGenerator()
        let deadlines = make()
        var table: [Int: (kind: DeadlineKind, since: Int)] = [:]
        for now in 0..<5000 {
            let index = Int.random(in: 0..<40, using: &random)
            if Bool.random() {
                let kind: DeadlineKind = Bool.random() ? .head : .idle
                deadlines.start(kind, index, nowNs: Int64(now))
                // Nanoseconds are within the slack of an idle connection, which keeps its place then.
                if kind == .head || table[index]?.kind != .idle { table[index] = (kind, now) }
            } else {
                deadlines.remove(index)
                table[index] = nil
            }
            for kind in [DeadlineKind.head, .idle] {
                let oldest = table.filter { $0.value.kind == kind }.min { $0.value.since < $1.value.since }?.key
                #expect(deadlines.oldest(kind) == oldest)
            }
        }
    }
}

@Suite struct OutputQueueTests {
    private func add(_ text: String, to queue: inout OutputQueue) {
        queue.lend(ByteBuffer(capacity: 16))
        queue.tail.append(text)
        queue.added(text.utf8.count)
    }

    /// Everything in the queue in order, taken in steps of `step` bytes.
    private func drain(_ queue: inout OutputQueue, step: Int) throws -> String {
        var bytes: [UInt8] = []
        while let front = queue.front {
            switch front {
            case .bytes(let count):
                let taken = min(step, count)
                bytes += queue.tail.bytes.extracting(first: taken).copied
                queue.take(taken)
            case .file(let file):
                let taken = Int(min(Int64(step), file.remaining))
                bytes += try File.read(file.rawValue, at: file.offset, count: taken)
                queue.take(taken)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [1, 3, 1000]) func segmentsLeaveInOrder(_ step: Int) throws {
        try withTemporaryDirectory { directory in
            var queue = OutputQueue()
            #expect(queue.isEmpty && queue.front == nil && queue.reclaim() == nil)
            add("head ", to: &queue)
            let path = try directory.write("0123456789", to: "file")
            let file = OutputFile(OpenFile(try File.open(path, .readOnly)), offset: 2, count: 3)
            queue.append(file)
            #expect(queue.hasFiles && queue.reclaim() == nil)
            queue.lengthen(file, by: 2)
            add(" mid", to: &queue)
            add("dle ", to: &queue)
            queue.append(OutputFile(OpenFile(try File.open(path, .readOnly)), offset: 0, count: 0))
            queue.append(OutputFile(OpenFile(try File.open(path, .readOnly)), offset: 9, count: 1))
            #expect(queue.end == 5 + 5 + 8 + 1)
            #expect(try drain(&queue, step: step) == "head 23456 middle 9")
            #expect(queue.isEmpty && !queue.hasFiles && queue.sent == 19)
            #expect(queue.reclaim() != nil)
            add("again", to: &queue)
            #expect(try drain(&queue, step: step) == "again")
        }
    }

    @Test func placesStayTrueWhileBytesLeave() throws {
        var queue = OutputQueue()
        add("gone ", to: &queue)
        let place = queue.end
        add("ac", to: &queue)
        queue.take(5)
        queue.insert("b".utf8.span.octets, at: place + 1)
        queue.insert(">".utf8.span.octets, at: place)
        queue.insert("<".utf8.span.octets, at: queue.end)
        add("more", to: &queue)
        queue.truncate(to: queue.end - 3)
        #expect(try drain(&queue, step: 100) == ">abc<m")
    }
}

@Suite struct PagesTests {
    @Test func formatKeysAreReplacedAndNothingElse() {
        func fill(_ format: String) -> String {
            ErrorPage.fill(format, code: 404, message: "%(explain)s <m>", explain: "e & %")
        }
        #expect(fill("%(code)d %(message)s %(explain)s") == "404 %(explain)s &lt;m&gt; e &amp; %")
        #expect(fill("100%% %(code)s %(other)s %") == "100% 404 %(other)s %")
        #expect(fill("") == "")
    }

    @Test func statusLineTextHasNoControls() {
        #expect(ErrorPage.statusLineText("a\r\nb\0c\u{7f}d é\t日") == "a  b c d é\t?")
    }

    @Test func namesAreEncodedByteByByte() {
        #expect(DirectoryListing.encoded(Array("a-Z_0.~".utf8)) == "a-Z_0.~")
        #expect(DirectoryListing.encoded([0x2f, 0x3a, 0x3f, 0x23, 0x25, 0xff, 0x0a]) == "%2F%3A%3F%23%25%FF%0A")
    }

    @Test func logLinesEscapeControls() {
        #expect(
            LogLine.escaped("a\\b\u{0}\u{1f}\u{7f}\u{80}\u{9f}\u{a0}é\"")
                == "a\\\\b\\x00\\x1f\\x7f\\x80\\x9f\u{a0}é\"")
    }

    @Test func mediaTypes() {
        func type(_ path: String) -> String? { MediaTypes.type(of: Array(path.utf8), in: MediaTypes.table) }
        #expect(
            type("/a.html") == "text/html" && type("/a.HTML") == "text/html" && type("/a.tar.gz") == "application/gzip")
        #expect(type("/a.b/c") == nil && type("/a.") == nil && type("/a") == nil && type("") == nil && type(".") == nil)
        #expect(type("/a." + String(repeating: "x", count: 1000)) == nil)
    }
}
