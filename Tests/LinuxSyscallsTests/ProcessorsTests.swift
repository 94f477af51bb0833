// The processors at hand: affinity cut by the quota of the control group.
import Testing

@testable import LinuxSyscalls

struct ProcessorsTests {
    @Test(
        arguments: [
            ("max 100000\n", nil), ("200000 100000\n", 2), ("150000 100000\n", 2), ("50000 100000\n", 1),
            ("", nil), ("100000", nil), ("0 100000", nil), ("100000 0", nil), ("-1 100000", nil), ("x y", nil),
        ] as [(String, Int?)])
    func readsAQuota(text: String, expected: Int?) {
        #expect(Processors.quota(fromLimit: text) == expected)
    }

    @Test func thereIsAtLeastOne() {
        #expect((1...8192).contains(Processors.available()))
    }
}
