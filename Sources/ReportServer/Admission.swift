// Who may see the pages: anybody on this machine who asks by a name of this machine, elsewhere who knows the token.

/// The rule that every request has to meet.
struct Admission {
    /// What is known of a request.
    struct Visitor {
        /// The field Host.
        var host: String?
        /// The field Authorization.
        var authorization: String?
        /// The field Cookie.
        var cookie: String?
        /// The token in the address.
        var token: String?
        /// The fields Sec-Fetch-Site and Sec-Fetch-Mode (Fetch Metadata).
        var fetchSite: String?
        var fetchMode: String?
    }

    /// What becomes of a request.
    enum Verdict: Equatable {
        case admitted
        /// The token in the address is right: from now on a cookie stands for it, and the address is without it.
        case welcomed
        case refused(status: Int, reason: String)
    }

    /// What visitors must know; `nil`: nothing, as only this machine can connect.
    let token: String?
    /// What the cookie holds: random, of this process, so that the token itself is kept nowhere.
    let session: String

    /// Judges a request.
    func verdict(_ visitor: Visitor) -> Verdict {
        // A page elsewhere may name this server as its own (DNS rebinding); its name then stands in the field Host.
        if token == nil, !Self.isLocalName(visitor.host) {
            return .refused(
                status: 421, reason: "Ask by localhost or an address of it; other names want serve --token-file")
        }
        // A page elsewhere may also load from here, or link here: the latter alone is a visitor.
        if visitor.fetchSite == "cross-site" || visitor.fetchSite == "same-site", visitor.fetchMode != "navigate" {
            return .refused(status: 403, reason: "Pages of other sites may not ask")
        }
        guard let token else { return .admitted }
        if let given = visitor.token {
            if Self.isEqual(given, token) { return .welcomed }
        } else if let field = visitor.authorization, field.prefix(7).lowercased() == "bearer ",
            Self.isEqual(String(field.dropFirst(7)), token)
        {
            return .admitted
        } else if cookies(visitor.cookie).contains(where: { Self.isEqual($0, session) }) {
            return .admitted
        }
        return .refused(status: 401, reason: "Open the address with ?token=TOKEN, or send it as a Bearer token")
    }

    /// The name of the cookie. Browsers keep one jar for all ports of a host, so it names its server.
    var cookieName: String { "httpstats-" + session.prefix(8) }

    /// The values of the cookies of this server's name (RFC 6265, section 4.2).
    private func cookies(_ field: String?) -> [String] {
        (field ?? "").split(separator: ";").compactMap { pair in
            let sides = pair.split(separator: "=", maxSplits: 1)
            guard sides.count == 2, sides[0].drop(while: { $0 == " " }) == cookieName else { return nil }
            return String(sides[1])
        }
    }

    /// Whether a Host field names this machine to itself, with any port.
    static func isLocalName(_ host: String?) -> Bool {
        guard var host = host?.lowercased() else { return false }
        if let colon = host.lastIndex(of: ":"), host[host.index(after: colon)...].allSatisfy(\.isNumber) {
            host = String(host[..<colon])
        }
        return host == "localhost" || host == "127.0.0.1" || host == "[::1]" || host.hasSuffix(".localhost")
    }

    /// Compares without telling by its time where two texts differ.
    static func isEqual(_ given: String, _ secret: String) -> Bool {
        let given = Array(given.utf8)
        let secret = Array(secret.utf8)
        var difference = given.count ^ secret.count
        for index in secret.indices {
            difference |= Int(secret[index] ^ (index < given.count ? given[index] : ~secret[index]))
        }
        return difference == 0
    }
}
