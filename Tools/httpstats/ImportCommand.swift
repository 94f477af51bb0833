// The command import: brings in the logs of other servers.
import ArgumentParser
import LogLines
import LogStore

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        subcommand: "import", abstract: "Brings the logs of other servers into the database.",
        discussion: """
            Reads the lines of access logs, plain or compressed by gzip, zstd, bzip2 or xz, and makes each a request. \
            Importing a file again, under any name, compressed or not, counts nothing twice: its content is known by \
            its bytes; a file that has grown is read from where it ended. Lines of before 2020, where keys begin, and \
            of the future are counted and left out. A line without a newline at the end of a plain file is left for \
            the next time.

            Formats: \(LogFormat.names.joined(separator: ", ")) (the last three: JSON of Caddy, of Traefik, of \
            `export --format ndjson` and of nginx's variables), a LogFormat of Apache, a log_format of nginx; the text \
            alone, or the whole directive:
              httpstats import --log-format '%h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i" %D' access.log
              httpstats import --log-format '$remote_addr [$time_local] "$request" $status $request_time' access.log

            The database must have no running server; import into a file of its own and report over several --db.
            """)
    @OptionGroup var common: CommonOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "What the lines look like: a name or a format string (default: guessed from the first lines).",
            valueName: "format"))
    var logFormat: String?

    @Argument(help: "The logs; - is standard input.")
    var files: [String]

    func run() throws {
        let format: LogFormat?
        do {
            format = try logFormat.map { text throws(LogFormatError) in try LogFormat(text) }
        } catch {
            throw ValidationError("--log-format: \(error)")
        }
        let importer = try LogImporter(try common.path, format: format)
        let progress = ProgressLine()
        var counts: [ImportCount] = []
        for file in files {
            let count = try importer.run(file) { count in
                let percent = count.fileBytes.read * 100 / max(1, count.fileBytes.all)
                progress.show("\(count.name): \(percent) %, \(count.requests) requests, \(count.badLines) bad lines")
            }
            progress.end()
            tell(count)
            counts.append(count)
        }
        var formatter = common.formatter()
        formatter.write(.imports(counts))
        _ = try flush(&formatter)
    }

    private func tell(_ count: ImportCount) {
        if count.isGuessed && count.lines > 0 { printError("\(count.name) is taken for the format \(count.format)") }
        for line in count.badExamples { printError("\(count.name): \(line.description)") }
        if count.badLines > Int64(count.badExamples.count) {
            printError("\(count.name): \(count.badLines) lines in all are not of the format \(count.format)")
        }
        if count.hasUnfinishedLine {
            printError("\(count.name): the last line has no end yet and is left for the next import")
        }
    }
}
