// Sudden deaths while a load runs.
import LinuxSyscalls
import SystemPackage
import TestSupport

/// Kills a process at intervals, as the hook of a load. Looking through /proc holds the load up for long enough that
/// the server has nothing left to do, so the victim is chosen half an interval before it dies, in full work.
struct Killer {
    let halfIntervalMs: Int
    private(set) var killed: [Int32] = []
    private var victim: Int32?

    init(intervalMs: Int) {
        halfIntervalMs = intervalMs / 2
    }

    mutating func turn(_ choose: () -> RunningProcess?) throws {
        guard let chosen = victim else {
            victim = choose()?.id
            return
        }
        victim = nil
        do {
            try Signal.kill.send(to: chosen)
            killed.append(chosen)
        } catch Errno.noSuchProcess {
            // It was dying of the kill before when it was chosen.
        }
    }
}
