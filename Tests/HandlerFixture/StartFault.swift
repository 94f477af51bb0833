// Workers that die before they are ready, for as long as a file says so.
internal import LinuxSyscalls
internal import SystemPackage

/// A file that says which workers die: `all`, `odd` (those of every second slot), or the number of a slot. Without the
/// file none does, so removing it is the repair.
enum StartFault {
    static func strike(_ path: FilePath) {
        guard let fault = text(of: path) else { return }
        // The name of a worker ends with its slot: basehttpd-w3.
        let name = text(of: "/proc/self/comm") ?? ""
        let slot = name.split(separator: "w").last.flatMap { Int($0) } ?? 0
        if fault == "all" || fault == "odd" && slot % 2 == 1 || fault == "\(slot)" { CurrentProcess.exit(status: 1) }
    }

    private static func text(of path: FilePath) -> String? {
        guard let file = try? File.open(path, .readOnly),
            let bytes = try? File.read(file.rawValue, at: 0, count: 64)
        else { return nil }
        return String(decoding: bytes.filter { $0 != 10 }, as: UTF8.self)
    }
}
