// Prints a finished report, or says that it has nothing to say.
import ArgumentParser
import LogStore

extension CommonOptions {
    /// Opens the logs, makes a report, and prints it with what the logs lack of its span.
    func print(_ make: (LogFleet) throws -> Report) throws {
        let fleet = try openFleet()
        var report = try make(fleet)
        report.losses = try fleet.losses(report.span)
        try print(report)
    }

    /// Prints a report; an empty one ends with status 3, and in a table without a word on standard output.
    func print(_ report: Report) throws {
        var formatter = formatter()
        if !report.isEmpty || format != .table {
            formatter.write(report)
            guard try flush(&formatter) else { return }
        }
        if report.isEmpty {
            printError(emptiness(of: report))
            throw ExitCode(3)
        }
    }

    /// Why a report is empty.
    func emptiness(of report: Report) -> String {
        let newest = report.newestUs.map { "the newest request is of \(ISOTime.text(us: $0))" }
        let since = report.span.sinceUs.map { " since \(ISOTime.text(us: $0))" } ?? ""
        return "no rows\(since) for \(report.name), or none that meets the conditions; "
            + (newest ?? "the log holds no request yet")
    }
}
