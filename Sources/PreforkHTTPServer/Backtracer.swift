// What Swift's backtracer must be allowed: a program of its own, which the process that traps starts.
internal import LinuxSyscalls
internal import SystemPackage

/// The program that prints the frames of a Swift program that trapped. It lies beside the run-time library.
enum Backtracer {
    /// Whether the environment leaves it on (`SWIFT_BACKTRACE=enable=no` switches it off).
    static var isOn: Bool {
        let settings = CurrentProcess.environment("SWIFT_BACKTRACE")?.lowercased() ?? ""
        return !["enable=no", "enable=off", "enable=false"].contains(where: settings.contains)
    }

    /// Its own files, the libraries, and what the kernel says of the process that traps.
    ///
    /// - Parameter mapped: what ``mappedFiles()`` has found.
    static func paths(_ mapped: [FilePath]) -> [(FileAccess, FilePath)] {
        var roots = CurrentProcess.environment("SWIFT_ROOT").map { [FilePath($0)] } ?? []
        for path in mapped where path.lastComponent?.string == "libswiftCore.so" {
            // …/lib/swift/linux/libswiftCore.so
            roots.append((0..<4).reduce(path) { place, _ in place.removingLastComponent() })
        }
        if let own = mapped.first {
            // Linked statically: beside the program, or above it.
            roots += [own.removingLastComponent(), own.removingLastComponent().removingLastComponent()]
        }
        var paths: [(FileAccess, FilePath)] = []
        for root in roots {
            paths.append(([.read, .execute], root.appending("libexec/swift")))
            paths.append((.read, root.appending("lib/swift")))
        }
        paths += ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/etc/os-release", "/proc"].map {
            (.read, FilePath($0))
        }
        // The dynamic loader is what the kernel executes for it.
        paths += ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"].map { (.execute, FilePath($0)) }
        return paths
    }

    /// The files that are mapped into this process, the program first (proc_pid_maps(5)).
    static func mappedFiles() -> [FilePath] {
        guard let file = try? File.open("/proc/self/maps", .readOnly) else { return [] }
        var text: [UInt8] = []
        while let more = try? DescriptorIO.read(from: file.rawValue, atMost: 65_536), !more.isEmpty { text += more }
        var seen = Set<FilePath>()
        return text.split(separator: 10).compactMap { line in
            guard let slash = line.firstIndex(of: 47) else { return nil }
            let path = FilePath(bytes: Array(line[slash...]))
            return seen.insert(path).inserted ? path : nil
        }
    }
}
