// Folds segments of paths whose siblings are very many: `/blog/my-holidays` becomes `/blog/:slug`, when there are
// hundreds beside it.

/// Templates learned from the paths of a report themselves, without configuration.
///
/// A place in the tree of paths with more than ``siblingLimit`` different segments, each asked for by fewer than one in
/// a hundred of the requests there, varies. When such rare segments make up half of the requests, all segments of the
/// place become `:slug`; when they make up less, only they do, and the busy ones keep their names: the random paths
/// that scanners ask for do not swallow `/login`. Extensions stay: `:slug.html`. The result depends only on the paths.
public struct LearnedTemplates: Sendable {
    /// How many different rare segments a place may have before they are folded.
    static let siblingLimit = 100

    /// How many paths are learned from, the first ones.
    static let pathLimit = 100_000

    private struct Node {
        /// The segments that keep their names.
        var children: [ArraySlice<UInt8>: Int] = [:]
        /// The folded ones, by placeholder with extension.
        var folded: [ArraySlice<UInt8>: Int] = [:]
    }

    private struct Member {
        let segments: [ArraySlice<UInt8>]
        let requests: Int64
    }

    private var nodes: [Node] = []

    /// Learns from paths.
    ///
    /// - Parameter paths: Each path and how often it was asked for, the busiest first.
    public init(_ paths: some Sequence<(path: [UInt8], requests: Int64)>) {
        let members = paths.prefix(Self.pathLimit).map { path, requests in
            Member(segments: Self.segments(PathTemplate.fold(path)), requests: max(1, requests))
        }
        _ = makeNode(members, depth: 0)
    }

    /// The template of a path, one of those that were learned or another.
    public func template(_ path: [UInt8]) -> [UInt8] {
        var template: [UInt8] = []
        template.reserveCapacity(path.count)
        var node: Int? = 0
        for (index, segment) in Self.segments(PathTemplate.fold(path)).enumerated() {
            if index > 0 { template.append(UInt8(ascii: "/")) }
            guard let here = node else {
                template += segment
                continue
            }
            if let child = nodes[here].children[segment] {
                template += segment
                node = child
            } else if let name = [Self.placeholder(segment), Self.slug].first(where: { nodes[here].folded[$0] != nil })
            {
                template += name
                node = nodes[here].folded[name]
            } else {
                template += segment
                node = nil
            }
        }
        return template
    }

    private static let slug = ArraySlice(":slug".utf8)

    private static func segments(_ path: [UInt8]) -> [ArraySlice<UInt8>] {
        path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    }

    private static func placeholder(_ segment: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        PathTemplate.extensionStart(segment).map { slug + segment[$0...] } ?? slug
    }

    /// Makes the node for paths that agree, as far as they are told apart, in their first segments.
    private mutating func makeNode(_ members: [Member], depth: Int) -> Int {
        let index = nodes.count
        nodes.append(Node())
        var groups: [ArraySlice<UInt8>: [Member]] = [:]
        for member in members where depth < member.segments.count {
            groups[member.segments[depth], default: []].append(member)
        }
        let requests = groups.mapValues { $0.reduce(0) { $0 + $1.requests } }
        let total = requests.values.reduce(0, +)
        let rare = requests.filter { $0.value * 100 < total }
        let isVarying = rare.count > Self.siblingLimit
        let isWhollyVarying = isVarying && rare.values.reduce(0, +) * 2 >= total
        var folded: [ArraySlice<UInt8>: [Member]] = [:]
        for (segment, group) in groups {
            if isWhollyVarying || isVarying && rare[segment] != nil {
                folded[Self.placeholder(segment), default: []] += group
            } else {
                nodes[index].children[segment] = makeNode(group, depth: depth + 1)
            }
        }
        if isWhollyVarying, folded[Self.slug] == nil { folded[Self.slug] = [] }
        for (name, group) in Self.withoutRareExtensions(folded, total: total) {
            nodes[index].folded[name] = makeNode(group, depth: depth + 1)
        }
        return index
    }

    /// Extensions of fewer than one request in a hundred are no templates of their own: scanners make them up.
    private static func withoutRareExtensions(
        _ folded: [ArraySlice<UInt8>: [Member]], total: Int64
    ) -> [ArraySlice<UInt8>: [Member]] {
        var kept: [ArraySlice<UInt8>: [Member]] = [:]
        for (name, group) in folded {
            let isRare = group.reduce(0) { $0 + $1.requests } * 100 < total
            kept[isRare ? slug : name, default: []] += group
        }
        return kept
    }
}

extension LearnedTemplates {
    /// Learns from the keys of lists.
    ///
    /// - Parameter part: Which part of keys that are pairs is the path.
    init(_ lines: [TrafficLine], part: Int = 0) {
        self.init(
            lines.lazy.compactMap { line in
                guard case .text(let path) = line.key.parts.dropFirst(part).first else { return nil }
                return (path, line.counts.requests)
            })
    }

    /// Adds up the lines of a list of paths by their templates.
    ///
    /// - Parameters:
    ///   - lines: Lines whose keys are paths, or templates of ``PathTemplate``.
    ///   - part: Which part of keys that are pairs is the path.
    ///   - limit: The greatest number of lines; `nil`: all. What is cut off is added to the line `others`.
    /// - Returns: The lines, the template with the most requests first.
    func fold(_ lines: [TrafficLine], part: Int = 0, limit: Int?) -> [TrafficLine] {
        var sums = TrafficLineSums()
        for line in lines {
            let key = line.key.replacing(part: part) { key in
                if case .text(let path) = key { .text(template(path)) } else { key }
            }
            sums.add(line.with(key: key))
        }
        return sums.lines(limit: limit)
    }

    /// Adds up the lines of a list of paths by what they teach themselves.
    public static func fold(_ lines: [TrafficLine], part: Int = 0, limit: Int?) -> [TrafficLine] {
        LearnedTemplates(lines, part: part).fold(lines, part: part, limit: limit)
    }
}
