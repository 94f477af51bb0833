// Where everything lies in a ring file, who writes it, and in which order.
//
// A ring file is little-endian and made of 4,096-byte pages:
//
//     page 0                    the header, and the one word of the writer for the whole file
//     page 1 … slotCount        one control page a slot
//     then for each slot        its entries (512 bytes each, rounded up to whole pages), then its ring
//     the last 16 pages         the program and libraries of the tree; see ModuleTable.swift
//
// Header (bytes):
//
//     0 magic · 8 format version · 16 source (63 random bits) · 24 boot id, 16 bytes
//    40 created, µs since 1970 UTC · 48 slot count · 56 entries a slot · 64 ring bytes
//   128 the writer sleeps: 1 or 0                                                       writer
//  2048 (word 256) how many of these follow: fingerprint of a method and path that workers refuse with 503, and until
//       when, monotonic ns; at most 127                                                 master
//
// The file gets its final name only when all of it is there and locked, so a half-made one is never taken for a ring.
//
// Control page (8-byte words). Each process writes only its own; words of different processes share no 128-byte line.
//
//     0 slot state · 1 generation assigned · 2 assigned at, µs · 3 resident bytes, 0 when not measured ·
//       4 life: 0 none, 1 starting, 2 ready, 3 stopping                                 master
//    16 eight death records of 5 words, at generation modulo 8: generation (written
//       last) · process id · end (code, signal, status) · assigned · ended, µs          master
//    64 head · 65 request id whose handler runs, 0 for none · 66 soft and 67 hard time
//       limit of that request, monotonic ns, 0 for none                                 worker
//    80 worker's generation · 81 process id · 82 started, µs · 83 heartbeat, ns ·
//       84 requests · 85 bytes out · 86 shed · 87 dropped · 88 lost errors ·
//       89 connections · 90 entries at the end of the table that this worker has not
//       used, so a completion need not look at them; 0 in files of older versions      worker
//    96 tail · 97 generation completed                                                  writer
//   112 requests that waited for room · 113 how long in all, µs · 114 end of the last
//       gap record · 115…119 what gap records told of 86, 87, 88, 112, 113, that one
//       included · 120…124 without it, which holds while 114 is above the head         worker
//   128 … 255 crash report, see CrashReport.swift: its generation is stored last        worker
//
// Time limits. The master looks at words 66 and 67 at least each half of the least limit that there can be. From the
// soft limit on it sends SIGALRM, which means nothing when the request has ended or got more time meanwhile; else the
// worker's handler (CrashHandler.c) answers 504, notes a report and has the process end of SIGALRM. At the hard limit
// the master sends SIGKILL. The words of a dead worker stay, so whoever records the death sees that it was overdue.
//
// "Worker" means whoever owns the slot's ring: its worker, or after that one's death who runs Completion. That is the
// next worker; the writer when none follows; or the master, when several workers died before they came to it.
//
// Entry (8-byte words), all the worker's:
//
//     0 end · 1 state · 2 request id · 3 start, µs · 4 start, monotonic ns · 5 connection ·
//     6 where its answer ends in the output of its connection, 0 until it is written ·
//     7 status (16 bits), bytes of that answer (48 bits) · 8 protocol ·
//     9 lengths of client, method, target, host (16 bits each) ·
//    10…63 those texts in a row, each cut to its share
//
// Positions (head, tail, end) count bytes since the file was made and never wrap; byte p lies at p modulo the ring's
// size. Records between tail and head are published and whole. A record behind the head counts only through an entry in
// state `answering` whose end covers it.
//
// Orders that make it lossless. Every store of a word is a release; what would break if it were swapped stands beside:
//
//   begin     end := 2⁶⁴−1, fields, state := in flight.
//             Else an end of an earlier use, not above the head: the request would be taken for published.
//             Before the first use of an entry: word 90. Else a completion would not see the request.
//   finish    record, end, state := answering.
//             Else a completion could see `answering` with an end that is not this record's.
//   settle    mutable words, head, states := free. Then for those not confirmed, the last one first:
//             state := in flight, end := 2⁶⁴−1.
//             Last first: a later one still answering would publish one that was taken back, which is written again.
//   aborted   record, end, head, state := free.
//             The end noted before publishing tells a completion that the record is there.
//   crash     state := leaving, for each answer of the crashed request's connection that the handler of signals is
//             about to send; then in flight again for each that did not leave whole. Such an entry has no record: a
//             completion writes it, as `ok`.
//   complete  head := greatest answering end; stale ends := 2⁶⁴−1; then each entry as aborted. See Completion.swift.
//   gap       told before, record, its end, told, head. See GapRecord.swift.

/// Sizes of a ring file and the places that follow from them.
struct FileLayout: Equatable, Sendable {
    static let version: UInt64 = 2
    /// `ringfile`, in the byte order of the file.
    static let magic: UInt64 = 0x656c_6966_676e_6972
    static let pageBytes = 4096
    static let modulesBytes = 16 * pageBytes
    static let entryBytes = 512
    /// Most slots a file can have.
    static let slotLimit = 4096
    static let entryLimit = 1 << 16
    static let ringLimit = 1 << 32

