// The master is killed: whatever its children do, all of them are gone within the time of a quick stop.
import LinuxSyscalls
import Testing

@Suite(.serialized) struct OrphanTests {
    @Test(arguments: ["serve", "deaf", "spin"])
    func workersEndWithTheirMaster(_ worker: String) throws {
        let fixture = try FixtureProcess("worker=\(worker)", "quick-ms=300")
        _ = try fixture.ready("worker 0 1")
        _ = try fixture.ready("worker 1 1")
        let start = Clock.monotonicNs()
        fixture.kill(.kill)
        _ = try fixture.ended()
        let tookMs = (Clock.monotonicNs() - start) / 1_000_000
        try fixture.expect("log writer outlived all")
        if worker == "serve" { try fixture.expect("got SIGTERM worker 0 1") } else { #expect(tookMs >= 300) }
    }

    @Test func theDrainLimitIsALimitToo() throws {
        let fixture = try FixtureProcess("worker=spin", "drain-ms=200")
        _ = try fixture.ready("worker 0 1")
        _ = try fixture.ready("worker 1 1")
        fixture.kill(.kill)
        _ = try fixture.ended()
    }
}
