// Measures how long a record waits until it is in the database, at a load that leaves the writer time.
import LinuxSyscalls
import LogStore
import SystemPackage

/// Each worker publishes some requests, waits until they are stored, and publishes the next.
struct StorageDelay {
    let database: FilePath
    let seconds: Int

    /// How many requests a worker publishes at once.
    private static let together = 10

    /// The writer opens the database and looks for rings: what it stores in its first two seconds is not measured.
    private static let openingNs: Int64 = 2_000_000_000

    func run() throws {
        var writer = try WriterProcess.start(database)
        var maker = TrafficMaker(perDay: 1_000_000, firstDay: 0)
        var request = MadeRequest()
        var publishedNs = [Int64?](repeating: nil, count: WriterProcess.workers)
        var delaysNs: [Int64] = []
        let beganNs = Clock.monotonicNs() + Self.openingNs
        let endNs = beganNs + Int64(seconds) * 1_000_000_000
        while Clock.monotonicNs() < endNs {
            for worker in publishedNs.indices where writer.isStored(worker) {
                let nowNs = Clock.monotonicNs()
                if let published = publishedNs[worker], published >= beganNs { delaysNs.append(nowNs - published) }
                publishedNs[worker] = nowNs
                for _ in 0..<Self.together {
                    maker.next(&request)
                    request.worker = worker
                    request.startUs = Clock.realtimeUs()
                    try writer.publish(request)
                }
                writer.wake(worker)
            }
            try writer.pause(milliseconds: 1)
        }
        _ = try writer.finish()
        delaysNs.sort()
        func milliseconds(_ share: Double) -> Double {
            delaysNs.isEmpty ? 0 : Double(delaysNs[Int(Double(delaysNs.count - 1) * share)]) / 1e6
        }
        print(
            """
            measured \(delaysNs.count)
            p50_ms \(milliseconds(0.5))
            p99_ms \(milliseconds(0.99))
            max_ms \(milliseconds(1))
            """)
    }
}
