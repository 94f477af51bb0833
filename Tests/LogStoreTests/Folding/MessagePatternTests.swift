// Messages and the patterns that they fold to.
import LogStore
import Testing

@Suite struct MessagePatternTests {
    private func fold(_ message: String) -> String {
        String(decoding: MessagePattern.fold(Array(message.utf8)), as: UTF8.self)
    }

    @Test(arguments: [
        ("", ""), ("File not found", "File not found"), ("took 42 ms", "took <number> ms"),
        ("took 42ms", "took <number>ms"),
        ("at -1.5 degrees", "at <number> degrees"), ("1,000,000 rows", "<number> rows"),
        ("address 0x7ffe", "address <number>"),
        ("user \"Ada O'Brien\" is unknown", "user \"<text>\" is unknown"), ("can't open 'a b'", "can't open '<text>'"),
        ("`x` and `y`", "`<text>` and `<text>`"), ("say \"open", "say \"open"),
        ("cannot read /srv/www/a.txt: No such file", "cannot read <path>: No such file"),
        ("get http://example.org/a?b=1 failed", "get <path> failed"), ("read and/or write", "read and/or write"),
        ("3 / 4", "<number> / <number>"), ("no route to 192.0.2.1:8080", "no route to <address>"),
        ("peer 192.0.2.1: reset", "peer <address>: reset"), ("to [2001:db8::1]:80", "to <address>"),
        ("to 2001:db8::1 now", "to <address> now"), ("std::vector", "std::vector"),
        ("mail ada@example.org.", "mail <address>."),
        ("id 6f1c2f1e-0d3a-4a52-9c55-0f6f3d2b7a10 gone", "id <id> gone"), ("commit 9f86d081884c7d65", "commit <id>"),
        ("key dQw4w9WgXcQ", "key <id>"), ("2026-03-01T10:00:00Z late", "<time> late"),
        ("at 10:00:00.5 UTC", "at <time> UTC"),
        ("code 404, message File not found", "code 404, message File not found"), ("signal 11", "signal 11"),
        ("status=500", "status=500"), ("code 12345", "code <number>"), ("user12345", "user<number>"),
        ("SHA256", "SHA256"),
        ("a\n  b\t c ", "a b c"), ("Basket.swift:17: Fatal error", "Basket.swift:<number>: Fatal error"),
        ("[12] x", "[<number>] x"), ("dead::beef", "dead::beef"), ("größer als 5", "größer als <number>"),
    ])
    func message_foldsToItsPattern(_ message: String, _ pattern: String) {
        #expect(fold(message) == pattern)
    }

    @Test func differentValues_haveOnePattern() {
        #expect(fold("row 17 of /tmp/a took 1.5s") == fold("row 9 of /var/b took 20s"))
    }

    @Test func hostileText_isBounded() {
        for piece in ["\"", "'a ", "/", "1", ":", "1:", "a.", "a@", "[", "[a", "\u{1b}[31m", "ü", " ", "0x"] {
            let pattern = MessagePattern.fold(Array(String(repeating: piece, count: 100_000).utf8))
            #expect(pattern.count <= 16_384)
        }
        #expect(MessagePattern.fold([0, 255, 254]) == [0, 255, 254])
    }
}