    let slotCount: Int
    let entriesPerSlot: Int
    let ringBytes: Int

    /// Checks sizes from a caller or a hostile file alike.
    init(slotCount: Int, entriesPerSlot: Int, ringBytes: Int) throws(LogRingError) {
        guard (1...Self.slotLimit).contains(slotCount) else { throw .badSizes(what: "\(slotCount) slots") }
        guard (1...Self.entryLimit).contains(entriesPerSlot) else {
            throw .badSizes(what: "\(entriesPerSlot) entries a slot")
        }
        guard (Self.pageBytes...Self.ringLimit).contains(ringBytes), ringBytes.nonzeroBitCount == 1 else {
            throw .badSizes(what: "rings of \(ringBytes) bytes")
        }
        self.slotCount = slotCount
        self.entriesPerSlot = entriesPerSlot
        self.ringBytes = ringBytes
    }

    /// Bytes of the header and all control pages.
    var controlBytes: Int { Self.pageBytes * (1 + slotCount) }
    /// Bytes of a slot's entries, whole pages.
    var entriesBytes: Int { (entriesPerSlot * Self.entryBytes + Self.pageBytes - 1) & -Self.pageBytes }
    /// Bytes of the whole file.
    var fileBytes: Int { modulesOffset + Self.modulesBytes }
    /// Where the table of modules begins.
    var modulesOffset: Int { controlBytes + slotCount * (entriesBytes + ringBytes) }

    func controlOffset(_ slot: Int) -> Int { Self.pageBytes * (1 + slot) }
    func entriesOffset(_ slot: Int) -> Int { controlBytes + slot * (entriesBytes + ringBytes) }
    func ringOffset(_ slot: Int) -> Int { entriesOffset(slot) + entriesBytes }
}

/// A word of a control page, by its number.
struct ControlWord: Equatable {
    let index: Int

    static var slotState: Self { Self(index: 0) }
    static var generation: Self { Self(index: 1) }
    static var assignedUs: Self { Self(index: 2) }
    static var residentBytes: Self { Self(index: 3) }
    static var life: Self { Self(index: 4) }
    static func death(_ generation: UInt64, _ field: Int) -> Self {
        Self(index: 16 + Int(generation % DeathRecord.kept) * 5 + field)
    }
    static var head: Self { Self(index: 64) }
    static var running: Self { Self(index: 65) }
    static var softDeadline: Self { Self(index: 66) }
    static var hardDeadline: Self { Self(index: 67) }
    static var workerGeneration: Self { Self(index: 80) }
    static var workerProcessID: Self { Self(index: 81) }
    static var workerStartUs: Self { Self(index: 82) }
    static var heartbeat: Self { Self(index: 83) }
    static var requests: Self { Self(index: 84) }
    static var bytesOut: Self { Self(index: 85) }
    static var shed: Self { Self(index: 86) }
    static var dropped: Self { Self(index: 87) }
    static var lostErrors: Self { Self(index: 88) }
    static var connections: Self { Self(index: 89) }
    static var unusedEntries: Self { Self(index: 90) }
    static var tail: Self { Self(index: 96) }
    static var retiredDone: Self { Self(index: 97) }
    static func crash(_ word: Int) -> Self { Self(index: 128 + word) }
    static var waits: Self { Self(index: 112) }
    static var waitedUs: Self { Self(index: 113) }
    static var gapEnd: Self { Self(index: 114) }
    static func told(_ counter: Int) -> Self { Self(index: 115 + counter) }
    static func toldBefore(_ counter: Int) -> Self { Self(index: 120 + counter) }
    /// What a gap record tells, in its order.
    static var gapCounters: [Self] { [.shed, .dropped, .lostErrors, .waits, .waitedUs] }
}

/// A word of an entry, by its number.
struct EntryWord: Equatable {
    let index: Int

    static var end: Self { Self(index: 0) }
    static var state: Self { Self(index: 1) }
    static var requestID: Self { Self(index: 2) }
    static var startUs: Self { Self(index: 3) }
    static var startMonotonicNs: Self { Self(index: 4) }
    static var connection: Self { Self(index: 5) }
    static var answerEnd: Self { Self(index: 6) }
    static var statusAndBytes: Self { Self(index: 7) }
    static var protocolNumber: Self { Self(index: 8) }
    static var lengths: Self { Self(index: 9) }

    /// Where the texts begin in an entry, bytes.
    static var textOffset: Int { 80 }
    /// Shares of client, method, target and host in the text area, bytes; together they fill it.
    static var clientShare: Int { 64 }
    static var methodShare: Int { 32 }
    static var targetShare: Int { 240 }
    static var hostShare: Int { 96 }
}
