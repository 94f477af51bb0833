// What is sent to both servers, byte for byte.

/// What a client does on one connection, and with which kind of server of the two fixtures.
struct Exchange: Sendable {
    /// One thing a client does.
    enum Step: Sendable {
        case send([UInt8])
        /// Waits for the first byte of an answer.
        case awaitAnswer
        /// Sends nothing more.
        case end
    }

    /// Which handlers: the first argument of the fixtures.
    let kind: String
    let name: String
    let steps: [Step]

    /// What the table of differences calls it.
    var id: String { "\(kind): \(name)" }

    /// Whether the answer has no body whatever its fields say.
    var asksForHead: Bool {
        if case .send(let bytes)? = steps.first { bytes.starts(with: "HEAD ".utf8) } else { false }
    }

    /// What is logged when the client may have gone already: waited for, lest it be taken for the next exchange's.
    var lateLine: String? {
        if kind == "hooks" { return "note finish" }
        return name == "/cgi-bin/fails" ? "exit code 3" : nil
    }

    init(_ kind: String, _ name: String, _ steps: [Step]) {
        self.kind = kind
        self.name = name
        self.steps = steps
    }

    /// Bytes, and behind them a request whose answer tells that the connection was kept.
    init(_ kind: String, _ name: String, bytes: [UInt8]) {
        self.init(kind, name, [.send(bytes + Self.probe)])
    }

    /// A text, and behind it a request whose answer tells that the connection was kept.
    init(_ kind: String, _ name: String, _ text: String) {
        self.init(kind, name, bytes: [UInt8](text.utf8))
    }

    /// A request without a body, with Host.
    static func request(
        _ kind: String, method: String = "GET", _ target: String, _ version: String = "HTTP/1.1",
        _ fields: [String] = []
    ) -> Exchange {
        let lines = ["\(method) \(target) \(version)", "Host: h"] + fields
        let said = (version == "HTTP/1.1" ? [] : [version]) + fields
        let name = ([method == "GET" ? target : "\(method) \(target)"] + said).joined(separator: ", ")
        return Exchange(kind, name, lines.joined(separator: "\r\n") + "\r\n\r\n")
    }

    static let probe = [UInt8]("GET /probe HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".utf8)
}
