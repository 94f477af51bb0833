// Headless Chromium with a profile of its own, and what its console says.
import SystemPackage
import TestSupport

/// A browser that runs until it is let go.
final class Browser {
    let program: RunningProgram

    /// Opens a page.
    ///
    /// - Parameter options: of Chromium, beside those without which it wants a desktop, a network or a sandbox.
    init(in directory: TemporaryDirectory, _ url: String, _ options: String...) throws {
        let home = directory.appending("browser").string
        program = try RunningProgram(
            InstalledProgram.path(of: "chromium"),
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--no-proxy-server", "--disable-background-networking", "--disable-component-update",
                "--disable-extensions", "--mute-audio", "--enable-logging=stderr", "--user-data-dir=\(home)",
            ] + options + [url],
            environment: ["HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home])
    }

    /// What pages, and the browser about pages, said on the console: errors of scripts, of loading, of a policy.
    var console: [Substring] {
        program.standardError.split(separator: "\n").filter { $0.contains(":CONSOLE") }
    }

    /// Waits until the page has come to rest, and returns its elements as text.
    static func elements(of url: String, in directory: TemporaryDirectory) throws -> (
        text: String, console: [Substring]
    ) {
        let browser = try Browser(in: directory, url, "--virtual-time-budget=10000", "--dump-dom")
        _ = try browser.program.waitForEnd()
        return (browser.program.standardOutput, browser.console)
    }
}
