// What the log's protocol asks of memory, so that its very code runs on a mapping and, in tests, on memory that can die
// between any two stores.

/// One slot: its control page, its entries and its ring. Every store of a word is a release, every load of one an
/// acquire.
protocol SlotMemory: AnyObject {
    /// How many entries there are.
    var entryCount: Int { get }
    /// Size of the ring: a power of two.
    var ringBytes: UInt64 { get }

    func load(_ word: ControlWord) -> UInt64
    func store(_ value: UInt64, to word: ControlWord)
    func load(_ word: EntryWord, of entry: Int) -> UInt64
    func store(_ value: UInt64, to word: EntryWord, of entry: Int)

    /// Copies a text into an entry, `offset` bytes from its start.
    func copy(_ text: RawSpan, toEntry entry: Int, at offset: Int)
    /// A text out of an entry.
    func text(ofEntry entry: Int, at offset: Int, count: Int) -> [UInt8]

    /// A word of the ring; positions of words are multiples of 8.
    func ringWord(at position: UInt64) -> UInt64
    func setRingWord(_ value: UInt64, at position: UInt64)
    /// Writes the words of a record before its texts.
    func setRing(_ words: InlineArray<13, UInt64>, at position: UInt64)
    /// Mixes `count` words of the ring into a checksum.
    func mixRing(from position: UInt64, count: Int, into checksum: inout Checksum)
    /// Copies a text into the ring, from any position on.
    func copy(_ text: RawSpan, toRingAt position: UInt64)
    /// Copies words out of the ring.
    func copyRing(from position: UInt64, into words: inout [UInt64], count: Int)

    /// Keeps plain stores that follow from moving before what precedes.
    func fence()
}
