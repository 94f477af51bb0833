// The scripts of a loop: their time limits, and their end with the loop.
internal import LinuxSyscalls
internal import SystemPackage

extension EventLoop {
    /// The longest that a stopping server waits for scripts that were told to end; then they are killed.
    private static let endTimeNs: Int64 = 2_000_000_000

    /// Keeps a script until ``remove(_:)-(Script)``.
    func add(_ script: Script) {
        scripts.append(script)
        note(dueNs: script.dueNs)
    }

    func remove(_ script: Script) {
        scripts.removeAll { $0 === script }
    }

    /// A script has to be looked at by then.
    func note(dueNs: Int64) {
        scriptsDueNs = min(scriptsDueNs, dueNs)
    }

    /// Ends those whose time is up. They are few, so all are looked at.
    func expireScripts() {
        for script in scripts where script.dueNs <= nowNs { script.timeIsUp() }
        scriptsDueNs = scripts.reduce(.max) { min($0, $1.dueNs) }
    }

    /// Ends all scripts: tells them to, and kills those that do not.
    func endScripts() {
        for script in scripts { script.terminate() }
        waitForScripts(ns: Self.endTimeNs)
        for script in scripts { script.kill() }
        waitForScripts(ns: Self.endTimeNs)
    }

    private func waitForScripts(ns: Int64) {
        let endNs = readClock() + ns
        while !scripts.isEmpty, nowNs < endNs {
            do throws(Errno) {
                try turn(timeoutMs: Int((endNs - nowNs) / 1_000_000) + 1)
            } catch {
                return
            }
        }
    }
}
