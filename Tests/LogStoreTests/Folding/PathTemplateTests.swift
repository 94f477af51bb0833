// Paths and the templates that they fold to, by their look and by their siblings.
import Testing

@testable import LogStore

@Suite struct PathTemplateTests {
    private func fold(_ path: String) -> String {
        String(decoding: PathTemplate.fold(Array(path.utf8)), as: UTF8.self)
    }

    @Test(arguments: [
        ("", ""), ("/", "/"), ("*", "*"), ("/index.html", "/index.html"), ("/user/123", "/user/:id"),
        ("/user/123/", "/user/:id/"), ("/user//7", "/user//:id"),
        ("/o/6f1c2f1e-0d3a-4a52-9c55-0f6f3d2b7a10", "/o/:uuid"),
        ("/o/6F1C2F1E-0D3A-4A52-9C55-0F6F3D2B7A10.json", "/o/:uuid.json"),
        ("/o/x-6f1c2f1e-0d3a-4a52-9c55-0f6f3d2b7a10", "/o/x-:uuid"),
        ("/blob/9f86d081884c7d65", "/blob/:hash"), ("/app.3f2a91bc.js", "/app.:hash.js"), ("/facade", "/facade"),
        ("/deadbeef", "/deadbeef"), ("/watch/dQw4w9WgXcQ", "/watch/:token"),
        ("/t/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/t/:token"),
        ("/t/cjld2cjxh0000qzrmn831i7rn", "/t/:token"), ("/t/aB3-dE5fG7h_J9kL1mN2", "/t/:token"),
        ("/2026-03-01", "/:date"), ("/log-2026-03-01.txt", "/log-:date.txt"), ("/at/2026-03-01T10:00:00Z", "/at/:date"),
        ("/at/2026-13-01", "/at/:id-:id-:id"), ("/lib/jquery-3.7.1.min.js", "/lib/jquery-:version.min.js"),
        ("/order-1234.json", "/order-:id.json"), ("/api/v2/users", "/api/v2/users"), ("/h2o", "/h2o"),
        ("/u/ada@example.org", "/u/:email"), ("/u/ada%40example.org", "/u/:email"), ("/@ada", "/@ada"),
        ("/ip/192.0.2.1", "/ip/:ip"), ("/ip/256.0.2.1", "/ip/:version"),
        ("/blog/how-to-bake-bread-in-24-hours", "/blog/:slug"),
        ("/blog/how-to-bake-bread-in-24-hours.html", "/blog/:slug.html"), ("/a%20b", "/a%20b"), ("/a%2f12", "/a%2f12"),
        ("/iphone15promax256gb", "/iphone15promax256gb"), ("/My-Report-Q3-2024-V2-Final", "/:slug"),
    ])
    func segment_foldsByItsLook(_ path: String, _ template: String) {
        #expect(fold(path) == template)
        #expect(fold(template) == template, "a template folds to itself")
    }

    @Test func hostilePath_isCutAndKeepsItsBytes() {
        #expect(fold(String(repeating: "/a", count: 5000)).hasSuffix("/a/:rest"))
        #expect(fold("/" + String(repeating: "a", count: 5000)) == "/:rest")
        #expect(PathTemplate.fold([47, 0, 255, 10]) == [47, 0, 255, 10])
        for bytes in ["-", "1", "a1", "%40", "1.", "@."] {
            #expect(fold("/" + String(repeating: bytes, count: 100_000)).utf8.count < 4096)
        }
    }

    private func learn(_ paths: [(String, Int64)]) -> LearnedTemplates {
        LearnedTemplates(paths.map { (path: Array($0.0.utf8), requests: $0.1) })
    }

    private func template(_ templates: LearnedTemplates, _ path: String) -> String {
        String(decoding: templates.template(Array(path.utf8)), as: UTF8.self)
    }

    private func words(_ count: Int) -> [String] {
        let letters = Array("abcdefghijklmnopqrstuvwxyz")
        return (0..<count).map { "w\(letters[$0 % 26])\(letters[$0 / 26 % 26])\(letters[$0 / 676 % 26])" }
    }

    @Test func manySiblings_becomeASlug() {
        let templates = learn(words(2000).map { ("/blog/\($0)", 3) } + [("/about", 2000), ("/blog/", 10)])
        #expect(template(templates, "/blog/waaa") == "/blog/:slug")
        #expect(template(templates, "/blog/never-seen") == "/blog/:slug")
        #expect(template(templates, "/about") == "/about")
    }

    @Test func manySiblings_keepTheirExtensionAndWhatIsBelow() {
        let templates = learn(words(500).flatMap { [("/\($0)/repos", Int64(2)), ("/\($0)/page.html", Int64(1))] })
        #expect(template(templates, "/waaa/repos") == "/:slug/repos")
        #expect(template(templates, "/waaa/page.html") == "/:slug/page.html")
        let files = learn(words(500).map { ("/img/\($0).png", 1) } + words(500).map { ("/img/\($0).jpg", 1) })
        #expect(template(files, "/img/waaa.png") == "/img/:slug.png")
        #expect(template(files, "/img/waaa.exe") == "/img/:slug")
    }

    @Test func scannersNoise_doesNotSwallowBusyPages() {
        let templates = learn(
            [("/login", 5000), ("/about", 4000), ("/rare", 1)] + words(400).map { ("/\($0).php", 1) })
        #expect(template(templates, "/login") == "/login")
        #expect(template(templates, "/about") == "/about")
        #expect(template(templates, "/waaa.php") == "/:slug.php")
        #expect(template(templates, "/rare") == "/:slug")
    }

    @Test func fewSiblings_keepTheirNames() {
        let templates = learn(words(100).map { ("/page/\($0)", 1) })
        #expect(template(templates, "/page/waaa") == "/page/waaa")
    }

    @Test func lines_addUpByTemplate() {
        func line(_ path: String, _ requests: Int64) -> TrafficLine {
            var counts = TrafficCounts()
            counts.requests = requests
            return TrafficLine(key: .text(Array(path.utf8)), counts: counts, latency: nil)
        }
        var none = line("", 2)
        none.key = .none
        let lines = LearnedTemplates.fold(
            [line("/user/1", 5), line("/user/2", 4), line("/a", 3), none, line("/b", 1)], limit: 2)
        #expect(lines.map(\.key) == [.text(Array("/user/:id".utf8)), .text(Array("/a".utf8)), .others])
        #expect(lines.map(\.counts.requests) == [9, 3, 3])
    }
}
