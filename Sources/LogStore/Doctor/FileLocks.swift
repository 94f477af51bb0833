// Which processes hold which locks on a file, as the kernel tells in /proc/locks, and which have it open.
internal import Foundation
internal import LinuxSyscalls
internal import SystemPackage

/// A lock that a process holds.
struct FileLock: Equatable {
    /// What kind of call made it.
    enum Kind: String { case posix = "POSIX", flock = "FLOCK" }

    let kind: Kind
    /// Whether nobody else may hold it.
    let isExclusive: Bool
    /// The process; 0 or less: one of another container.
    let processID: Int32
    let inode: UInt64
    /// The first byte and the last; a lock on a whole file has none.
    let bytes: ClosedRange<Int64>?

    /// The locks that a text in the format of proc_locks(5) lists; who only waits for one is left out.
    static func all(_ text: String) -> [FileLock] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count >= 8, words[1] != "->", let kind = Kind(rawValue: String(words[1])),
                let processID = Int32(words[4]), let inode = words[5].split(separator: ":").last.flatMap({ UInt64($0) })
            else { return nil }
            let first = Int64(words[6])
            let last = words[7] == "EOF" ? Int64.max : Int64(words[7])
            guard let first, let last, first <= last else { return nil }
            return FileLock(
                kind: kind, isExclusive: words[3] == "WRITE", processID: processID, inode: inode,
                bytes: kind == .flock ? nil : first...last)
        }
    }

    /// The locks on a file now. Numbers of file systems differ between `stat` and this list on some of them (btrfs,
    /// overlays), so the file is known by its inode, and by being open in that process where this can be seen.
    static func all(on file: FilePath, _ holders: [FileHolder]) -> [FileLock] {
        guard let status = try? File.status(at: file), let text = ProcFile.text("/proc/locks") else { return [] }
        return all(text).filter { lock in
            guard lock.inode == status.inode else { return false }
            let holder = holders.first { $0.processID == lock.processID }
            return holder?.files.contains(file) ?? !FileHolder.canSee(lock.processID)
        }
    }
}

/// A process that has files of the log open.
struct FileHolder: Equatable {
    let processID: Int32
    /// As `ps` shows it.
    let command: String
    let files: Set<FilePath>

    /// The processes but this one that have one of the files open, as far as this user may see.
    static func all(of files: Set<FilePath>) -> [FileHolder] {
        let manager = FileManager.default
        let own = Foundation.ProcessInfo.processInfo.processIdentifier
        let numbers = (try? manager.contentsOfDirectory(atPath: "/proc"))?.compactMap { Int32($0) } ?? []
        return numbers.sorted().compactMap { number in
            guard number != own else { return nil }
            let folder = "/proc/\(number)/fd"
            let names = (try? manager.contentsOfDirectory(atPath: folder)) ?? []
            let open = Set(names.compactMap { File.linkTarget(of: FilePath("\(folder)/\($0)")) }).intersection(files)
            if open.isEmpty { return nil }
            return FileHolder(processID: number, command: command(of: number), files: open)
        }
    }

    /// Whether this user may see what a process has open.
    static func canSee(_ processID: Int32) -> Bool {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(processID)/fd")) != nil
    }

    /// The name of a process, as `ps` shows it.
    static func command(of processID: Int32) -> String {
        ProcFile.text(FilePath("/proc/\(processID)/comm")).map { String($0.prefix { $0 != "\n" }) } ?? "?"
    }
}

/// Files of /proc, whose size says nothing.
private enum ProcFile {
    static func text(_ path: FilePath) -> String? {
        guard let file = try? File.open(path, .readOnly) else { return nil }
        var bytes: [UInt8] = []
        while let some = try? DescriptorIO.read(from: file.rawValue, atMost: 65_536), !some.isEmpty { bytes += some }
        return String(decoding: bytes, as: UTF8.self)
    }
}
