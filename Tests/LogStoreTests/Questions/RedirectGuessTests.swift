// Missing paths and the existing ones that they may have meant.
import Testing

@testable import LogStore

@Suite struct RedirectGuessTests {
    private let guess = RedirectGuess(
        [
            "/", "/about", "/docs/getting-started.html", "/docs/reference", "/blog/2024/summer-holidays", "/item/12",
            "/img/logo.png", "/en/contact", "/de/contact", "/shop/", "/products/lamp-black", "/old/index.html",
        ].map { Array($0.utf8) })

    @Test(arguments: [
        ("/About", "/about"), ("/about/", "/about"), ("//about", "/about"), ("/about.html", "/about"),
        ("/docs/getting-started", "/docs/getting-started.html"),
        ("/docs/getting_started.php", "/docs/getting-started.html"),
        ("/shop/index.php", "/shop/"), ("/old", "/old/index.html"), ("/reference", "/docs/reference"),
        ("/summer-holidays", "/blog/2024/summer-holidays"), ("/img/lgo.png", "/img/logo.png"), ("/abuot", nil),
        ("/abot", "/about"),
        ("/products/lamb-blak", "/products/lamp-black"), ("/item/13", nil), ("/fr/contact", "/en/contact"),
        ("/contact", nil),
        ("/wp-login.php", nil), ("/.env", nil), ("/x", nil), ("*", nil), ("", nil), ("/about", nil),
        ("/item/12/", "/item/12"),
    ])
    func missingPath_meansTheNearestThatIsPlausible(_ missing: String, _ existing: String?) {
        let found = guess.nearest(to: Array(missing.utf8)).map { String(decoding: $0, as: UTF8.self) }
        #expect(found == existing)
    }

    @Test func distance_agreesWithTheWholeTable() {
        func whole(_ one: [UInt8], _ other: [UInt8]) -> Int {
            var row = Array(0...other.count)
            for (index, byte) in one.enumerated() {
                var next = [index + 1]
                for (column, otherByte) in other.enumerated() {
                    next.append(min(row[column] + (byte == otherByte ? 0 : 1), row[column + 1] + 1, next[column] + 1))
                }
                row = next
            }
            return row[other.count]
        }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5000 {
            let one = (0..<Int.random(in: 0...8, using: &generator)).map { _ in UInt8.random(in: 97...99) }
            let other = (0..<Int.random(in: 0...8, using: &generator)).map { _ in UInt8.random(in: 97...99) }
            let limit = Int.random(in: 1...3, using: &generator)
            let distance = whole(one, other)
            #expect(RedirectGuess.distance(one, other, limit: limit) == (distance <= limit ? distance : nil))
        }
    }

    @Test func hostilePaths_areLeftAlone() {
        let long = [UInt8(ascii: "/")] + [UInt8](repeating: 97, count: 100_000)
        #expect(RedirectGuess([long]).nearest(to: long + [97]) == nil)
        #expect(guess.nearest(to: [47, 255, 0, 10]) == nil)
    }
}
