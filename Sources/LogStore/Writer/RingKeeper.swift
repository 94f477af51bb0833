// Looks after the ring files: attaches what appears, completes what was left behind, removes what is empty.
internal import AccessLog
internal import GRDB
internal import LinuxSyscalls
internal import SystemPackage

/// The ring files of one writer, from their appearance to their removal.
///
/// Each step here is small and harmless when it is repeated, so the loop just calls ``settle()`` between batches: a
/// slot or a tree is drained by the batches, completed, drained again, and only then done with.
final class RingKeeper {
    private let copier: LogCopier
    private let own: RingSource
    private var directory: RingDirectory
    private var life: LogTables.ProcessLife
    /// Retired slots of the own tree that were completed, by slot: their generation.
    private var completedSlots: [Int: UInt64] = [:]
    /// Dead trees that were completed.
    private var completedTrees: Set<Int64> = []

    /// Attaches to the rings of the own tree.
    init(_ copier: LogCopier, own ring: LogRingFile, database: FilePath) throws(LogStoreError) {
        self.copier = copier
        directory = RingDirectory(database)
        do throws(RingSourceError) {
            own = try RingSource(ring, kind: .own, database: copier.database)
        } catch {
            throw LogStoreError("read the rings of", database.string, error)
        }
        copier.sources = [own]
        life = LogTables.ProcessLife(
            source: own.id, role: .log, slot: 0, generation: 1, processID: CurrentProcess.processID,
            startedUs: Clock.realtimeUs())
    }

    /// Whether a tree is alive whose workers do not ring this writer's bell.
    var hasForeign: Bool { copier.sources.contains { $0.kind == .foreign } }

    /// Whether everything that the workers of this tree published is committed.
    var isOwnDrained: Bool { own.isDrained }

    /// Whether a retired slot of the own tree is not done with.
    var isSettling: Bool { (0..<own.file.slotCount).contains { own.file.retiredGeneration(slot: $0) != nil } }

    /// Stores that this writer began. For the first writer of a tree a failure is a refusal to start; a later one must
    /// go on trying.
    func beginLife() throws(LogStoreError) {
        let source = own.id
        let generation = try? copier.database.read { tables throws(DatabaseError) in
            try tables.nextWriterGeneration(source: source)
        }
        life.generation = generation ?? 1
        let life = life
        let stored = try copier.transaction { tables throws(DatabaseError) in
            try tables.writersLost(source: source, atUs: life.startedUs)
            try tables.workerStarted(life)
        }
        if !stored, life.generation == 1, let error = copier.lastError { throw error }
    }

    /// Stores that this writer ends, and removes the ring file when nothing in it can be needed again.
    func endLife() throws(LogStoreError) {
        let life = life
        let file = own.file
        let stored = try copier.transaction { tables throws(DatabaseError) in
            try tables.workerEnded(life, .exited(status: 0), endedUs: Clock.realtimeUs(), requests: 0)
        }
        let slots = 0..<file.slotCount
        let isDone = slots.allSatisfy { file.isFree(slot: $0) } && slots.contains { file.isCompleted(slot: $0) }
        guard stored, isDone, own.isDrained, (try? file.remove()) != nil else { return }
        copier.sources.removeAll { $0 === own }
        try copier.forgetMissingSources()
    }

    /// Looks at the directory: new ring files, trees that died, the database itself.
    func look() throws(LogStoreError) {
        copier.lookAfterFile()
        for source in copier.sources { source.lookForDeath() }
        let known = copier.sources.map(\.file.path)
        for file in directory.newFiles(besides: known, say: { copier.say(.error, $0) })
        where file.source != own.file.source {
            attach(file)
        }
        try settle()
    }

    /// Takes every slot and tree one step further that is ready for it.
    func settle() throws(LogStoreError) {
        for slot in 0..<own.file.slotCount {
            guard let generation = own.file.retiredGeneration(slot: slot), own.rings[slot].isDrained else { continue }
            if completedSlots[slot] == generation {
                own.rings[slot].reader.setRetiredDone(generation: generation)
            } else {
                own.rings[slot].reader.complete()
                completedSlots[slot] = generation
            }
        }
        for source in copier.sources where source.kind == .dead && source.isDrained {
            if completedTrees.contains(source.id) {
                try remove(source)
            } else {
                for ring in source.rings { ring.reader.complete() }
                completedTrees.insert(source.id)
            }
        }
    }

    private func attach(_ file: LogRingFile) {
        // The lock is taken before the positions are read: from here on nobody else copies or completes this file.
        let kind: RingSource.Kind = file.takeIfDead() ? .dead : .foreign
        do throws(RingSourceError) {
            let source = try RingSource(file, kind: kind, database: copier.database)
            copier.sources.append(source)
            if kind == .dead, file.isOfEarlierBoot, source.hasMore {
                copier.say(
                    .warning,
                    "\(file.path) is of a time before the machine started anew; its last records may be missing")
            }
        } catch {
            switch error {
            case .file(let error): directory.report(file.path, error) { copier.say(.error, $0) }
            case .database: return  // the next look tries again
            }
        }
    }

    private func remove(_ source: RingSource) throws(LogStoreError) {
        let isStored = try copier.transaction { tables throws(DatabaseError) in
            try tables.workersLost(source: source.id, atUs: Clock.realtimeUs())
        }
        // The positions go last: without the file they mean nothing, but the file without them would be copied again.
        guard isStored, (try? source.file.remove()) != nil else { return }
        copier.sources.removeAll { $0 === source }
        completedTrees.remove(source.id)
        try copier.forgetMissingSources()
    }
}
