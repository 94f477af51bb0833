// The wall clock jumps by a day: nobody dies of it, no request is lost, and the log says that it happened.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension FaultCases {
    @Suite struct ClockJumpTests {
        /// The steps of the clock in days; the first has the server start in the right time.
        private static let daysOfSteps: [Int64] = [0, 1, -1, 0]

        @Test(.timeLimit(.minutes(2)), .needs("clang"))
        func aDayForthAndBackKillsNobody() throws {
            try withTemporaryDirectory { clock in
                let shim = try clock.compilePreload("ShiftedClock")
                try set(clock, days: 0)
                let environment = ["LD_PRELOAD": shim, "SHIFTED_CLOCK": clock.appending("shift").string]
                try withFaultRun(workers: 2, environment: environment) { run in
                    let before = run.living("basehttpd").map(\.id)
                    let load = run.load(connections: 8)
                    for days in Self.daysOfSteps {
                        try set(clock, days: days)
                        run.pass(milliseconds: FaultScale.pick(700, long: 5_000))
                    }
                    let ledger = try run.finish(load)
                    #expect(ledger.count(.refused) + ledger.lostConnections + ledger.failedConnections == 0)
                    #expect(run.living("basehttpd").map(\.id) == before, "all live on")
                    let times = "SELECT count(DISTINCT substr(time, 1, 10)) FROM requests"
                    try run.verify()
                    #expect(try run.daemon.count(times) >= 3, "three days are in the log")
                    #expect(try run.daemon.count("SELECT count(*) FROM requests WHERE duration_ms > 60000") == 0)
                    Figure.note("R7 no false kill by a clock that jumps a day", "0 in 3 jumps", isMet: true)
                }
            }
        }

        /// In place: the program has the file mapped.
        private func set(_ directory: TemporaryDirectory, days: Int64) throws {
            let seconds = UInt64(bitPattern: days * 86_400)
            let bytes = (0..<8).map { UInt8(truncatingIfNeeded: seconds >> ($0 * 8)) }
            let file = try File.open(directory.appending("shift"), .writeOnly, options: [.create])
            try DescriptorIO.writeAll(bytes.rawBytes, to: file.rawValue)
        }
    }
}
