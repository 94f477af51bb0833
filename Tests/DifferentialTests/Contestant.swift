// One of the two servers of a kind, running: Python's own or ours.
import Foundation
import LinuxSyscalls
import SystemPackage
import TestSupport

/// A fixture that serves.
final class Contestant {
    let program: RunningProgram
    let port: UInt16
    private var logged = 0

    private init(_ program: RunningProgram) throws {
        self.program = program
        port = try program.waitForLine { $0.hasPrefix("port ") ? UInt16($0.dropFirst(5)) : nil }
    }

    /// Starts our fixture.
    static func ours(_ arguments: [String]) throws -> Contestant {
        try Contestant(RunningProgram("seed-fixture", arguments, environment: environment))
    }

    /// Starts Python's.
    static func python(_ python: Python, _ arguments: [String]) throws -> Contestant {
        try Contestant(RunningProgram(python.path, [Python.script] + arguments, environment: environment))
    }

    /// A time zone that is nobody's, so that local times show; and Python's texts as ours.
    private static let environment = ["TZ": "TST-05:45", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"]

    /// Does what the exchange says, and waits until the connection has ended.
    func perform(_ exchange: Exchange) throws -> Transcript {
        let bytes = try converse(exchange)
        if let line = exchange.lateLine { _ = eventually { text(from: logged).contains(line + "\n") } }
        defer { logged = program.standardError.utf8.count }
        return Transcript(bytes, log: text(from: logged), asksForHead: exchange.asksForHead)
    }

    private func converse(_ exchange: Exchange) throws -> [UInt8] {
        let client = try HTTPClient(port: port)
        for step in exchange.steps {
            switch step {
            // A server that has closed already says what it says.
            case .send(let bytes): try? client.send(bytes)
            case .awaitAnswer: try client.waitForBytes()
            case .end: client.shutdownWrite()
            }
        }
        return try client.receiveUntilClosed()
    }

    /// What it wrote to standard error behind so many bytes.
    private func text(from start: Int) -> String {
        String(decoding: program.standardError.utf8.dropFirst(start), as: UTF8.self)
    }
}

/// The Python of this machine.
struct Python {
    let path: String
    /// 11 for 3.11.
    let minorVersion: Int

    /// Whether it has handlers of this kind: those for CGI went with Python 3.15.
    func has(_ kind: String) -> Bool { kind != "scripts" || minorVersion < 15 }

    /// Where the script lies.
    static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "SeedFixture/seed_fixture.py").path

    /// `python3` of the path, asked once; nil when there is none, or it is older than 3.11.
    static let installed: Python? = {
        let question = "import sys; print(sys.executable, sys.version_info.minor)"
        guard let answer = try? RunningProgram.run("/usr/bin/env", ["python3", "-c", question]),
            answer.end == .exited(status: 0)
        else { return nil }
        let words = answer.standardOutput.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let minor = Int(words[1]), minor >= 11 else { return nil }
        return Python(path: String(words[0]), minorVersion: minor)
    }()
}
