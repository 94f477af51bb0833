// Chromium: pages with all that belongs to them, listings whose links lead to their files, and sound that is sought in.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite(.needs("chromium"), .timeLimit(.minutes(3))) struct BrowserTests {
        @Test func loadsAPageWithStyleScriptImageAndData() throws {
            try withDaemon {
                try $0.write(Self.page, to: "site/page.html")
                try $0.write("body { background: #abcdef }", to: "site/style.css")
                try $0.write(Self.script, to: "site/app.js")
                try $0.write(#"<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"/>"#, to: "site/dot.svg")
                try $0.write(#"{"answer": 42}"#, to: "site/data.json")
            } _: { daemon, directory in
                let (text, console) = try Browser.elements(of: url(daemon, "page.html"), in: directory)
                #expect(text.contains("<title>rgb(171, 205, 239) 3 42</title>"), "\(text)")
                #expect(console.count == 1 && console[0].contains("all is here"), "\(console)")
                try daemon.stop()
                let rows = try daemon.query(
                    "SELECT path, status, outcome FROM requests WHERE path <> '/favicon.ico' ORDER BY path")
                let paths = ["/app.js", "/data.json", "/dot.svg", "/page.html", "/style.css"]
                #expect(rows == paths.map { [$0, "200", "ok"] })
            }
        }

        @Test func followsTheLinksOfAListing() throws {
            let names = ["100%.txt", "a & <b>.txt", "c:d.txt", "e?f#g.txt", "quo\"te'.txt", "ü – 日本.txt", "z+1;2.txt"]
            try withDaemon {
                for name in names { try $0.write("<\(name)>", to: "site/dir/\(name)") }
                try $0.write(Self.visitor, to: "site/visitor.html")
            } _: { daemon, directory in
                let listing = try Browser.elements(of: url(daemon, "dir/"), in: directory)
                #expect(listing.console.isEmpty, "\(listing.console)")
                for name in names {
                    let escaped = name.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(
                        ">", with: "&gt;")
                    #expect(listing.text.contains(">\(escaped)<"), "\(listing.text)")
                }
                let visit = try Browser.elements(of: url(daemon, "visitor.html"), in: directory)
                #expect(visit.text.contains("<title>\(names.count) of \(names.count)</title>"), "\(visit.text)")
                #expect(visit.console.isEmpty, "\(visit.console)")
            }
        }

        @Test func seeksInSoundByRanges() throws {
            let sound = Self.silence(seconds: 80)
            try withDaemon {
                try $0.write(sound, to: "site/sound.wav")
                try $0.write(Self.player, to: "site/player.html")
            } _: { daemon, directory in
                let browser = try Browser(in: directory, url(daemon, "player.html"))
                let reported = daemon.eventuallyCounts(
                    1, "SELECT count(*) FROM requests WHERE path = '/report'", timeoutMs: 60_000)
                #expect(reported, "\(browser.program.standardError)")
                browser.program.killAll()
                #expect(browser.program.processes.isEmpty)
                try daemon.stop()
                let report = try daemon.query("SELECT query FROM requests WHERE path = '/report'")
                #expect(report == [["sought=79&duration=80"]])
                // First all of it, of which the browser takes as much as it needs, then what lies behind the place.
                let rows = try daemon.query(
                    "SELECT status, bytes_out FROM requests WHERE path = '/sound.wav' ORDER BY id")
                print("sound of \(sound.count) bytes: \(rows)")
                #expect(rows.filter { $0[0] == "206" }.count >= 2, "\(rows)")
                // What it has kept of the file it may ask about once more.
                #expect(rows.allSatisfy { $0[0] == "206" || $0[0] == "304" }, "\(rows)")
                #expect(rows.reduce(0) { $0 + (Int($1[1]) ?? 0) } < sound.count, "\(rows)")
            }
        }

        private func url(_ daemon: Daemon, _ path: String) -> String {
            "http://127.0.0.1:\(daemon.port)/\(path)"
        }

        private static let page = """
            <!doctype html><html lang="en"><meta charset="utf-8"><title>not yet</title>
            <link rel="stylesheet" href="style.css"><img src="dot.svg" alt=""><script src="app.js"></script></html>
            """

        private static let script = """
            addEventListener('load', async () => {
                const data = await (await fetch('data.json')).json();
                const colour = getComputedStyle(document.body).backgroundColor;
                document.title = colour + ' ' + document.images[0].naturalWidth + ' ' + data.answer;
                console.log('all is here');
            });
            """

        /// Fetches each link of a listing; a file holds its own name in angle brackets.
        private static let visitor = """
            <!doctype html><html lang="en"><meta charset="utf-8"><title>not yet</title><script>
            addEventListener('load', async () => {
                const base = new URL('dir/', location);
                const listing = new DOMParser().parseFromString(await (await fetch(base)).text(), 'text/html');
                const links = [...listing.querySelectorAll('a')].filter(link => link.textContent.endsWith('.txt'));
                let right = 0;
                for (const link of links) {
                    const answer = await fetch(new URL(link.getAttribute('href'), base));
                    if (answer.ok && await answer.text() === `<${link.textContent}>`) right += 1;
                }
                document.title = `${right} of ${links.length}`;
            });
            </script></html>
            """

        /// Seeks to a second before the end as soon as the length is known, and tells the server where it came to.
        private static let player = """
            <!doctype html><html lang="en"><meta charset="utf-8"><title>player</title>
            <audio preload="metadata"></audio><script>
            const audio = document.querySelector('audio');
            const report = text => fetch('/report?' + text);
            audio.onerror = () => report('error=' + audio.error.code);
            audio.onloadedmetadata = () => { audio.currentTime = audio.duration - 1 };
            audio.onseeked = () => report(`sought=${audio.currentTime}&duration=${audio.duration}`);
            audio.src = 'sound.wav';
            </script></html>
            """

        /// Values of 16 bits, stereo, 48,000 a second, behind the 44 bytes of a RIFF head.
        private static func silence(seconds: Int) -> [UInt8] {
            let size = 192_000 * seconds
            func little(_ number: Int, _ count: Int) -> [UInt8] {
                (0..<count).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
            }
            let format = little(16, 4) + little(1, 2) + little(2, 2) + little(48_000, 4) + little(192_000, 4)
            let head = Array("RIFF".utf8) + little(36 + size, 4) + Array("WAVEfmt ".utf8) + format
            return head + little(4, 2) + little(16, 2) + Array("data".utf8) + little(size, 4)
                + [UInt8](repeating: 0, count: size)
        }
    }
}
