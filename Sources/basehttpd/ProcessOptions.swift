// The options of the processes and of what they may do: on the command line, in the configuration file, and checked.
import ArgumentParser
import BaseHTTPServer
import PreforkHTTPServer

/// What `basehttpd --help` shows of the processes.
struct ProcessArguments: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "User that workers and log writer become, by name or number, perhaps with :GROUP. (default: who starts it)",
            valueName: "user"))
    var user: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Their primary group. (default: the user's own)", valueName: "group"))
    var group: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Root directory of the workers; --directory and --temporary-directory are paths in it. (default: none)",
            valueName: "directory"))
    var chroot: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Permissions that new files do not get, in octal digits. (default: who starts it says)", valueName: "mask"))
    var umask: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            """
            Limit of each worker: as, core, cpu, data, fsize, memlock, nofile, nproc or stack, as in nofile=4096; may \
            be given again.
            """, valueName: "name=soft[:hard]"))
    var rlimit: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            """
            Whether the kernel keeps workers and log writer from files, connections and system calls that they do not \
            need: auto, require or off. (default: auto)
            """, valueName: "mode"))
    var sandbox: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where nameless files of large bodies lie while they are needed. (default: /tmp)", valueName: "directory"))
    var temporaryDirectory: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "File that holds the number of the master while it runs, and refuses a second one. (default: none)",
            valueName: "file"))
    var pidFile: String?
}

/// The same from both places, the command line first.
struct ProcessOptions: Decodable {
    private var user: NumberOrWord?
    private var group: NumberOrWord?
    private var chroot: String?
    private var umask: NumberOrWord?
    private var rlimit: OneOrMore?
    private var sandbox: String?
    private var temporaryDirectory: String?
    private var pidFile: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case user, group, chroot, umask, rlimit, sandbox
        case temporaryDirectory = "temporary-directory"
        case pidFile = "pid-file"
    }

    init() {}

    mutating func override(by arguments: ProcessArguments) {
        user = arguments.user.map(NumberOrWord.init) ?? user
        group = arguments.group.map(NumberOrWord.init) ?? group
        chroot = arguments.chroot ?? chroot
        umask = arguments.umask.map(NumberOrWord.init) ?? umask
        if !arguments.rlimit.isEmpty { rlimit = OneOrMore(values: arguments.rlimit) }
        sandbox = arguments.sandbox ?? sandbox
        temporaryDirectory = arguments.temporaryDirectory ?? temporaryDirectory
        pidFile = arguments.pidFile ?? pidFile
    }

    /// - Throws: ``OptionError`` for the first option that cannot be.
    func apply(to configuration: inout PreforkConfiguration, runsScripts: Bool) throws {
        var confinement = Confinement()
        confinement.user = try named(user?.text, "user")
        confinement.group = try named(group?.text, "group")
        confinement.rootDirectory = try named(chroot, "chroot")
        if let umask {
            guard let mask = UInt32(umask.text, radix: 8), mask <= 0o777 else {
                throw OptionError("umask", mustBe: "octal digits from 0 to 777")
            }
            confinement.fileModeMask = mask
        }
        confinement.limits = rlimit?.values ?? []
        guard let mode = Sandbox.Mode(rawValue: sandbox ?? "auto") else {
            throw OptionError("sandbox", mustBe: "auto, require or off")
        }
        // Scripts are programs of the operator, who knows what they open.
        confinement.sandbox = Sandbox(runsScripts ? .programs : .serveOnly, mode: mode)
        configuration.confinement = confinement
        if let directory = try named(temporaryDirectory, "temporary-directory") {
            configuration.server.temporaryDirectory = directory
        }
        configuration.pidFile = try named(pidFile, "pid-file")
    }

    private func named(_ text: String?, _ option: String) throws -> String? {
        if text == "" || text?.contains("\0") == true { throw OptionError(option, mustBe: "a name that is not empty") }
        return text
    }
}
