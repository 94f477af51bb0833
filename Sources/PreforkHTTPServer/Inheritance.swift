// What the master of an upgrade gets from the master before it: the listening sockets, by number.
internal import BaseHTTPServer
internal import LinuxSyscalls
internal import SystemPackage

/// The descriptors that come with an upgrade: 3 is the channel, 4 a private socket for a first request, from 5 on those
/// of the public.
final class Inheritance {
    /// The sockets that both trees accept from.
    let listeners: [Listener]
    /// The socket that nobody knows but the old master; nil when it is not needed any more.
    var privateListener: Listener?
    /// What tells numbers of requests of this tree from those of the one before; see `RequestID`.
    let tree: UInt64

    /// The variable that holds the number of public sockets.
    static let variable = "BASEHTTP_UPGRADE"
    /// The variable that holds the tree's number, 0 or 1. An earlier release leaves it alone.
    static let treeVariable = "BASEHTTP_TREE"
    static let channel: CInt = 3
    private static let limit = 1_024

    /// The variables that must not reach the new program as they are: they name sockets or a process of this one.
    static let perishable: Set<String> = [
        variable, treeVariable, "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "WATCHDOG_PID",
    ]

    private init(_ sockets: [Listener], tree: UInt64) {
        self.tree = tree
        listeners = Array(sockets.dropFirst())
        privateListener = sockets[0]
    }

    /// Takes what was left for this process, once; nil when it was started by anybody else.
    ///
    /// - Throws: ``ServerError`` when the variable is set and the sockets are not there.
    static func take() throws(ServerError) -> Inheritance? {
        guard let text = CurrentProcess.environment(variable) else { return nil }
        // Programs that this one starts must not take it for theirs.
        let tree: UInt64 = CurrentProcess.environment(treeVariable) == "1" ? 1 : 0
        CurrentProcess.removeEnvironment(variable)
        CurrentProcess.removeEnvironment(treeVariable)
        func refusal(_ cause: String) -> ServerError {
            .system(
                operation: "take over sockets", subject: "\(variable)=\(text)",
                cause: "\(cause); only an upgrade sets it, so unset it")
        }
        guard let count = Int(text), (1...limit).contains(count) else { throw refusal("it is no number of sockets") }
        do throws(Errno) {
            try DescriptorIO.closeOnExec(channel)
        } catch {
            throw refusal("channel \(channel): \(error)")
        }
        var sockets: [Listener] = []
        for number in channel + 1...channel + 1 + CInt(count) {
            do throws(InheritedSocketError) {
                sockets.append(Listener(try ListeningSocket(adopting: number)))
            } catch {
                throw refusal("descriptor \(number): \(error)")
            }
        }
        return Inheritance(sockets, tree: tree)
    }
}
