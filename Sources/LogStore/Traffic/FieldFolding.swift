// Properties that are worked out from a text of the log: the site of a referer, the class of an agent.

extension TrafficField {
    /// Whether several texts of the log have the same key.
    var isFolded: Bool {
        switch self {
        case .template, .agentClass, .agentFamily, .site: true
        case .path, .client, .host, .agent, .referer, .status, .method, .protocol, .outcome, .worker, .notFound: false
        }
    }

    /// The key of a text of the log.
    func folded(_ text: [UInt8]) -> TrafficKey {
        switch self {
        case .template: .text(PathTemplate.fold(text))
        case .agentClass: .text(Array(AgentProfile(agent: text).agentClass.rawValue.utf8))
        case .agentFamily: Self.family(text)
        case .site: Self.site(text).map(TrafficKey.text) ?? .none
        default: .text(text)
        }
    }

    /// The name of a program; an empty field names none.
    private static func family(_ agent: [UInt8]) -> TrafficKey {
        let family = AgentProfile(agent: agent).family
        return family.isEmpty ? .none : .text(Array(family.utf8))
    }

    /// The host of an absolute URI, in lower case and with its port; `nil`: the referer names none.
    private static func site(_ referer: [UInt8]) -> [UInt8]? {
        guard let colon = referer.firstIndex(of: UInt8(ascii: ":")), referer[colon...].starts(with: "://".utf8) else {
            return nil
        }
        let authority = referer[(colon + 3)...].prefix { !"/?#".utf8.contains($0) }
        // What stands before an @ is a name and a password.
        let host = authority.lastIndex(of: UInt8(ascii: "@")).map { authority[($0 + 1)...] } ?? authority
        return host.isEmpty ? nil : host.map(GlobPattern.lowercased)
    }
}
