// Addresses of pages: what goes into a query comes out of it, and a line of a list asks for its own requests alone.
import Testing

@testable import LogStore

@Suite struct PageAddressTests {
    @Test(arguments: ["/", "/a b&c=d?e#f%41+", "日本", "!x", "<script>\"'", "a=b=c", "\u{0}\n"])
    func items_survive(value: String) throws {
        let address = PageAddress("/", [PageAddress.Item("path", value), PageAddress.Item("last", "6h")])
        #expect(PageAddress(target: address.text) == address)
        #expect(address.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"'<>".utf8.contains($0) })
    }

    @Test func forms_areUnderstood() throws {
        let address = try #require(PageAddress(target: "/requests?path=%2Fa+b&status=&&client&x=%zz%2&%70ath=1"))
        #expect(address.path == "/requests")
        #expect(
            address.items == [
                PageAddress.Item("path", "/a b"), PageAddress.Item("x", "%zz%2"), PageAddress.Item("path", "1"),
            ])
    }

    @Test func manyItems_areRefused() {
        #expect(PageAddress(target: "/?" + String(repeating: "a=1&", count: 64)) != nil)
        #expect(PageAddress(target: "/?" + String(repeating: "a=1&", count: 65)) == nil)
    }

    @Test func lineOfWhatWasNotFound_asksForThoseAnswersAlone() {
        func items(_ field: TrafficField) -> [PageAddress.Item]? {
            PageList(field: field, lines: [], total: 0).filter(
                TrafficLine(key: .text(Array("/a".utf8)), counts: TrafficCounts(), latency: nil))
        }
        #expect(items(.path) == [PageAddress.Item("path", "/a")])
        #expect(items(.notFound) == [PageAddress.Item("path", "/a"), PageAddress.Item("status", "404")])
    }

    @Test func patterns_matchTheTextAlone() {
        #expect(PageList.pattern(Array("/a".utf8)) == "/a")
        #expect(PageList.pattern(Array("/a*b?[c]".utf8)) == "/a[*]b[?][[]c]")
        #expect(PageList.pattern(Array("!x".utf8)) == "[!]x")
        #expect(PageList.pattern(Array("curl/8".utf8)) == "[c]url/8", "in an agent a plain text is looked for anywhere")
        #expect(PageList.pattern([0x2F, 0xFF]) == nil)
        #expect(PageList.pattern([UInt8](repeating: 0x2F, count: 2_000)) == nil)
    }
}
