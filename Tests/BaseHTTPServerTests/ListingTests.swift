// The page of a directory: its order, its texts, its policy, and names of any bytes.
import Foundation
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import BaseHTTPServer

@Suite struct ListingTests {
    static func entry(
        _ name: String, size: Int64 = 0, time: Int64 = 0, isDirectory: Bool = false, isLink: Bool = false
    ) -> ListedEntry {
        ListedEntry(
            name: Array(name.utf8), isDirectory: isDirectory, isLink: isLink, size: size, modifiedSeconds: time)
    }

    static let entries = [
        entry("b", size: 3, time: 30), entry("A", size: 20, time: 10), entry("dir", time: 20, isDirectory: true),
        entry("c", size: 3, time: 30), entry("a", size: 1, time: -5),
    ]

    @Test(arguments: [
        (nil, "A a b c dir"), ("", "A a b c dir"), ("sort=name", "A a b c dir"),
        ("sort=name&order=descending", "dir c b a A"), ("sort=size", "dir a b c A"),
        ("sort=size&order=descending", "A c b a dir"), ("order=descending&sort=time", "c b dir A a"),
        ("sort=time&order=ascending", "a A dir b c"), ("order=descending", "dir c b a A"),
        // What it does not know does not count; the first of several does.
        ("sort=colour", "A a b c dir"), ("sort=size&order=up", "dir a b c A"), ("sort=&order=", "A a b c dir"),
        ("sort=size&sort=name", "dir a b c A"), ("x=y&sort=size", "dir a b c A"), ("sort", "A a b c dir"),
        ("sort=%73ize", "A a b c dir"), ("sort=size;order=descending", "A a b c dir"), ("C=S;O=D", "A a b c dir"),
    ])
    func orders(_ query: String?, _ names: String) {
        #expect(ListingOrder(query: query).sorted(Self.entries).map(\.text).joined(separator: " ") == names)
    }

    @Test func linksOfTheHeadsTurnTheOrderRound() {
        let byName = ListingOrder()
        #expect(byName.query(of: .name) == "?sort=name&order=descending" && byName.ariaSort(of: .name) == "ascending")
        #expect(byName.query(of: .size) == "?sort=size&order=ascending" && byName.ariaSort(of: .size) == nil)
        let bySize = ListingOrder(column: .size, isDescending: true)
        #expect(bySize.query(of: .size) == "?sort=size&order=ascending" && bySize.ariaSort(of: .size) == "descending")
        for column in ListingOrder.Column.allCases {
            for isDescending in [false, true] {
                let order = ListingOrder(column: column, isDescending: isDescending)
                let turned = ListingOrder(query: String(order.query(of: column).dropFirst()))
                #expect(turned == ListingOrder(column: column, isDescending: !isDescending))
            }
        }
    }

