// One ring file beside the database: made by the master, inherited by its children, salvaged by the next tree.
internal import LinuxSyscalls
public import SystemPackage

/// The shared memory of one process tree: `<database>-ring-<source in 16 hexadecimal digits>`.
///
/// The master creates it before it forks; children use the same object. A tree holds a shared lock on the open file,
/// inherited by fork, so it is dead exactly when another process gets an exclusive lock.
public final class LogRingFile {
    /// Where it lies.
    public let path: FilePath
    /// Random id of the tree, 63 bits.
    public let source: UInt64
    /// Slots in it.
    public var slotCount: Int { layout.slotCount }
    /// Bytes of records that each ring holds.
    public var ringBytes: Int { layout.ringBytes }
    /// When it was created, microseconds since 1970 UTC.
    public let createdUs: Int64
    /// Whether the machine was started anew since; records may be missing or damaged then.
    public let isOfEarlierBoot: Bool
    /// Whether this process may write to it.
    public let isWritable: Bool

    let layout: FileLayout
    let descriptor: Descriptor
    let control: ControlPages
    private let isOwnTree: Bool

    /// Number of the open file, to be listed among what a child keeps.
    public var descriptorNumber: CInt { descriptor.rawValue }

    init(
        _ descriptor: consuming Descriptor, path: FilePath, header: FileHeader, writable: Bool, ownTree: Bool
    ) throws(LogRingError) {
        self.path = path
        source = header.source
        layout = header.layout
        createdUs = header.createdUs
        isOfEarlierBoot = header.bootID != FileHeader.currentBootID()
        isWritable = writable
        isOwnTree = ownTree
        control = try ControlPages(descriptor.rawValue, layout: header.layout, writable: writable, path: path)
        self.descriptor = descriptor
    }

    /// Makes a ring file with all its room on disk, locked for this tree.
    /// - Parameters:
    ///   - database: the database it lies beside.
    ///   - slotCount: 2 × workers + 2, at most 4,096.
    ///   - entriesPerSlot: unfinished requests a worker can have, at most 65,536.
    ///   - ringBytes: room for records of a slot: a power of two, 4,096 … 4 Gi.
    /// - Throws: ``LogRingError`` when the sizes are impossible, the directory cannot be written or the disk is full.
    public static func create(
        database: FilePath, slotCount: Int, entriesPerSlot: Int = 1024, ringBytes: Int = 16 << 20
    ) throws(LogRingError) -> LogRingFile {
        RefusedRequests.drawKeys()
        let layout = try FileLayout(slotCount: slotCount, entriesPerSlot: entriesPerSlot, ringBytes: ringBytes)
        return try FileHeader.make(database: database, layout: layout)
    }

    /// Opens a ring file of any tree. Everything in it is checked; nothing in it can make a later call trap.
    /// - Throws: ``LogRingError`` when it cannot be opened, is damaged or of another format.
    public static func open(_ path: FilePath, writable: Bool) throws(LogRingError) -> LogRingFile {
        let descriptor: Descriptor
        do {
            descriptor = try File.open(path, writable ? .readWrite : .readOnly)
        } catch {
            throw .system(operation: "open", path: path, cause: error)
        }
        let header = try FileHeader.read(descriptor.rawValue, path: path)
        return try LogRingFile(descriptor, path: path, header: header, writable: writable, ownTree: false)
    }

    /// The ring files beside a database, in the order of their names.
    public static func files(besides database: FilePath) -> [FilePath] {
        RingFileName.list(besides: database, suffix: "")
    }

    /// Whether the tree that made it is dead. When so this object keeps an exclusive lock until it goes, so nobody else
    /// salvages the same file. Always false in the tree itself.
    public func takeIfDead() -> Bool {
        !isOwnTree && (try? File.tryLock(descriptor.rawValue, exclusive: true)) == true
    }

    /// Removes the file's name. For the writer, after everything in a dead tree's file was committed.
    public func remove() throws(LogRingError) {
        do {
            try File.remove(path)
        } catch {
            throw .system(operation: "remove", path: path, cause: error)
        }
    }

    /// The worker's end of a slot. Maps that slot alone; call ``forgetOthers()`` then. In the worker, after the fork.
    /// - Parameters:
    ///   - generation: as the master assigned it.
    ///   - processID: the worker's own.
    public func worker(slot: Int, generation: UInt64, processID: Int32) throws(LogRingError) -> LogProducer {
        let memory = try MappedSlot(self, slot: slot, writable: true)
        return LogProducer(memory, slot: slot, generation: generation, processID: processID)
    }

    /// The writer's end of a slot.
    /// - Parameter storedPosition: how far the database holds this ring; nil when it does not say.
    public func reader(slot: Int, storedPosition: UInt64?) throws(LogRingError) -> LogRingReader {
        LogRingReader(
            try MappedSlot(self, slot: slot, writable: isWritable), slot: slot, storedPosition: storedPosition)
    }
}
