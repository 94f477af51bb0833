// The sockets that a service manager hands over: what the environment says of them (sd_listen_fds(3)).
internal import Glibc

/// Descriptors with the numbers from 3 on that were opened for this process by who started it.
public struct SocketActivation: Equatable, Sendable {
    /// The first number (SD_LISTEN_FDS_START).
    public static let firstNumber: CInt = 3

    /// The name of each, in order of the numbers: `FileDescriptorName=` of a systemd socket unit; empty without names.
    public let names: [String]

    /// The number of each.
    public var numbers: [CInt] { names.indices.map { Self.firstNumber + CInt($0) } }

    /// More than a service manager would hand over.
    private static let limit = 1024

    /// The variables that tell of the sockets. `LISTEN_PIDFDID` is newer than the others and adds nothing to them here.
    private static let variables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"]

    /// What the environment of this process says, which then says it no more: what was opened for this process is
    /// nothing to its children. The C functions are `getenv` and `unsetenv`.
    ///
    /// - Returns: nil when nothing was handed over to this very process.
    /// - Throws: ``SocketActivationError`` for values that cannot be.
    public static func take() throws(SocketActivationError) -> SocketActivation? {
        let values = variables.map { CurrentProcess.environment($0) }
        for name in variables { unsafe unsetenv(name) }
        return try SocketActivation(
            listenPID: values[0], listenFDs: values[1], names: values[2], processID: CurrentProcess.processID)
    }

    /// Reads the values of `LISTEN_PID`, `LISTEN_FDS` and `LISTEN_FDNAMES`; nil when they are none of this process's.
    public init?(
        listenPID: String?, listenFDs: String?, names: String?, processID: Int32
    ) throws(SocketActivationError) {
        guard let listenPID else { return nil }
        guard let owner = Self.number(listenPID), owner > 0 else {
            throw SocketActivationError("LISTEN_PID", listenPID, mustBe: "a process number")
        }
        // Meant for a process before this one, which left its environment behind.
        guard owner == Int(processID), let listenFDs else { return nil }
        guard let count = Self.number(listenFDs), count <= Self.limit else {
            throw SocketActivationError("LISTEN_FDS", listenFDs, mustBe: "a number from 0 to \(Self.limit)")
        }
        if count == 0 { return nil }
        let list = names?.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard list == nil || list?.count == count else {
            throw SocketActivationError("LISTEN_FDNAMES", names ?? "", mustBe: "\(count) names with colons between")
        }
        self.names = list ?? [String](repeating: "", count: count)
    }

    /// Decimal digits and nothing else, no sign.
    private static func number(_ text: String) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }
}

/// A variable of socket activation that cannot be understood.
public struct SocketActivationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The variable, its value, and what it must be.
    public let description: String

    init(_ variable: String, _ value: String, mustBe what: String) {
        description = "\(variable) is '\(value)' but must be \(what)"
    }
}
