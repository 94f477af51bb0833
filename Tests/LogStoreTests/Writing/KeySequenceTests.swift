// Keys rise whatever the clock does.
import Testing

@testable import LogStore

@Suite struct KeySequenceTests {
    private let noon: Int64 = 1_800_000_000_000_000

    @Test func aKeyIsTheTimeOfCompletion() {
        var keys = KeySequence(last: 0)
        let key = keys.next(completedUs: noon, nowUs: noon + 50_000)
        #expect(key == KeySequence.Key(id: DatabaseFormat.firstID(atUnixMicroseconds: noon), lateUs: 0))
    }

    @Test func keysRiseWhenTimesDoNot() {
        var keys = KeySequence(last: 0)
        var last: Int64 = 0
        for completed in [noon, noon, noon - 3_000, noon + 1, noon - 5_000_000, Int64.min, noon + 2] {
            let key = keys.next(completedUs: completed, nowUs: noon + 10)
            #expect(key.id > last)
            if completed > 0 {
                #expect(DatabaseFormat.unixMicroseconds(ofID: key.id) - key.lateUs == completed)
            }
            last = key.id
        }
    }

    @Test func noRecordCarriesKeysIntoTheFuture() {
        var keys = KeySequence(last: 0)
        let key = keys.next(completedUs: noon + 3_600_000_000, nowUs: noon)
        #expect(DatabaseFormat.unixMicroseconds(ofID: key.id) == noon)
        #expect(key.lateUs == -3_600_000_000)
    }

    @Test func tenMinutesAreTooMuch() {
        var keys = KeySequence(last: 0)
        _ = keys.next(completedUs: noon, nowUs: noon)
        #expect(!keys.isAhead(ofUs: noon - KeySequence.toleranceUs))
        #expect(keys.isAhead(ofUs: noon - KeySequence.toleranceUs - 1))
        keys.restart(nowUs: noon - 3_600_000_000)
        #expect(!keys.isAhead(ofUs: noon - 3_600_000_000))
        #expect(KeySequence(last: .max).isAhead(ofUs: noon))
    }
}
