import TestSupport
// The policy of an upgrade: step by step, and under any order of events.
import Testing

@testable import Supervisor

@Suite struct UpgradePolicyTests {
    private static let limitNs: Int64 = 1_000

    private func policy(_ events: UpgradeEvent...) -> UpgradePolicy {
        var policy = UpgradePolicy(limitNs: Self.limitNs)
        for event in events { _ = policy.handle(event, at: 0) }
        return policy
    }

    /// The actions without their lines.
    private func acts(_ actions: [UpgradeAction]) -> [UpgradeAction] {
        actions.filter { if case .warn = $0 { false } else { true } }
    }

    @Test func handsOverToAServerThatAnswers() {
        var policy = policy()
        #expect(policy.handle(.requested, at: 0) == [.start])
        #expect(policy.nextDeadlineNs == Self.limitNs)
        #expect(acts(policy.handle(.started(processID: 7), at: 1)).isEmpty)
        #expect(policy.handle(.ready, at: 2) == [.probe])
        #expect(policy.nextDeadlineNs == Self.limitNs, "one limit for both")
        #expect(acts(policy.handle(.probed(failure: nil), at: 3)) == [.handOver])
        #expect(policy.nextDeadlineNs == nil && policy.phase == .handedOver)
        #expect(acts(policy.handle(.requested, at: 4)).isEmpty)
    }

    @Test(arguments: [
        UpgradeEvent.ended("exit status 1"), .notStarted("no such file"), .timer, .interrupted(by: "SIGTERM"),
    ])
    func goesOnWhenTheNewServerDoesNotComeUp(_ event: UpgradeEvent) {
        var policy = policy(.requested)
        let actions = policy.handle(event, at: Self.limitNs)
        if case .notStarted = event { #expect(acts(actions).isEmpty) } else { #expect(acts(actions) == [.kill]) }
        #expect(actions.count { if case .warn = $0 { true } else { false } } == 1, "one line says why")
        _ = policy.handle(.ended("SIGKILL"), at: 0)
        #expect(policy.phase == .idle)
        #expect(policy.handle(.requested, at: 0) == [.start], "the next is welcome")
    }

    @Test(arguments: [
        UpgradeEvent.ended("exit status 1"), .probed(failure: "500"), .timer, .interrupted(by: "SIGHUP"),
    ])
    func goesOnWhenTheNewServerDoesNotAnswer(_ event: UpgradeEvent) {
        var policy = policy(.requested, .ready)
        #expect(acts(policy.handle(event, at: Self.limitNs)) == [.endProbe, .kill])
        #expect(acts(policy.handle(.probed(failure: nil), at: 0)).isEmpty, "it comes too late")
        _ = policy.handle(.ended("SIGKILL"), at: 0)
        #expect(policy.phase == .idle)
    }

    @Test func refusesASecondOne() {
        for events: [UpgradeEvent] in [[.requested], [.requested, .ready], [.requested, .timer]] {
            var policy = policy()
            for event in events { _ = policy.handle(event, at: Self.limitNs) }
            let before = policy.phase
            let actions = policy.handle(.requested, at: 0)
            #expect(actions.count == 1 && acts(actions).isEmpty && policy.phase == before)
        }
    }

    @Test func aTimerBeforeItsTimeMeansNothing() {
        var policy = policy(.requested)
        #expect(policy.handle(.timer, at: Self.limitNs - 1).isEmpty)
    }

    /// Whatever comes in whatever order: at most one new tree at a time, none handed over to without an answer, none
    /// left alive when it is given up.
    @Test func keepsItsPromisesUnderAnyOrderOfEvents() {
        var dice = SeededGenerator(seed: 4)
        let events: [UpgradeEvent] = [
            .requested, .started(processID: 1), .notStarted("x"), .ready, .probed(failure: nil),
            .probed(failure: "500"),
            .ended("x"), .interrupted(by: "SIGTERM"), .timer,
        ]
        for _ in 0..<20_000 {
            var policy = policy()
            var lives = false
            var isAsked = false
            var now: Int64 = 0
            for _ in 0..<12 {
                now += Int64.random(in: 0...600, using: &dice)
                guard let event = events.randomElement(using: &dice) else { continue }
                // What cannot be does not come.
                if !lives, case .ended = event { continue }
                if !isAsked, case .probed = event { continue }
                let wasWell = event == .probed(failure: nil)
                for action in policy.handle(event, at: now) {
                    switch action {
                    case .start:
                        #expect(!lives)
                        lives = true
                    case .probe: isAsked = true
                    case .endProbe: isAsked = false
                    case .kill: isAsked = false
                    case .handOver: #expect(lives && wasWell)
                    case .warn: break
                    }
                }
                if case .ended = event { lives = false }
                if case .notStarted = event, policy.phase == .idle { lives = false }
                if case .probed = event { isAsked = false }
                #expect(policy.phase != .idle || !lives, "\(event)")
                if let deadline = policy.nextDeadlineNs { #expect(deadline <= now + Self.limitNs) }
            }
        }
    }
}
