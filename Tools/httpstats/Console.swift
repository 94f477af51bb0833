// Writes to the two outputs, or to a file in place of the first; a reader that has gone away is the quiet end of the
// program.
import ArgumentParser
import LogStore
import Synchronization
import SystemPackage

/// Where reports go.
enum Output {
    private struct State {
        /// What `--output` names; `nil`: standard output.
        var path: FilePath?
        var file: OutputFile?
        var isEmpty = true
    }

    /// Shared with the thread that sees Ctrl-C.
    private static let state = Mutex(State())

    /// From now on reports go into a file.
    static func choose(_ path: FilePath) {
        state.withLock { $0.path = path }
    }

    /// Begins the file if one was chosen: before the work, as a place that cannot be written is best known then.
    static func begin() throws {
        try state.withLock { state in
            if let path = state.path, state.file == nil { state.file = try OutputFile(path) }
        }
    }

    /// Writes bytes.
    ///
    /// - Returns: Whether anybody still reads.
    static func write(_ bytes: [UInt8]) throws -> Bool {
        Waiting.end()
        try begin()
        if bytes.isEmpty { return true }
        let file = state.withLock { state in
            state.isEmpty = false
            return state.file
        }
        if let file {
            try file.write(bytes)
            return true
        }
        do {
            return try StandardOutput.write(bytes)
        } catch let error as Errno {
            printError("cannot write the report: \(error)")
            throw ExitCode(4)
        }
    }

    /// The report is whole: a file gets its name, unless it came to an end without a word.
    static func finish(evenIfEmpty: Bool) throws {
        if !evenIfEmpty, state.withLock({ $0.isEmpty }) { return abandon() }
        try state.withLock { state in
            try state.file?.finish()
            state = State()
        }
    }

    /// Nothing came of the report: nothing stays of a file.
    static func abandon() {
        state.withLock { state in
            state.file?.abandon()
            state = State()
        }
    }
}

/// Writes what a formatter holds ready.
///
/// - Returns: Whether anybody still reads.
func flush(_ formatter: inout any ReportFormatter) throws -> Bool {
    if let refusal = formatter.refusal {
        printError(refusal)
        throw ExitCode(2)
    }
    return try Output.write(formatter.takeOutput())
}

/// A line on standard error that is written over again and again; nothing where nobody watches.
final class ProgressLine {
    private var width = 0

    /// Shows a text in the place of the last one.
    func show(_ text: String) {
        guard OutputStyle.isStandardErrorTerminal else { return }
        let padding = String(repeating: " ", count: max(0, width - text.count))
        width = text.count
        _ = try? FileDescriptor.standardError.writeAll(Array(("\r" + text + padding).utf8))
    }

    /// Leaves the line empty.
    func end() {
        if width > 0 { _ = try? FileDescriptor.standardError.writeAll(Array("\r\u{1b}[K".utf8)) }
    }
}

/// Writes a line to standard error, with the program's name unless it is whole already.
func printError(_ text: String, isWhole: Bool = false) {
    Waiting.end()
    // A closed standard error leaves nobody to tell.
    _ = try? FileDescriptor.standardError.writeAll(Array(((isWhole ? "" : "httpstats: ") + text + "\n").utf8))
}
