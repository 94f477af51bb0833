// The command export: requests in formats that other programs load, all of them or those since the last time.
import ArgumentParser
import LogStore
import SystemPackage

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        subcommand: "export", abstract: "Writes requests for other programs.",
        discussion: """
            Writes every request of the span (of all time, unless one is given) that meets the conditions, the oldest \
            first, with the columns of \
            the view requests, which `httpstats schema` lists, and `source`, the name of the machine: as combined \
            lines, JSON Lines, CSV or Parquet. Several logs are written as one; `source` tells which a row is of.

            --since-cursor FILE ships what is new since the last time, each row exactly once, for cron: FILE says how \
            far it came, and moves on when the output is complete. -o names a directory then, and each shipment is a \
            file of its own in it; one that was interrupted is made again under the same name. Nothing new is no \
            error. Rows of imports are shipped too, whatever their time.
              httpstats export --format parquet --since-cursor /var/lib/basehttpd/shipped -o /srv/outbox/
            """)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The access log (default: \(LogStoreLocation.defaultPath())). May be given several times.",
            valueName: "file"))
    var db: [String] = []

    @Option(name: .long, help: "combined, ndjson, csv or parquet.")
    var format: ExportFormat = .combined

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where to write; named when it is complete (default: standard output).", valueName: "file"))
    var output: String?

    @Option(name: .long, help: ArgumentHelp("Only what is new; the file says how far it came.", valueName: "file"))
    var sinceCursor: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The column source, once for each --db (default: the name of this machine; of several logs, each --db).",
            valueName: "name"))
    var source: [String] = []

    @OptionGroup var selectionOptions: SelectionOptions

    func validate() throws {
        if sinceCursor != nil, selectionOptions.hasSpan {
            throw ValidationError("--since-cursor ships all that is new; leave the options of a span out")
        }
        if sinceCursor != nil, db.count > 1 {
            throw ValidationError(
                "a cursor is of one log; run export once for each --db, with a --since-cursor of its own")
        }
        if !source.isEmpty, source.count != max(1, db.count) {
            throw ValidationError("--source is given once for each --db, in their order, or not at all")
        }
    }

    func run() throws {
        let readers = try CommonOptions.openReaders(
            db.isEmpty ? [LogStoreLocation.defaultPath()] : db.map { FilePath($0) })
        let sources = source.isEmpty ? db.count > 1 ? db : [LogExporter.defaultSource] : source
        let filter = try selectionOptions.filter()
        if let sinceCursor {
            let shipment = try LogShipment(
                readers[0], format: format, source: sources[0], filter: filter, cursor: FilePath(sinceCursor))
            let result = try shipment.run(to: target)
            if let path = result.path { print(path.string) }
            return
        }
        let logs = zip(readers, sources).map { (reader: $0, source: $1) }
        let exporter = FleetExporter(logs, format: format, filter: filter)
        let span = try selectionOptions.span(otherwise: nil)
        let rows =
            if let output {
                try exporter.run(span, to: OutputFile(FilePath(output)))
            } else {
                try exporter.run(span) { try StandardOutput.write($0) }
            }
        if rows == 0 {
            printError("no requests to export")
            throw ExitCode(3)
        }
    }

    private var target: ShipmentTarget {
        output.map { ShipmentTarget(path: FilePath($0)) } ?? .stream { try StandardOutput.write($0) }
    }
}
