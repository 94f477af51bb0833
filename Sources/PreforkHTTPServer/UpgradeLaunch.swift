// The old master's side of an upgrade: which program is started, with what, and how it is asked.
internal import BaseHTTPServer
internal import LinuxSyscalls
internal import Supervisor
internal import SystemPackage

/// Starts the program that this process was started from, as it lies there now, and asks it.
final class UpgradeLaunch {
    private let program: FilePath
    private let arguments: [[UInt8]]
    private let listeners: [Listener]
    private let path: String
    private let tree: UInt64
    private var privateAddress: SocketAddress?

    /// Remembers how this process was started; before its name is changed.
    ///
    /// - Parameter tree: as ``Inheritance/tree`` of this process.
    init(_ listeners: [Listener], probePath: String, tree: UInt64) {
        self.tree = tree
        let words = CurrentProcess.arguments
        arguments = Array(words.dropFirst())
        program = Self.resolve(String(decoding: words.first ?? [], as: UTF8.self))
        self.listeners = listeners
        path = probePath
    }

    /// The file that a name in a command line stands for. Not `/proc/self/exe`: that stays the old file, also when
    /// another has taken its place or a link leads elsewhere now.
    private static func resolve(_ name: String) -> FilePath {
        if name.contains("/") { return FilePath(name) }
        for directory in (CurrentProcess.environment("PATH") ?? "").split(separator: ":") {
            let path = FilePath(String(directory)).appending(name)
            if File.isExecutable(path) { return path }
        }
        return "/proc/self/exe"
    }

    var configuration: UpgradeConfiguration {
        UpgradeConfiguration(
            start: { (channel: CInt) throws(Errno) in try self.start(channel) }, probe: { self.probe() },
            describeFailure: { UpgradeProbe.describe($0, path: self.path) })
    }

    private func start(_ channel: CInt) throws(Errno) -> StartedProgram {
        let ownSocket = try ListeningSocket(.ipv4(0x7f00_0001, port: 0), backlog: 8)
        privateAddress = try ownSocket.localAddress()
        var launch = ProgramLaunch(program, input: 0, output: 1, error: 2)
        launch.arguments = arguments
        launch.environment =
            CurrentProcess.environmentEntries.filter { entry in
                let name = String(decoding: entry.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
                return !Inheritance.perishable.contains(name)
            } + [
                Array("\(Inheritance.variable)=\(listeners.count)".utf8),
                Array("\(Inheritance.treeVariable)=\(1 - tree)".utf8),
            ]
        launch.inheritedDescriptors = [channel, ownSocket.rawValue] + listeners.map { $0.socket.rawValue }
        return StartedProgram(try launch.start())
    }

    private func probe() -> Int32 {
        guard let privateAddress else { return UpgradeProbe.unreachable }
        return UpgradeProbe.ask(privateAddress, path: path)
    }
}
