// Pages are made beside the loop: one that takes its time holds up no other, and says so.
import Synchronization
import TestSupport
import Testing

@testable import LogStore
@testable import ReportServer

@Suite struct PageMakerTests {
    /// Logs that nobody can open: some at once, some only when the test lets go of them.
    private final class Logs: Sendable {
        private let isHeld = Mutex(true)
        private let held = Mutex(0)

        var heldCount: Int { held.withLock { $0 } }

        func release() {
            isHeld.withLock { $0 = false }
        }

        func open(_ body: (LogFleet) throws -> Void, isSlow: Bool) throws {
            if isSlow {
                held.withLock { $0 += 1 }
                _ = eventually { isHeld.withLock { !$0 } }
            }
            throw PageError(status: 404, reason: isSlow ? "slow" : "quick")
        }
    }

    private func reason(_ maker: PageMaker, _ target: String) throws -> String? {
        let address = try #require(PageAddress(target: target))
        do throws(PageError) {
            _ = try maker.page(address)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func slowPage_holdsNoOtherUp() throws {
        let logs = Logs()
        let isSlow = Mutex(true)
        let maker = PageMaker(names: ["a"]) { body in try logs.open(body, isSlow: isSlow.withLock { $0 }) }
        defer { logs.release() }
        #expect(try reason(maker, "/?path=/slow") == nil)
        #expect(eventually { logs.heldCount == 1 })
        isSlow.withLock { $0 = false }
        #expect(try eventually { try reason(maker, "/?path=/quick") == "quick" })
        #expect(try reason(maker, "/?path=/slow") == nil && logs.heldCount == 1, "it is asked once")
        logs.release()
        #expect(try eventually { try reason(maker, "/?path=/slow") == "slow" })
    }

    @Test func manySlowPages_areMadeFourAtATime() throws {
        let logs = Logs()
        let maker = PageMaker(names: ["a"]) { body in try logs.open(body, isSlow: true) }
        defer { logs.release() }
        for page in 0..<6 { #expect(try reason(maker, "/?path=/\(page)") == nil) }
        #expect(eventually { logs.heldCount == 4 })
        guard case .open(nil) = try maker.page(PageAddress("/", [PageAddress.Item("path", "/5")])),
            case .open(_?) = try maker.page(PageAddress("/", [PageAddress.Item("path", "/0")]))
        else {
            Issue.record("the sixth waits for others, the first is being made")
            return
        }
        logs.release()
        #expect(try eventually { try reason(maker, "/?path=/5") == "slow" })
    }

    @Test func whatIsNoPage_isKnownAtOnce() throws {
        let maker = PageMaker(names: ["a"]) { _ in Issue.record("a log was opened") }
        for target in ["/nothing", "/request/x", "/request/-1", "/request/", "/requests/"] {
            #expect(try reason(maker, target) != nil, "\(target)")
        }
    }
}
