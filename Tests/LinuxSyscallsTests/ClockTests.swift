// Clocks rise, agree with the calendar, and split into fields of local time; random numbers differ.
import LinuxSyscalls
import Testing

struct ClockTests {
    @Test func theMonotonicClockNeverFalls() {
        var last = Clock.monotonicNs()
        for _ in 0..<10_000 {
            let next = Clock.monotonicNs()
            #expect(next >= last)
            last = next
        }
    }

    @Test func theRealClockCountsMicroseconds() {
        // Between 2020 and 2200.
        #expect((1_577_836_800_000_000..<7_258_118_400_000_000).contains(Clock.realtimeUs()))
    }

    @Test func localTimeIsUTCPlusItsOffset() {
        // 2024-02-29 12:34:56 UTC, in the zone of whoever runs the test: shifting by the offset gives UTC's fields.
        let moment: Int64 = 1_709_210_096
        let local = Clock.localTime(unixSeconds: moment)
        let day = (moment + Int64(local.offsetSeconds)) % 86_400
        #expect(Int64(local.hour * 3_600 + local.minute * 60 + local.second) == day)
        #expect(local.year == 2024 && (2...3).contains(local.month) && abs(local.offsetSeconds) <= 14 * 3_600)
    }

    @Test func randomNumbersDiffer() throws {
        let numbers = try (0..<100).map { _ in try Random.bits64() }
        #expect(Set(numbers).count == 100)
    }
}
