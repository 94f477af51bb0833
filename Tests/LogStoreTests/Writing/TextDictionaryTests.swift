// Dictionaries: each text once, in bounded memory and a bounded table, byte for byte.
import Foundation
import GRDB
import LinuxSyscalls
import Schema
import SystemPackage
import Testing

@testable import LogStore

@Suite struct TextDictionaryTests {
    /// A dictionary over the table `path` of a fresh database.
    private func withDictionary(
        limit: Int64 = 1_000_000, _ body: (inout TextDictionary, Database) throws -> Void
    ) throws {
        let fixture = try LogFixture()
        try LogDatabase(fixture.database).close()
        let queue = try DatabaseQueue(path: fixture.database.string)
        try queue.inDatabase { database in
            var dictionary = TextDictionary(database, table: "path", limit: limit)
            try body(&dictionary, database)
        }
    }

    private func number(_ dictionary: inout TextDictionary, _ text: String) throws -> Int64? {
        let bytes = Array(text.utf8)
        return try dictionary.number(of: bytes.span.raw)
    }

    @Test func eachTextIsStoredOnce() throws {
        try withDictionary { (dictionary: inout TextDictionary, database: Database) throws in
            #expect(try number(&dictionary, "/a") == 1)
            #expect(try number(&dictionary, "/b") == 2)
            #expect(try number(&dictionary, "/a") == 1)
            var second = TextDictionary(database, table: "path")
            #expect(try number(&second, "/b") == 2)
            #expect(try number(&second, "/c") == 3)
            #expect(try number(&second, "") == 4)
            #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM path") == 4)
        }
    }

    @Test func numbersSurviveMoreTextsThanMemoryHolds() throws {
        try withDictionary { (dictionary: inout TextDictionary, database: Database) throws in
            let texts = 3 * TextCache.maximumTexts
            try database.inTransaction { () throws in
                for index in 0..<texts { #expect(try number(&dictionary, "/\(index)") == Int64(index + 1)) }
                for index in stride(from: 0, to: texts, by: 997) {
                    #expect(try number(&dictionary, "/\(index)") == Int64(index + 1))
                }
                return .commit
            }
            #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM path") == texts)
        }
    }

    @Test func aFullDictionaryTakesNoMore() throws {
        try withDictionary(limit: 2) { (dictionary: inout TextDictionary, database: Database) throws in
            #expect(try number(&dictionary, "/a") == 1)
            #expect(try number(&dictionary, "/b") == 2)
            #expect(try number(&dictionary, "/c") == nil)
            #expect(try number(&dictionary, "/c") == nil)
            #expect(try number(&dictionary, "/a") == 1)
            #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM path") == 2)
        }
    }

    @Test func theTextOfTheRowBeforeIsNotMistakenForAnother() throws {
        try withDictionary(limit: 2) { (dictionary: inout TextDictionary, _: Database) throws in
            for _ in 0..<2 {
                #expect(try number(&dictionary, "/a") == 1)
                #expect(try number(&dictionary, "/a") == 1)
                #expect(try number(&dictionary, "/b") == 2)
                #expect(try number(&dictionary, "/bb") == nil)
                #expect(try number(&dictionary, "/bb") == nil)
                #expect(try number(&dictionary, "/") == nil)
            }
        }
    }

    @Test func aTextThatWasRemovedComesBackUnderANewNumber() throws {
        try withDictionary { (dictionary: inout TextDictionary, database: Database) throws in
            for index in 1...3_000 { #expect(try number(&dictionary, "/\(index)") == Int64(index)) }
            try database.execute(sql: "DELETE FROM path WHERE id < 3000")
            try database.execute(sql: SQL.metaCount, arguments: ["removed_path", 2_999])
            dictionary.forget()
            #expect(try number(&dictionary, "/3000") == 3_000)
            // Twice as many are known as there are: all are read again.
            #expect(try number(&dictionary, "/7") == 3_001)
            #expect(try number(&dictionary, "/8") == 3_002)
            #expect(try number(&dictionary, "/7") == 3_001)
            #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM path") == 3)
        }
    }

    @Test func fingerprintsThatMeetLeadToAllTheirTexts() {
        var index = TextIndex()
        // The upper half is what is kept of a hash.
        let hash: UInt64 = 0xfeed_f00d_0000_0001
        for number in 1...100 { index.insert(hash + UInt64(number), Int64(number)) }
        for number in 101...5_000 {
            index.insert(UInt64(number) &* 0x9e37_79b9_7f4a_7c15, Int64(number))
        }
        index.insert(hash, TextIndex.greatestNumber + 1)
        #expect(index.count == 5_000)
        var search = index.search(hash)
        var found: Set<Int64> = []
        while let number = index.next(&search) { found.insert(number) }
        #expect(found == Set(1...100))
        var empty = TextIndex().search(hash)
        #expect(TextIndex().next(&empty) == nil)
    }

    @Test func hashesTellTextsApartWhereverTheyLie() {
        var hashes: Set<UInt64> = []
        for count in 0..<70 {
            let text = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + 1) }
            let hash = Bytes.hash(text.span.raw)
            hashes.insert(hash)
            let moved = [0, 0, 0] + text + [9]
            #expect(Bytes.hash(moved.span.raw.extracting(3..<3 + count)) == hash)
            for place in 0..<count {
                var other = text
                other[place] ^= 0x80
                hashes.insert(Bytes.hash(other.span.raw))
            }
        }
        #expect(hashes.count == 70 + 69 * 70 / 2)
        // Open addressing goes by the lower bits: no place may be much fuller than another.
        var places = [Int](repeating: 0, count: 1_024)
        for index in 0..<65_536 {
            let text = Array("/\(index)".utf8)
            places[Int(Bytes.hash(text.span.raw) & 1_023)] += 1
        }
        #expect(places.allSatisfy { (1..<200).contains($0) })
    }

    @Test func cacheForgetsWhatWasNotAskedFor() {
        var cache = TextCache()
        func look(_ text: String) -> Int64? {
            let bytes = Array(text.utf8)
            return cache.id(of: bytes.span.raw, hash: Bytes.hash(bytes.span.raw))
        }
        func keep(_ text: String, _ id: Int64) {
            let bytes = Array(text.utf8)
            cache.insert(bytes.span.raw, hash: Bytes.hash(bytes.span.raw), id: id)
        }
        keep("used", 1)
        keep("unused", 2)
        for index in 0..<3 * TextCache.maximumTexts {
            keep("/\(index)", Int64(index))
            if index % 1_000 == 0 { #expect(look("used") == 1) }
        }
        #expect(look("unused") == nil)
        #expect(look("/\(3 * TextCache.maximumTexts - 1)") == Int64(3 * TextCache.maximumTexts - 1))
        let huge = [UInt8](repeating: 1, count: TextCache.maximumBytes + 1)
        cache.insert(huge.span.raw, hash: 1, id: 9)
        #expect(cache.id(of: huge.span.raw, hash: 1) == nil)
    }
}
