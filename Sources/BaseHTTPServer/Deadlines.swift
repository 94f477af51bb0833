// Who must have done something by when: one first-in-first-out list a kind, so that nothing scans all connections.

/// What a connection is being waited for. Each kind has one length, so its list is in order of time by itself.
enum DeadlineKind: Int, CaseIterable {
    /// A whole request head.
    case head
    /// A kept connection's next request.
    case idle
    /// Movement of a body or an answer.
    case transfer
    /// The end of a refused client's sending.
    case linger
    /// In a drain: a kept connection's late request, and then the client's own end of the connection.
    case parting
}

/// The time limits of connections, by their index in the table of connections.
final class Deadlines {
    private struct Link {
        var previous: Int32 = -1
        var next: Int32 = -1
        var kind: Int8 = -1
        var dueNs: Int64 = 0
    }

    private var links: [Link] = []
    private var first = InlineArray<5, Int32>(repeating: -1)
    private var last = InlineArray<5, Int32>(repeating: -1)
    private let durationsNs: InlineArray<5, Int64>
    /// How much later than its length a limit may end.
    private let slackNs: InlineArray<5, Int64>

    init(_ configuration: ServerConfiguration) {
        durationsNs = [
            Self.nanoseconds(configuration.headTimeoutSeconds), Self.nanoseconds(configuration.idleTimeoutSeconds),
            Self.nanoseconds(configuration.transferWindowSeconds),
            Self.nanoseconds(configuration.lingerTimeoutSeconds), Self.nanoseconds(configuration.drainLingerSeconds),
        ]
        // Only idle connections are looked at for each request.
        slackNs = [0, durationsNs[DeadlineKind.idle.rawValue] / 16, 0, 0, 0]
    }

    /// Seconds as nanoseconds: at least none, at most three years.
    static func nanoseconds(_ seconds: Double) -> Int64 { Int64(max(0, min(seconds, 1e8)) * 1e9) }

    /// What connection `index` is waited for; nil for nothing.
    func kind(_ index: Int) -> DeadlineKind? {
        index < links.count ? DeadlineKind(rawValue: Int(links[index].kind)) : nil
    }

    /// Starts, or starts anew, the limit of a kind for a connection, in place of any other.
    func start(_ kind: DeadlineKind, _ index: Int, nowNs: Int64) {
        while links.count <= index { links.append(Link()) }
        let list = kind.rawValue
        let dueNs = nowNs + durationsNs[list] + slackNs[list]
        // A busy connection would be moved for each request: within the slack it keeps its place.
        if Int(links[index].kind) == list, dueNs - links[index].dueNs < slackNs[list] { return }
        remove(index)
        let tail = last[list]
        links[index] = Link(previous: tail, next: -1, kind: Int8(list), dueNs: dueNs)
        if tail < 0 { first[list] = Int32(index) } else { links[Int(tail)].next = Int32(index) }
        last[list] = Int32(index)
    }

    /// Waits for nothing any more.
    func remove(_ index: Int) {
        guard index < links.count, links[index].kind >= 0 else { return }
        let link = links[index]
        let list = Int(link.kind)
        if link.previous < 0 { first[list] = link.next } else { links[Int(link.previous)].next = link.next }
        if link.next < 0 { last[list] = link.previous } else { links[Int(link.next)].previous = link.previous }
        links[index].kind = -1
    }

    /// The connection that has been waited for longest in a kind; nil when there is none.
    func oldest(_ kind: DeadlineKind) -> Int? {
        first[kind.rawValue] < 0 ? nil : Int(first[kind.rawValue])
    }

    /// A connection whose time is up.
    func expired(nowNs: Int64) -> (index: Int, kind: DeadlineKind)? {
        for kind in DeadlineKind.allCases {
            let index = first[kind.rawValue]
            if index >= 0, links[Int(index)].dueNs <= nowNs { return (Int(index), kind) }
        }
        return nil
    }

    /// When the next time is up; nil when nothing is waited for.
    var nextNs: Int64? {
        var next: Int64?
        for list in 0..<DeadlineKind.allCases.count where first[list] >= 0 {
            next = min(next ?? .max, links[Int(first[list])].dueNs)
        }
        return next
    }
}
