// Both servers get the same bytes and must do the same, but for the intended differences.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: Python.installed != nil, "no python3 of version 3.11 or later in PATH"))
struct DifferentialTests {
    @Test func everyDifferenceIsIntendedAndEveryIntendedDifferenceIsSeen() throws {
        let python = try #require(Python.installed)
        let directory = try TemporaryDirectory()
        defer { try? directory.close() }
        try Exchange.makeSite(in: directory)
        try Exchange.makeScripts(in: directory)
        var ledger = DifferenceLedger(IntendedDifference.table, minorVersion: python.minorVersion)
        let kinds = Dictionary(grouping: Exchange.all, by: \.kind)
        for (kind, exchanges) in kinds.sorted(by: { $0.key < $1.key }) where python.has(kind) {
            let arguments = [kind] + (Exchange.fileKinds.contains(kind) ? [directory.appending("site").string] : [])
            let theirs = try Contestant.python(python, arguments)
            let ours = try Contestant.ours(arguments)
            for exchange in exchanges {
                let expected = try theirs.perform(exchange)
                let seen = try ours.perform(exchange)
                let differences = ledger.unintended(exchange, python: expected, ours: seen)
                #expect(differences.isEmpty, "\(exchange.id)\n\(differences.joined(separator: "\n"))")
            }
        }
        for part in ledger.unseen { Issue.record("nothing differs like this any more: \(part)") }
    }

    @Test func theTableNamesEachDifferenceOnceWithItsReason() {
        let names = IntendedDifference.table.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(IntendedDifference.table.allSatisfy { !$0.reason.isEmpty })
        let ids = Exchange.all.map(\.id)
        #expect(Set(ids).count == ids.count, "\(Dictionary(grouping: ids) { $0 }.filter { $1.count > 1 }.keys)")
    }
}
