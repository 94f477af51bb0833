// Dictionaries: each text once, in bounded memory and a bounded table, byte for byte.
import Foundation
import GRDB
import LinuxSyscalls
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
            var dictionary = try TextDictionary(database, table: "path", limit: limit)
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
            var second = try TextDictionary(database, table: "path")
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
