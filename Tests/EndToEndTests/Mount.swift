// Small file systems in memory, for disks that are full or read-only.
import LinuxSyscalls
import SystemPackage
import TestSupport

/// Small file systems in memory.
enum Mount {
    static let isPossible: Bool = {
        guard let directory = try? TemporaryDirectory() else { return false }
        defer { try? directory.close(keep: false) }
        guard (try? mount(directory.path, "size=1m")) != nil else { return false }
        unmount(directory.path)
        return true
    }()

    static func mount(_ directory: FilePath, _ options: String) throws {
        let finished = try RunningProgram.run(
            "/bin/mount", ["-t", "tmpfs", "-o", options, "tmpfs", directory.string])
        guard finished.end == .exited(status: 0) else { throw TestFailure(finished.standardError) }
    }

    static func unmount(_ directory: FilePath) {
        _ = try? RunningProgram.run("/bin/umount", ["-l", directory.string])
    }
}
