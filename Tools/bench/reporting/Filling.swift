// Fills a database as fast as the log writer takes it, and says what that cost.
import LinuxSyscalls
import LogStore
import SystemPackage

/// Rows of some days, published without a pause.
struct Filling {
    let database: FilePath
    let rows: Int
    let perDay: Int
    /// How many days after the first one the rows begin.
    let firstDay: Int

    func run() throws {
        let beganNs = Clock.monotonicNs()
        var writer = try WriterProcess.start(database)
        var maker = TrafficMaker(perDay: perDay, firstDay: firstDay)
        var request = MadeRequest()
        for _ in 0..<rows {
            maker.next(&request)
            try writer.publish(request)
        }
        let cost = try writer.finish()
        let seconds = Double(Clock.monotonicNs() - beganNs) / 1e9
        let bytes = try File.status(at: database).size
        print(
            """
            rows \(rows)
            database_bytes \(bytes)
            written_bytes \(cost.writtenBytes)
            writer_us_per_row \(Double(cost.processorNs) / 1_000 / Double(rows))
            rows_per_second \(Double(rows) / seconds)
            """)
    }
}
