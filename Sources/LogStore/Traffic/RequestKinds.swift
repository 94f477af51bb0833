// Kinds of requests that can be told from one of their texts.

/// Questions about the texts of a request.
enum RequestKinds {
    /// Endings of the files that pages load, in lower case.
    private static let staticEndings: Set<[UInt8]> = Set(
        [
            "avif", "bmp", "css", "eot", "gif", "ico", "jpeg", "jpg", "js", "map", "mjs", "mp3", "mp4", "ogg", "otf",
            "pdf", "png", "svg", "ttf", "wasm", "wav", "webm", "webmanifest", "webp", "woff", "woff2",
        ].map { Array($0.utf8) })

    /// Whether a path names a file of a kind that pages load.
    static func isStaticFile(path: [UInt8]) -> Bool {
        // The longest ending has 11 bytes.
        let end = path.suffix(12)
        guard let dot = end.lastIndex(of: UInt8(ascii: ".")) else { return false }
        return staticEndings.contains(end[(dot + 1)...].map(GlobPattern.lowercased))
    }

    /// Whether an agent says that it is a crawler, of a search engine or for a language model.
    static func isCrawler(agent: [UInt8]) -> Bool {
        switch AgentProfile(agent: agent).agentClass {
        case .crawler, .aiCrawler: true
        case .browser, .monitor, .feedReader, .tool, .unknown: false
        }
    }
}

/// The names of the outcomes.
enum RequestOutcome {
    /// By the number that the column `outcome` of table `access` holds.
    static let names = ["ok", "aborted", "timeout", "crashed", "killed", "shed"]
}

extension RequestOutcome {
    /// The name of a number; a number without a name is its digits.
    static func name(_ number: Int64) -> String {
        number >= 0 && number < names.count ? names[Int(number)] : String(number)
    }
}

/// The names of the protocols.
enum RequestProtocol {
    /// The name of what the column `protocol` of table `access` holds, as the view `requests` has it.
    static func name(_ number: Int64) -> String {
        switch number {
        case 9: "HTTP/0.9"
        case 10: "HTTP/1.0"
        case 11: "HTTP/1.1"
        default: String(number)
        }
    }
}
