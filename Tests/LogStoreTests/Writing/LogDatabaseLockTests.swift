// The lock of a database: one has it, and it goes with its owner.
import Foundation
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import LogStore

struct LogDatabaseLockTests {
    /// A program that is just being started has a copy of every open file until it begins.
    @Test func lock_goesWithItsOwner_whoeverHasACopyOfTheFile() throws {
        try withTemporaryDirectory { directory in
            let database = directory.appending("access.db")
            let lock = try LogDatabaseLock(beside: database)
            let other = try LogDatabaseLock(beside: database)
            var isLocked = [lock.tryLock(), other.tryLock()]
            let copies = try Self.copies(of: database.string + "-lock")
            _ = consume lock
            isLocked.append(other.tryLock())
            #expect(isLocked == [true, false, true])
            #expect(copies.count == 2)
        }
    }

    /// One copy of each descriptor of a file that this process has.
    private static func copies(of path: String) throws -> [Copy] {
        let manager = FileManager.default
        return try manager.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { CInt($0) }.filter { number in
            (try? manager.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")) == path
        }.map(Copy.init)
    }

    /// Holds what an array cannot.
    private final class Copy {
        let descriptor: Descriptor

        init(_ number: CInt) throws {
            let original = Descriptor(owning: number)
            descriptor = try original.duplicate()
            _ = original.release()
        }
    }
}
