// Where a worker's requests go, and who it is there.
package import AccessLog

/// Where a worker's requests go: its end of a ring, and the doorbell of the writer.
///
/// A class: how an optional structure of several objects is copied and released, the run-time library finds out anew in
/// each process.
package final class AccessLogSink {
    package let producer: LogProducer
    package let doorbell: CInt
    /// The ring file, for looks at the other workers; nil in tests of one.
    package let ring: LogRingFile?
    package let worker: Worker

    /// Who numbers requests; see `RequestID`.
    package struct Worker {
        let slot: Int
        let tree: UInt64

        package init(slot: Int = 0, tree: UInt64 = 0) {
            self.slot = slot
            self.tree = tree
        }
    }

    package init(producer: LogProducer, doorbell: CInt, ring: LogRingFile? = nil, worker: Worker = Worker()) {
        self.producer = producer
        self.doorbell = doorbell
        self.ring = ring
        self.worker = worker
    }
}
