// What is counted of hostile traffic has bounds, and what lies beyond them is still counted.
import Testing

@testable import LogStore

@Suite struct BoundTests {
    @Test func missingAndExistingPaths_areToldApartUpToALimit() {
        var tally = NotFoundTally<Int>()
        for path in 0..<(NotFoundTally<Int>.pathLimit + 10) {
            tally.add(missing: path, referer: nil, client: 1, us: 1)
            tally.add(existing: path)
        }
        tally.add(missing: 0, referer: nil, client: 1, us: 1)
        #expect(tally.missing.count == NotFoundTally<Int>.pathLimit)
        #expect(tally.existing.count == NotFoundTally<Int>.pathLimit)
        #expect(tally.requests == Int64(NotFoundTally<Int>.pathLimit) + 11)
        #expect(tally.missing[0]?.requests == 2)
    }

    @Test func refererOfAMissingPath_isToldApartUpToALimit() {
        var path = MissingPath<Int>()
        for referer in 0..<(MissingPath<Int>.refererLimit + 10) { path.add(referer: referer, client: 1, us: 1) }
        path.add(referer: 0, client: 1, us: 1)
        #expect(path.referers.count == MissingPath<Int>.refererLimit && path.referers[0] == 2)
        #expect(path.requests == Int64(MissingPath<Int>.refererLimit) + 11)
    }

    @Test func existingPaths_areLookedAtFromTheBusiestOn() {
        let letters = (0..<RedirectGuess.candidateLimit).map { Array("/\($0)".utf8) }
        let about = Array("/about".utf8)
        #expect(RedirectGuess(letters + [about]).nearest(to: Array("/About".utf8)) == nil)
        #expect(RedirectGuess(letters.dropLast() + [about]).nearest(to: Array("/About".utf8)) == about)
    }

    @Test func distinctNumbers_mergeWhetherFewOrMany() {
        func numbers(_ range: Range<Int64>) -> DistinctNumbers {
            var numbers = DistinctNumbers()
            range.forEach { numbers.add($0) }
            return numbers
        }
        for (one, other, count) in [
            (0..<300, 200..<500, 500), (0..<2000, 1000..<3000, 3000), (0..<10, 0..<5000, 5000),
            (0..<5000, 0..<10, 5000),
            (0..<800, 700..<1500, 1500),
        ] as [(Range<Int64>, Range<Int64>, Int64)] {
            var merged = numbers(one)
            merged.merge(numbers(other))
            let error = count < Int64(DistinctNumbers.exactLimit) ? 0 : count / 16
            #expect(abs(merged.count - count) <= error, "\(one) and \(other): \(merged.count)")
        }
    }

    @Test func lifeOfAWorker_beginsWithItsFirstMoment() {
        var tally = ConnectionTally()
        tally.begin(starts: [0: [0, 100]])
        for began in [99, 100] as [Int64] {
            tally.add(
                id: began << 8, worker: 0, connection: 1, beganUs: began, status: 200, outcome: 0, isKeptAlive: true)
        }
        tally.finish()
        #expect(tally.connections == 2 && tally.maximum == 1)
    }
}
