// One ring file in the writer's hands: a reader for each slot, and how far each is known to be in the database.
internal import AccessLog
internal import GRDB
internal import LinuxSyscalls
internal import SystemPackage

/// A ring file that is being copied.
final class RingSource {
    /// Whose ring file it is.
    enum Kind: Equatable {
        /// Of the writer's own process tree.
        case own
        /// Of another tree that lives: the one before an upgrade.
        case foreign
        /// Of a tree that is dead; an exclusive lock on it is held.
        case dead
    }

    /// One slot's ring.
    struct Ring {
        let reader: LogRingReader
        /// Up to where the database holds it for certain.
        var committed: UInt64
        /// Damaged records that have been reported in the database.
        var reportedDamage = 0

        /// Whether everything that was read is committed and nothing waits.
        var isDrained: Bool { !reader.hasMore && committed == reader.position }
    }

    let file: LogRingFile
    /// The random id of the tree, as the database names it.
    let id: Int64
    private(set) var kind: Kind
    var rings: [Ring]
    /// Names for the frames of this tree's crashes.
    lazy var frames = CrashFrames(file.modules())

    /// Attaches to every slot, behind what the database holds of it.
    init(_ file: LogRingFile, kind: Kind, database: LogDatabase) throws(RingSourceError) {
        self.file = file
        self.kind = kind
        id = Int64(bitPattern: file.source)
        rings = []
        do {
            for (slot, stored) in zip(0..., try Self.positions(of: file, database)) {
                let reader = try file.reader(slot: slot, storedPosition: stored)
                // A writer that was killed between COMMIT and this store left its tail behind.
                if stored != nil { reader.storeTail(reader.position) }
                rings.append(Ring(reader: reader, committed: reader.position))
            }
        } catch let error as DatabaseError {
            throw .database(error)
        } catch let error as LogRingError {
            throw .file(error)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// How far the database holds each ring of a file.
    private static func positions(
        of file: LogRingFile, _ database: LogDatabase
    ) throws(DatabaseError) -> [UInt64?] {
        try database.read { tables throws(DatabaseError) in
            var positions: [UInt64?] = []
            for slot in 0..<file.slotCount {
                positions.append(try tables.position(source: Int64(bitPattern: file.source), slot: slot))
            }
            return positions
        }
    }

    /// Whether any record waits.
    var hasMore: Bool { rings.contains { $0.reader.hasMore } }

    /// Whether everything that was read is committed and nothing waits.
    var isDrained: Bool { rings.allSatisfy(\.isDrained) }

    /// Whether a ring is so full that its worker may soon have to wait: a quarter.
    var isFilling: Bool {
        (0..<rings.count).contains { file.status(ofSlot: $0).backlogBytes > UInt64(file.ringBytes / 4) }
    }

    /// Goes back to what the database holds. After a COMMIT that failed, and on another connection.
    func rewind(_ database: LogDatabase) throws(DatabaseError) {
        for (index, stored) in zip(rings.indices, try Self.positions(of: file, database)) {
            let reader = rings[index].reader
            reader.rewind(storedPosition: stored)
            if stored != nil { reader.storeTail(reader.position) }
            rings[index].committed = reader.position
        }
    }

    /// Notices that the tree has died; from then on nobody else can salvage the file.
    func lookForDeath() {
        if kind == .foreign, file.takeIfDead() { kind = .dead }
    }
}

/// Why a ring file could not be attached.
enum RingSourceError: Error {
    /// The file is at fault: leave it alone.
    case file(LogRingError)
    /// The database is: try again.
    case database(DatabaseError)
}
