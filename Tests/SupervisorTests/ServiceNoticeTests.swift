// What systemd reads, line by line, and when it is told.
import LinuxSyscalls
import TestSupport
import Testing

@testable import Supervisor

@Suite struct ServiceNoticeTests {
    @Test func writesEachAssignmentOnItsLine() {
        #expect(ServiceNotice.text([.ready, .status("two\nlines")]) == "READY=1\nSTATUS=two lines\n")
        #expect(ServiceNotice.text([.reloading(monotonicUs: 17)]) == "RELOADING=1\nMONOTONIC_USEC=17\n")
        #expect(ServiceNotice.text([.stopping, .mainProcess(42), .watchdog]) == "STOPPING=1\nMAINPID=42\nWATCHDOG=1\n")
    }

    @Test func isSilentWithoutASocket() {
        #expect(ServiceManager(environment: { _ in nil }, processID: 1, log: { _ in }) == nil)
        #expect(ServiceManager(environment: ["NOTIFY_SOCKET": "vsock:2"].get, processID: 1, log: { _ in }) == nil)
    }

    @Test(arguments: [
        (["WATCHDOG_USEC": "2000000"], true), (["WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "7"], true),
        (["WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "8"], false), (["WATCHDOG_USEC": "0"], false),
        (["WATCHDOG_USEC": "99999999999999999999"], false), ([:], false),
    ])
    func watchesWhenItIsMeant(_ variables: [String: String], _ isWatched: Bool) throws {
        let name = "@basehttp-test-\(CurrentProcess.processID)-\(Clock.monotonicNs())"
        let receiver = try NotifySocket(name)
        let environment = variables.merging(["NOTIFY_SOCKET": name]) { $1 }
        let manager = try #require(ServiceManager(environment: environment.get, processID: 7, log: { _ in }))
        #expect(manager.nextDueNs == nil, "not before it is ready")
        manager.ready()
        #expect((manager.nextDueNs != nil) == isWatched)
        if let due = manager.nextDueNs {
            #expect(abs(due - Clock.monotonicNs() - 1_000_000_000) < 500_000_000, "half of what is granted")
            manager.turn(nowNs: due)
            _ = try receiver.wait(for: "WATCHDOG=1")
            #expect(manager.nextDueNs == due + 1_000_000_000)
        }
        manager.handOver(to: 9)
        #expect(try receiver.wait(for: "MAINPID") == "MAINPID=9" && manager.nextDueNs == nil)
    }

    @Test func aStormOfDeathsIsNoStormOfMessages() throws {
        let name = "@basehttp-test-\(CurrentProcess.processID)-\(Clock.monotonicNs())"
        let receiver = try NotifySocket(name)
        let manager = try #require(
            ServiceManager(environment: ["NOTIFY_SOCKET": name].get, processID: 7, log: { _ in }))
        for count in 0..<1_000 {
            manager.report(workers: 2, replaced: count)
            manager.turn(nowNs: Int64(count) * 2_000_000)
        }
        manager.report(workers: 2, replaced: 1_000)
        manager.turn(nowNs: 60_000_000_000)
        #expect(try receiver.wait(for: "STATUS=Serving: 2 workers, 1000 replaced").isEmpty == false)
        #expect(receiver.lines.count <= 4)
    }
}

extension Dictionary<String, String> {
    fileprivate var get: (String) -> String? { { self[$0] } }
}
