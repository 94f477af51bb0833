// The processors at hand: affinity cut by the quotas of the control groups.
import SystemPackage
import TestSupport
import Testing

@testable import LinuxSyscalls

struct ProcessorsTests {
    @Test(
        arguments: [
            ("max 100000\n", nil), ("200000 100000\n", 2), ("150000 100000\n", 2), ("50000 100000\n", 1),
            ("", nil), ("100000", nil), ("0 100000", nil), ("100000 0", nil), ("-1 100000", nil), ("x y", nil),
            ("\(Int.max) 1000", Int.max / 1000 + 1),
        ] as [(String, Int?)])
    func readsAQuota(text: String, expected: Int?) {
        #expect(Processors.quota(fromLimit: text) == expected)
    }

    @Test func thereIsAtLeastOne() {
        #expect((1...8192).contains(Processors.available()))
    }

    private static let version2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n"
    private static let version1 = """
        31 30 0:27 / /sys/fs/cgroup/cpuset rw shared:5 - cgroup cgroup rw,cpuset
        32 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:6 shared:7 - cgroup cgroup rw,cpu,cpuacct

        """

    private func quota(_ membership: String, _ mounts: String, _ files: [FilePath: String]) -> Int? {
        Processors.quota(membership: membership, mounts: mounts) { files[$0] }
    }

    @Test func quota_leastOnThePathCounts() {
        let files: [FilePath: String] = [
            "/sys/fs/cgroup/a/cpu.max": "150000 100000\n", "/sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
            "/sys/fs/cgroup/a/b/c/cpu.max": "400000 100000\n", "/sys/fs/cgroup/d/cpu.max": "100000 100000\n",
        ]
        #expect(quota("0::/a/b/c\n", Self.version2, files) == 2)
        #expect(quota("0::/\n", Self.version2, files) == nil)
        #expect(quota("0::/d\n", Self.version2, files) == 1)
    }

    @Test func quota_ofVersion1() {
        let place: FilePath = "/sys/fs/cgroup/cpu,cpuacct"
        let files: [FilePath: String] = [
            place.appending("cpu.cfs_quota_us"): "-1\n", place.appending("cpu.cfs_period_us"): "100000\n",
            place.appending("x/cpu.cfs_quota_us"): "250000\n", place.appending("x/cpu.cfs_period_us"): "100000\n",
            // The least of both versions counts.
            "/sys/fs/cgroup/cpu.max": "500000 100000\n",
        ]
        let mounts = Self.version1 + Self.version2
        #expect(quota("5:cpuset:/x\n4:cpu,cpuacct:/x\n0::/\n", mounts, files) == 3)
        #expect(quota("5:cpuset:/x\n4:cpu,cpuacct:/\n0::/\n", mounts, files) == 5)
    }

    @Test func quota_ofAContainer() {
        let mount = "30 23 0:26 /docker/77 /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n"
        let files: [FilePath: String] = [
            "/sys/fs/cgroup/cpu.max": "200000 100000", "/sys/fs/cgroup/in/cpu.max": "100000 100000",
        ]
        #expect(quota("0::/docker/77/in\n", mount, files) == 1)
        #expect(quota("0::/docker/77\n", mount, files) == 2)
        #expect(quota("0::/elsewhere\n", mount, files) == 2)
        #expect(quota("0::/../..\n", Self.version2, files) == 2)
    }

    @Test(arguments: ["", "\n", "0", "0:", "::", "x:cpu:", "\0", "1 2 3 4 5 6 7 - cgroup2", "4:cpu:/"])
    func quota_ofNonsense(text: String) {
        #expect(quota(text, text, [:]) == nil)
        #expect(quota(text, Self.version2, [:]) == nil)
    }

    /// A real control group without a quota of its own in one that has.
    @Test(.enabled(if: CgroupOfTest.place != nil, "no cpu control group can be made here"))
    func quota_ofARealGroup() throws {
        let group = try #require(CgroupOfTest(quota: 100_000))
        defer { group.remove() }
        let shell = try RunningProgram.run(
            "/bin/sh", ["-c", "echo $$ > \(group.path)/cgroup.procs && cat /proc/self/cgroup"])
        #expect(shell.end == .exited(status: 0), "\(shell.standardError)")
        let mounts = try #require(text(of: "/proc/self/mountinfo"))
        let quota = Processors.quota(membership: shell.standardOutput, mounts: mounts, read: text)
        #expect(quota == 1)
    }

    private func text(of path: FilePath) -> String? {
        guard let file = try? File.open(path, .readOnly) else { return nil }
        return (try? DescriptorIO.read(from: file.rawValue, atMost: 65_536)).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Two nested control groups, the outer one with a quota of processor time, for a test.
private struct CgroupOfTest {
    /// The innermost one.
    let path: FilePath
    private let groups: [FilePath]

    /// Where such groups can be made: the cpu controller of version 1.
    static let place: FilePath? = {
        let place: FilePath = "/sys/fs/cgroup/cpu"
        guard (try? File.status(at: place.appending("cpu.cfs_quota_us"))) != nil,
            (try? File.open(place.appending("cpu.shares"), .writeOnly)) != nil
        else { return nil }
        return place
    }()

    init?(quota: Int) {
        guard let place = Self.place else { return nil }
        let outer = place.appending("basehttp-test-\(CurrentProcess.processID)")
        path = outer.appending("inner")
        groups = [outer, path]
        guard (try? File.makeDirectories(path, permissions: .ownerReadWriteExecute)) != nil,
            let file = try? File.open(outer.appending("cpu.cfs_quota_us"), .writeOnly),
            (try? DescriptorIO.writeAll("\(quota)", to: file.rawValue)) != nil
        else { return nil }
    }

    func remove() {
        for group in groups.reversed() { _ = try? RunningProgram.run("/bin/rmdir", [group.string]) }
    }
}
