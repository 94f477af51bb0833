// How many processors this process may really use: its affinity, cut by the quotas of its control groups.
internal import CLinux
internal import Glibc
internal import SystemPackage

/// The processors at hand.
public enum Processors {
    /// Processors this process may run on, cut down to the CPU quota of its control group and those above it, at least
    /// 1. Part of a processor counts as one more: 1.5 are 2.
    public static func available() -> Int {
        let allowed = max(1, Int(clinux_processor_count()))
        guard let quota = quota() else { return allowed }
        return max(1, min(allowed, quota))
    }

    /// The least quota in whole processors, rounded up, of both versions of control groups; nil when there is none.
    static func quota() -> Int? {
        guard let membership = SmallFile.text(of: "/proc/self/cgroup"),
            let mounts = SmallFile.text(of: "/proc/self/mountinfo")
        else {
            return nil
        }
        return quota(membership: membership, mounts: mounts, read: SmallFile.text(of:))
    }

    /// The same from what `/proc/self/cgroup` and `/proc/self/mountinfo` say (cgroups(7), proc_pid_mountinfo(5)).
    ///
    /// - Parameter read: the text of a file beneath a mount; nil when it is not there.
    static func quota(membership: String, mounts: String, read: (FilePath) -> String?) -> Int? {
        var least: Int?
        for line in membership.split(separator: "\n") {
            // `0::/path` in version 2, `4:cpu,cpuacct:/path` in version 1.
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let isVersion2 = parts[1].isEmpty
            if !isVersion2, !parts[1].split(separator: ",").contains("cpu") { continue }
            guard let mount = CgroupMount(isVersion2: isVersion2, in: mounts) else { continue }
            for place in mount.directories(of: String(parts[2])) {
                let limit =
                    isVersion2
                    ? read(place.appending("cpu.max")).flatMap(quota(fromLimit:))
                    : quota(
                        fromLimit: "\(read(place.appending("cpu.cfs_quota_us")) ?? "") "
                            + (read(place.appending("cpu.cfs_period_us")) ?? ""))
                if let limit { least = min(limit, least ?? limit) }
            }
        }
        return least
    }

    /// Reads `QUOTA PERIOD` in microseconds; a quota of `max` (version 2) or -1 (version 1) is none.
    static func quota(fromLimit text: String) -> Int? {
        let parts = text.split(whereSeparator: \.isWhitespace)
        guard parts.count == 2, let quota = Int(parts[0]), let period = Int(parts[1]), period > 0, quota > 0 else {
            return nil
        }
        return quota / period + (quota % period == 0 ? 0 : 1)
    }
}

/// Where a hierarchy of control groups is mounted.
private struct CgroupMount {
    /// The group that is seen at ``place``: `/`, or a group that is handed to a container.
    let root: String
    let place: FilePath

    /// The first mount of version 2, or of the cpu controller of version 1.
    init?(isVersion2: Bool, in mounts: String) {
        for line in mounts.split(separator: "\n") {
            // 36 35 98:0 /root /place options … - type source options
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count > 8, let dash = parts[6...].firstIndex(of: "-"), parts.count > dash + 3 else { continue }
            let isWanted =
                isVersion2
                ? parts[dash + 1] == "cgroup2"
                : parts[dash + 1] == "cgroup" && parts[dash + 3].split(separator: ",").contains("cpu")
            if isWanted {
                root = String(parts[3])
                place = FilePath(String(parts[4]))
                return
            }
        }
        return nil
    }

    /// The directory of a group and those of all groups above it that can be seen.
    func directories(of group: String) -> [FilePath] {
        var relative = FilePath(group)
        // In a container the group may be named from the machine's point of view; `..` leads out of what is seen.
        if root != "/", !relative.removePrefix(FilePath(root)) { relative = "/" }
        var names = relative.components.map(\.string)
        if names.contains("..") { names = [] }
        return (0...names.count).map { count in names.prefix(count).reduce(place) { $0.appending($1) } }
    }
}