    @Test(arguments: [
        (0, "0 B"), (1, "1 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (1_536, "1.5 KiB"), (10_239, "9.9 KiB"),
        (10_240, "10 KiB"), (1_048_575, "1023 KiB"), (1_048_576, "1.0 MiB"), (5_000_000_000, "4.6 GiB"),
        (Int64.max, "7.9 EiB"),
    ])
    func sizes(_ bytes: Int64, _ text: String) {
        #expect(DirectoryListing.readable(bytes: bytes) == text)
    }

    @Test func times() {
        #expect(DirectoryListing.utc(784_111_777) == ("1994-11-06", "08:49:37"))
        #expect(DirectoryListing.utc(-1) == ("1969-12-31", "23:59:59"))
        #expect(DirectoryListing.utc(.min) == ("0001-01-01", "00:00:00"))
        #expect(DirectoryListing.utc(.max) == ("9999-12-31", "23:59:59"))
    }

    @Test func page() {
        let entries = [
            Self.entry("b&<i>\"'.txt", size: 1_536, time: 784_111_777), Self.entry("sub", time: 1, isDirectory: true),
            Self.entry("way", time: 1, isDirectory: true, isLink: true),
            Self.entry("\u{202E}gnp.exe\u{1B}[m\n", size: 1, time: 1),
        ]
        let page = DirectoryListing(
            path: Array("/a<b/".utf8), entries: entries, isCut: true, order: ListingOrder()
        ).page
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("<tr><td>") }
        #expect(
            rows == [
                "<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>",
                """
                <tr><td><a href="b%26%3Ci%3E%22%27.txt"><bdi>b&amp;&lt;i&gt;&quot;&#39;.txt</bdi></a></td>\
                <td><data value="1536" title="1536 bytes">1.5 KiB</data></td>\
                <td><time datetime="1994-11-06T08:49:37Z">1994-11-06 08:49</time></td></tr>
                """,
                """
                <tr><td><a href="sub/"><bdi>sub</bdi>/</a></td><td></td>\
                <td><time datetime="1970-01-01T00:00:01Z">1970-01-01 00:00</time></td></tr>
                """,
                """
                <tr><td><a href="way/"><bdi>way</bdi>@</a></td><td></td>\
                <td><time datetime="1970-01-01T00:00:01Z">1970-01-01 00:00</time></td></tr>
                """,
                """
                <tr><td><a href="%E2%80%AEgnp.exe%1B%5Bm%0A"><bdi>\u{fffd}gnp.exe\u{fffd}[m\u{fffd}</bdi></a></td>\
                <td><data value="1" title="1 bytes">1 B</data></td>\
                <td><time datetime="1970-01-01T00:00:01Z">1970-01-01 00:00</time></td></tr>
                """,
            ])
        #expect(page.contains("<title>Directory listing for /a&lt;b/</title>"))
        #expect(page.contains("<p>This directory has more names. These are the first 4 that the system gave.</p>"))
        #expect(page.contains("aria-sort=\"ascending\"><a href=\"?sort=name&amp;order=descending\">Name</a>"))
        let root = DirectoryListing(path: [47], entries: [], isCut: false, order: ListingOrder()).page
        #expect(!root.contains("../") && !root.contains("<p>"))
    }

    @Test("the policy names the hash of the style that is sent, and nothing in the page needs more")
    func policy() throws {
        try serve {
            try $0.write("x", to: "tree/file")
        } _: { server, directory in
            let answer = try server.client().request("GET", "/")
            let text = answer.text
            let start = try #require(text.range(of: "<style>")).upperBound
            let style = String(text[start..<(try #require(text.range(of: "</style>"))).lowerBound])
            let path = try directory.write(style, to: "style.css").string
            let sum = try RunningProgram.run("/usr/bin/sha256sum", [path]).standardOutput.prefix(64)
            let digits = Array(sum)
            let bytes = try stride(from: 0, to: 64, by: 2).map { offset in
                try #require(UInt8(String(digits[offset...(offset + 1)]), radix: 16))
            }
            let hash = Data(bytes).base64EncodedString()
            #expect(
                answer["Content-Security-Policy"]
                    == "default-src 'none'; style-src 'sha256-\(hash)'; base-uri 'none'; form-action 'none'; "
                    + "frame-ancestors 'none'")
            for word in ["<script", "style=", " on", "<img", "<form", "<base", "http:", "https:", "url("] {
                #expect(!text.contains(word), "\(word)")
            }
        }
    }

    @Test("every name of any bytes can be fetched by the link of the listing")
    func namesOfAnyBytes() throws {
        var names =
            (1...255).filter { $0 != 47 }.map { [UInt8($0)] } + [Array("..x".utf8), Array("a b+c;d=e?f#g%h".utf8)]
        names += [[0xC3, 0x28], [0xF0, 0x9F, 0x98, 0x80], Array(repeating: 0xFF, count: 255), Array("a:b".utf8)]
        names.removeAll { $0 == [46] }
        try serve(configure: { $0.servesHiddenFiles = true }) { directory in
            try directory.write("", to: "tree/names/x")
            for name in names { makeFile(named: Array(directory.appending("tree/names").string.utf8) + [47] + name) }
        } _: { server, _ in
            let client = try server.client()
            let rows = try client.request("GET", "/names/").text.split(separator: "\n")
                .filter { $0.hasPrefix("<tr><td>") }.dropFirst()
            let links = rows.compactMap { $0.split(separator: "\"").dropFirst().first.map(String.init) }
            #expect(Set(links) == Set(names.map(DirectoryListing.encoded)) && links.count == names.count)
            for link in links {
                #expect(link.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != 34 && $0 != 58 }, "\(link)")
                #expect(try client.request("GET", "/names/\(link)").status == 200, "\(link)")
            }
        }
    }

    @Test func aLongDirectoryIsCutAndSaysSo() throws {
        try serve(configure: { $0.listingLimit = 50 }) { directory in
            for number in 0..<60 { try directory.write("", to: "tree/many/\(number)") }
            for number in 0..<50 { try directory.write("", to: "tree/enough/\(number)") }
        } _: { server, _ in
            let client = try server.client()
            let many = try client.request("GET", "/many/?sort=size").text
            #expect(many.contains("These are the first 50 that") && many.split(separator: "<tr><td>").count == 52)
            #expect(try !client.request("GET", "/enough/").text.contains("These are"))
        }
    }
}
