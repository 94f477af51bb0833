// The command doctor: what is wrong with the log, and what to do about it.
import ArgumentParser
import Dispatch
import LogStore
import SystemPackage

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        subcommand: "doctor", abstract: "Looks the log over: database, write-ahead log, readers, writer, rings, disk.",
        discussion: """
            A line for each thing it looks at, with what to do about it: schema; integrity (SQLite's quick_check, or \
            integrity_check with --full, for at most --timeout, 10 s unless given); size of the write-ahead log and \
            pages that are not in the database yet; readers that hold a snapshot, which keeps the write-ahead log from \
            shrinking, by command and process id; the log writer; records that wait for it; how full the rings are; \
            requests and messages that were lost; free space; permissions. Processes of other users are seen by root \
            alone. It only reads, and takes about a second.
            Exit status: 0 when all is well, 1 when something is wrong.
            """)
    @OptionGroup var common: CommonOptions

    @Flag(name: .long, help: "Compare every index with its table too, which takes longer.")
    var full = false

    /// Between the two looks at the readers, so that one in a short transaction is not taken for one that hangs.
    private static let pause = DispatchTimeInterval.milliseconds(500)

    func run() throws {
        try Output.begin()
        Waiting.begin(try common.path.string)
        let timeout = common.timeout ?? 10
        let findings = try Doctor(try common.path).examine(isFull: full) { interrupt in
            _ = DispatchSemaphore(value: 0).wait(timeout: .now() + Self.pause)
            DispatchQueue.global().asyncAfter(
                deadline: .now() + timeout, execute: DispatchWorkItem { interrupt() })
        }
        var formatter = common.formatter()
        formatter.write(.doctor(findings))
        guard try flush(&formatter) else { return }
        if findings.contains(where: \.isWrong) { throw ExitCode(1) }
    }
}
