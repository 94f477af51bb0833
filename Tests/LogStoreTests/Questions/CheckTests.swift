// The language of `check`, and what conditions make of traffic.
import Testing

@testable import LogStore

@Suite struct CheckTests {
    private func summary(fast: Int = 0, slow: Int = 0, failed: Int = 0) -> TrafficSummary {
        var summary = TrafficSummary()
        func add(_ number: Int, status: Int64, outcome: Int64, us: Int64) {
            for _ in 0..<number {
                summary.counts.add(status: status, outcome: outcome, bytesIn: 100, bytesOut: 1000, durationUs: us)
                summary.latency.add(us)
            }
        }
        add(fast, status: 200, outcome: 0, us: 1000)
        add(slow, status: 404, outcome: 0, us: 500_000)
        add(failed, status: 500, outcome: 3, us: 1000)
        return summary
    }

    private func outcome(_ text: String, _ summary: TrafficSummary, seconds: Double? = 10) throws -> CheckOutcome {
        CheckOutcome(try CheckExpression(text), traffic: Traffic(total: summary), seconds: seconds, ageSeconds: 5)
    }

    @Test(arguments: [
        ("requests>0", true, 100.0), ("requests = 100", true, 100), ("requests!=100", false, 100),
        ("rate>=10", true, 10),
        ("rate<10/s", false, 10), ("rate<=600/min", true, 600), ("requests<1/h", false, 36_000), ("5xx<0.1%", false, 1),
        ("5xx<=1", true, 1), ("4XX<20%", true, 10), ("failed=0", false, 1), ("crashed<=1", true, 1),
        ("ok>=99%", true, 99),
        ("p50<2ms", true, 1), ("p50<0.5ms", false, 1), ("p50<2000us", true, 1), ("p99.9<1s", true, 500),
        ("max<500", false, 500),
        ("max<=0.5s", true, 500), ("mean<1m", true, 50.9), ("bytes_out<1kB", false, 100_000),
        ("bytes_out<1MiB", true, 100_000),
        ("bytes_in>=1kB/s", true, 1000), ("age<1m", true, 5), ("age<5", false, 5), ("clients=0", true, 0),
        ("none==0", true, 0),
        ("90%<300ms", true, 90), ("99.9%<=300ms", false, 90), ("99.9%<1s", true, 100),
    ])
    func condition_isAppliedToTheTraffic(_ text: String, _ holds: Bool, _ value: Double) throws {
        let outcome = try outcome(text, summary(fast: 89, slow: 10, failed: 1))
        #expect(outcome.result == (holds ? .ok : .failed))
        #expect(abs((outcome.value ?? -1) - value) <= value * 0.017)
    }

    @Test(arguments: [
        "", " ", "p99", "<200ms", "p99<", "p99<x", "p0<1ms", "p101<1", "p<1", "p99<1%", "p99<-1", "p99<1e3", "p99<1msx",
        "p99<>1", "p99~1", "p99!1", "speed<1", "requests<1%", "clients<1/s", "age<1%", "99%>1ms", "101%<1ms", "99%<1%",
        "%<1ms",
        "5xx<inf", "5xx<nan", "bytes_out<1ms", "requests<1 000 000 000 000 000 000 000",
        String(repeating: "p", count: 200) + "<1",
    ])
    func badCondition_isRefusedWithOneLine(_ text: String) {
        #expect(throws: CheckError.self) { try CheckExpression(text) }
        do { _ = try CheckExpression(text) } catch { #expect(!error.description.contains("\n")) }
    }

    @Test func noRequests_failCountsAndLackDataForTheRest() throws {
        #expect(try outcome("requests>0", summary()).result == .failed)
        #expect(try outcome("failed=0", summary()).result == .ok)
        #expect(try outcome("rate<1", summary()).result == .ok)
        for text in ["p99<1ms", "mean<1", "max<1", "5xx<1%", "99%<1ms", "ok>99%"] {
            #expect(try outcome(text, summary()).result == .noData)
        }
        #expect(try outcome("rate<1", summary(fast: 1), seconds: nil).result == .noData)
    }

    @Test func budget_isWhatAShareAllowsToGoWrong() throws {
        let traffic = summary(fast: 98, slow: 1, failed: 1)
        #expect(abs(try #require(try outcome("5xx<2%", traffic).budgetLeftPercent) - 50) < 1e-9)
        #expect(abs(try #require(try outcome("5xx<0.5%", traffic).budgetLeftPercent) + 100) < 1e-9)
        #expect(abs(try #require(try outcome("98%<300ms", traffic).budgetLeftPercent) - 50) < 1e-9)
        #expect(abs(try #require(try outcome("ok>90%", traffic).budgetLeftPercent) - 90) < 1e-9)
        #expect(try outcome("5xx<1", traffic).budgetLeftPercent == nil)
        #expect(try outcome("100%<300ms", traffic).budgetLeftPercent == nil)
    }

    @Test func sketch_countsWhatIsWithinALimit() {
        var sketch = LatencySketch()
        #expect(sketch.count(atMost: 1000) == 0)
        var one = LatencySketch()
        one.add(1000)
        #expect(one.count(atMost: 1000) == 1 && one.count(atMost: 900) == 0)
        for us in 1...1000 as ClosedRange<Int64> { sketch.add(us * 1000) }
        for limit in [0, 1, 50, 300, 999, 1000, 2000] as [Int64] {
            let counted = sketch.count(atMost: limit * 1000)
            #expect(abs(Double(counted) - Double(min(limit, 1000))) <= Double(limit) * 0.032)
        }
    }
}
