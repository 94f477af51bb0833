// How many processors this process may really use: its affinity, cut by the quota of its control group.
internal import CLinux
internal import Glibc
internal import SystemPackage

/// The processors at hand.
public enum Processors {
    /// Processors this process may run on, cut down to the CPU quota of its control group, at least 1.
    public static func available() -> Int {
        let allowed = max(1, Int(clinux_processor_count()))
        guard let quota = quota() else { return allowed }
        return max(1, min(allowed, quota))
    }

    /// The quota in whole processors, rounded up, from `cpu.max` (control groups version 2); nil when there is none.
    static func quota() -> Int? {
        guard let membership = SmallFile.text(of: "/proc/self/cgroup") else { return nil }
        for line in membership.split(separator: "\n") where line.hasPrefix("0::") {
            guard let limit = SmallFile.text(of: FilePath("/sys/fs/cgroup" + line.dropFirst(3)).appending("cpu.max"))
            else {
                continue
            }
            return quota(fromLimit: limit)
        }
        return nil
    }

    /// Reads `cpu.max`: `QUOTA PERIOD` in microseconds, or `max PERIOD`.
    static func quota(fromLimit text: String) -> Int? {
        let parts = text.split(whereSeparator: \.isWhitespace)
        guard parts.count == 2, let quota = Int(parts[0]), let period = Int(parts[1]), period > 0, quota > 0 else {
            return nil
        }
        return (quota + period - 1) / period
    }
}
