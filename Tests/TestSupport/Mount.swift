// Small file systems in memory, for disks that are full or read-only.
internal import LinuxSyscalls
public import SystemPackage

/// Small file systems in memory.
public enum Mount {
    /// Whether this process may mount one.
    public static let isPossible: Bool = {
        guard let directory = try? TemporaryDirectory() else { return false }
        defer { try? directory.close(keep: false) }
        guard (try? mount(directory.path, "size=1m")) != nil else { return false }
        unmount(directory.path)
        return true
    }()

    /// Mounts one, with options of tmpfs.
    public static func mount(_ directory: FilePath, _ options: String) throws {
        let finished = try RunningProgram.run(
            "/bin/mount", ["-t", "tmpfs", "-o", options, "tmpfs", directory.string])
        guard finished.end == .exited(status: 0) else { throw TestFailure(finished.standardError) }
    }

    /// Takes it away, also when somebody still uses it.
    public static func unmount(_ directory: FilePath) {
        _ = try? RunningProgram.run("/bin/umount", ["-l", directory.string])
    }
}
