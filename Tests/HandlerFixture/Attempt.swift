// What a handler that was taken over would try: files, sockets, programs, signals. A sandbox must stop it.
internal import BaseHTTPServer
internal import LinuxSyscalls
internal import PreforkHTTPServer
internal import SystemPackage

/// Deeds by name, and how they end: `done`, or what the kernel says.
enum Attempt {
    /// Sets the sandbox that the environment asks for: `FIXTURE_SANDBOX` is serve-only, handlers or programs,
    /// `FIXTURE_DIRECTORY` is served, `FIXTURE_WRITABLE` may be written, too, and large bodies lie in
    /// `FIXTURE_TEMPORARY`.
    static func confine(_ configuration: inout PreforkConfiguration) {
        guard let kind = CurrentProcess.environment("FIXTURE_SANDBOX") else { return }
        let writable = CurrentProcess.environment("FIXTURE_WRITABLE") ?? ""
        configuration.server.directory = CurrentProcess.environment("FIXTURE_DIRECTORY") ?? "."
        configuration.server.temporaryDirectory = CurrentProcess.environment("FIXTURE_TEMPORARY") ?? "/tmp"
        switch kind {
        case "serve-only": configuration.confinement.sandbox = .serveOnly
        case "handlers":
            configuration.confinement.sandbox = Sandbox(
                .handlers(readable: [], writable: [writable], usesNetwork: true))
        default: configuration.confinement.sandbox = Sandbox(.programs)
        }
    }

    static func outcome(of name: String) -> String {
        let parts = name.split(separator: "?", maxSplits: 1).map(String.init)
        let path = FilePath(parts.count == 2 ? parts[1] : "")
        do {
            switch parts.first {
            case "read": _ = try File.open(path, .readOnly)
            case "write": _ = try File.open(path, .writeOnly, options: [.create])
            case "spool": _ = try File.openUnnamed(in: path)
            case "remove": try File.remove(path)
            case "list": _ = try Directory(path).entries()
            case "socket": _ = try ListeningSocket(.ipv4(0x7f00_0001, port: 0), backlog: 1)
            case "run": try run(path)
            case "signal-master": try Signal(rawValue: 0).send(to: CurrentProcess.parentProcessID)
            case "root": try CurrentProcess.changeRoot(to: path)
            default: return "unknown"
            }
            return "done"
        } catch {
            return (error as? Errno).map { "errno \($0.rawValue)" } ?? "\(error)"
        }
    }

    private static func run(_ path: FilePath) throws {
        let null = try File.open("/dev/null", .readWrite)
        let child = try ProgramLaunch(path, input: null.rawValue, output: null.rawValue, error: null.rawValue).start()
        while try child.collect() == nil {}
    }
}
