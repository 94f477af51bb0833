// Chromium with somebody at its keyboard: pages are opened, waited for and looked into over the DevTools protocol.
import LinuxSyscalls
import SystemPackage
import TestSupport

/// A browser that opens a page and waits for what is expected of it, one expectation after the other.
///
/// The protocol runs over a pair of pipes (`--remote-debugging-pipe`); Python speaks it.
final class DrivenBrowser {
    let program: RunningProgram

    /// Opens a page.
    ///
    /// - Parameter expectations: Expressions of JavaScript. Each is tried until it is true; then a line `true NUMBER`
    ///   comes out, and the next one's turn has come.
    init(in directory: TemporaryDirectory, _ url: String, expectations: [String]) throws {
        let home = directory.appending("browser").string
        program = try RunningProgram(
            InstalledProgram.path(of: "python3"),
            ["-c", Self.driver, InstalledProgram.path(of: "chromium"), home, url] + expectations,
            environment: ["HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home])
    }

    /// Waits until an expectation is true.
    func wait(for expectation: Int) throws {
        _ = try program.waitForLine { $0 == "true \(expectation)" ? true : nil }
    }

    /// Waits for the end: what pages and the browser complained about, and the addresses that were asked for.
    func end() throws -> (complaints: [String], addresses: [String]) {
        let end = try program.waitForEnd()
        if end != .exited(status: 0) { throw TestFailure("not all came true", program) }
        let lines = program.standardOutput.split(separator: "\n").map(String.init)
        func behind(_ word: String) -> [String] {
            lines.filter { $0.hasPrefix(word) }.map { String($0.dropFirst(word.count)) }
        }
        return (behind("complaint "), behind("request "))
    }

    private static let driver = """
        import json, os, select, subprocess, sys, time
        chromium, home, url, *expectations = sys.argv[1:]
        (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
        def arrange():
            os.dup2(theirs_in, 103); os.dup2(theirs_out, 104)
            os.dup2(103, 3); os.dup2(104, 4)
        browser = subprocess.Popen([chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--no-proxy-server", "--disable-background-networking", "--disable-component-update",
            "--disable-extensions", "--user-data-dir=" + home, "--remote-debugging-pipe", "about:blank"],
            preexec_fn=arrange, close_fds=False, stderr=subprocess.DEVNULL)
        os.close(theirs_in); os.close(theirs_out)
        buffer, number, answers, end = b"", 0, {}, time.time() + \(patienceMs / 1_000)
        def read():
            global buffer
            if not select.select([ours_in], [], [], 0.1)[0]: return
            buffer += os.read(ours_in, 1 << 20)
            *messages, buffer = buffer.split(b"\\0")
            for message in map(json.loads, messages):
                if "id" in message: answers[message["id"]] = message
                event, facts = message.get("method"), message.get("params", {})
                if event == "Network.requestWillBeSent": print("request", facts["request"]["url"])
                if event == "Log.entryAdded": print("complaint", facts["entry"]["text"])
                if event == "Runtime.exceptionThrown": print("complaint", json.dumps(facts["exceptionDetails"]))
                if event == "Runtime.consoleAPICalled": print("complaint", json.dumps(facts["args"]))
        def call(method, session=None, **parameters):
            global number
            number += 1
            message = {"id": number, "method": method, "params": parameters}
            if session: message["sessionId"] = session
            os.write(ours_out, json.dumps(message).encode() + b"\\0")
            while number not in answers:
                if time.time() > end: sys.exit("no answer to " + method)
                read()
            return answers[number].get("result", {})
        try:
            pages = []
            while not pages:
                pages = [t for t in call("Target.getTargets")["targetInfos"] if t["type"] == "page"]
            page = call("Target.attachToTarget", targetId=pages[0]["targetId"], flatten=True)["sessionId"]
            for domain in ["Log", "Runtime", "Network", "Page"]: call(domain + ".enable", page)
            call("Page.navigate", page, url=url)
            for place, expression in enumerate(expectations):
                end = time.time() + \(patienceMs / 1_000)
                while True:
                    result = call("Runtime.evaluate", page, expression=expression, returnByValue=True)
                    if result.get("result", {}).get("value") is True: break
                    if time.time() > end: sys.exit("not true: " + expression + " but " + json.dumps(result))
                    read()
                print("true", place, flush=True)
        finally:
            browser.kill()
            browser.wait()
        """
}
