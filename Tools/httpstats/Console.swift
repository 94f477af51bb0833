// Writes to the two outputs; a reader that has gone away is the quiet end of the program.
import ArgumentParser
import LogStore
import SystemPackage

/// Writes what a formatter holds ready.
///
/// - Returns: Whether anybody still reads.
func flush(_ formatter: inout any ReportFormatter) throws -> Bool {
    let bytes = formatter.takeOutput()
    do {
        return try bytes.isEmpty || StandardOutput.write(bytes)
    } catch let error as Errno {
        printError("cannot write the report: \(error)")
        throw ExitCode(4)
    }
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
    // A closed standard error leaves nobody to tell.
    _ = try? FileDescriptor.standardError.writeAll(Array(((isWhole ? "" : "httpstats: ") + text + "\n").utf8))
}
