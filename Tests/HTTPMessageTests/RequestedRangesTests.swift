// Ranges against a table, and against a model that marks every byte it would send.
import HTTPMessage
import Testing

@Suite("Requested ranges")
struct RequestedRangesTests {
    static func read(_ field: String, size: Int64) -> RequestedRanges {
        RequestedRanges(field: field.utf8.span.octets, size: size)
    }

    @Test(arguments: [
        // The examples of RFC 9110 section 14.1.2, of a representation of 10,000 bytes.
        ("bytes=0-499", 0..<500), ("bytes=500-999", 500..<1000), ("bytes=-500", 9500..<10000),
        ("bytes=9500-", 9500..<10000), ("bytes=0-0", 0..<1), ("bytes=9999-9999", 9999..<10000),
        // The end is the representation's, whatever the client thinks.
        ("bytes=0-", 0..<10000), ("bytes=0-9999", 0..<10000), ("bytes=9999-10000", 9999..<10000),
        ("bytes=-10000", 0..<10000), ("bytes=-10001", 0..<10000), ("bytes=1-9223372036854775807", 1..<10000),
        ("bytes=1-9223372036854775808", 1..<10000), ("bytes=-99999999999999999999999999", 0..<10000),
        ("bytes=0000000000000000000000000000001-00002", 1..<3),
        // Names of units have no case; lists have empty elements and white space around theirs.
        ("BYTES=1-2", 1..<3), ("bytes= 1-2 ", 1..<3), ("bytes=,,1-2,\t,", 1..<3),
        // What lies outside is left out; what overlaps or touches becomes one.
        ("bytes=1-2,10000-", 1..<3), ("bytes=-0,1-2", 1..<3), ("bytes=0-4,5-9", 0..<10), ("bytes=5-9,0-4", 0..<10),
        ("bytes=0-1,4-5,2-3", 0..<6), ("bytes=0-,0-,0-,-1,5-", 0..<10000),
    ])
    func single(_ field: String, _ range: Range<Int64>) {
        #expect(Self.read(field, size: 10_000) == .single(range))
    }

    @Test(arguments: [
        ("bytes=0-0,-1", [0..<1, 9999..<10000]), ("bytes=-1,0-0", [9999..<10000, 0..<1]),
        ("bytes=500-600,602-999", [500..<601, 602..<1000]), ("bytes=9-9,5-5,7-7", [9..<10, 5..<6, 7..<8]),
        ("bytes=20-29,0-9,25-35", [20..<36, 0..<10]), ("bytes=0-9,40-49,20-29,5-25", [0..<30, 40..<50]),
        ("bytes=1-1 ,\t3-3", [1..<2, 3..<4]),
    ])
    func several(_ field: String, _ ranges: [Range<Int64>]) {
        #expect(Self.read(field, size: 10_000) == .several(ranges))
    }

    @Test(arguments: [
        "", "bytes", "bytes=", "bytes=,", "bytes= ", "=0-1", "items=0-1", "byte=0-1", "bytes 0-1", "bytes:0-1",
        "bytes =0-1", " bytes=0-1", "bytes=0", "bytes=-", "bytes=--1", "bytes=a-b", "bytes=0-1x", "bytes=0x0-1",
        "bytes=1-0", "bytes=0-1,2-1", "bytes=0 -1", "bytes=0- 1", "bytes=0-1 2-3", "bytes=0-1;2-3", "bytes=+0-1",
        "bytes=0-+1", "bytes=0-1,x", "bytes=0-1,,-", "bytes=0-1=2", "bytes=bytes=0-1", "bytes=0-1\u{0}", "none", "0-1",
        "bytes=\"0-1\"", "bytes=0-1.5", "bytes=1e2-", "bytes=0-1-2", "bytes=*", "bytes 0-1/2", "bytes=0-1\u{e9}",
    ])
    func whatIsNoRangeDoesNotCount(_ field: String) {
        #expect(Self.read(field, size: 10_000) == .whole)
    }

    @Test(arguments: [
        ("bytes=10000-", 10_000), ("bytes=10000-10001,20000-", 10_000), ("bytes=-0", 10_000),
        ("bytes=-0000,-0", 10_000),
        ("bytes=9223372036854775807-", 10_000), ("bytes=99999999999999999999-99999999999999999999", 10_000),
        ("bytes=0-", 0), ("bytes=0-0", 0), ("bytes=-0", 0), ("bytes=9223372036854775807-", Int64.max),
    ])
    func unsatisfiable(_ field: String, _ size: Int64) {
        #expect(Self.read(field, size: size) == .unsatisfiable)
    }

    @Test("the last bytes of nothing are nothing, and no Content-Range can say so")
    func empty() {
        #expect(Self.read("bytes=-1", size: 0) == .whole)
        #expect(Self.read("bytes=0-,-1", size: 0) == .whole)
        #expect(Self.read("bytes=0-,-1", size: -1) == .whole)
    }

    @Test func largest() {
        #expect(Self.read("bytes=0-", size: .max) == .single(0..<Int64.max))
        #expect(Self.read("bytes=-1", size: .max) == .single(Int64.max - 1..<Int64.max))
        #expect(
            Self.read("bytes=9223372036854775806-9223372036854775807", size: .max)
                == .single(Int64.max - 1..<Int64.max))
    }

    @Test("one range more than the limit, and the field does not count")
    func countLimit() {
        let ranges = (0..<RequestedRanges.countLimit).map { "\($0 * 2)-\($0 * 2)" }
        #expect(
            Self.read("bytes=" + ranges.joined(separator: ","), size: 100)
                == .several(ranges.indices.map { Int64($0 * 2)..<Int64($0 * 2 + 1) }))
        for extra in ["99-99", "0-", "-0", "1000-", "-1"] {
            #expect(Self.read("bytes=" + (ranges + [extra]).joined(separator: ","), size: 100) == .whole)
        }
        // Apache's killer of 2011: a request of a few kilobytes for a megabyte and more.
        let killer = "bytes=0-" + (1...1300).map { ",5-\($0)" }.joined()
        #expect(Self.read(killer, size: 100_000) == .whole)
    }

    @Test("random fields: exactly the bytes of the ranges, none twice, in the order of the first of each part")
    func model() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let size = Int64.random(in: 0...40, using: &random)
            var specs: [String] = []
            var wanted: [Set<Int64>] = []
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let first = Int64.random(in: 0...45, using: &random)
                let last = first + Int64.random(in: 0...8, using: &random)
                switch Int.random(in: 0...2, using: &random) {
                case 0:
                    specs.append("\(first)-\(last)")
                    wanted.append(Set(first...last))
                case 1:
                    specs.append("\(first)-")
                    wanted.append(first < size ? Set(first..<size) : [])
                default:
                    specs.append("-\(last - first)")
                    wanted.append(Set(max(0, size - last + first)..<size))
                }
            }
            wanted = wanted.map { $0.filter { $0 < size } }
            let field = "bytes=" + specs.joined(separator: ",")
            let parts: [Range<Int64>]
            switch Self.read(field, size: size) {
            case .single(let part): parts = [part]
            case .several(let several): parts = several
            case .unsatisfiable, .whole: parts = []
            }
            let sent = parts.flatMap(Array.init)
            let all = wanted.reduce(into: Set()) { $0.formUnion($1) }
            #expect(sent.count == Set(sent).count && Set(sent) == all, "\(field) of \(size)")
            let order = parts.map { part in wanted.firstIndex { !$0.isDisjoint(with: part) } ?? -1 }
            #expect(order == order.sorted() && parts.allSatisfy { !$0.isEmpty }, "\(field) of \(size)")
        }
    }
}
