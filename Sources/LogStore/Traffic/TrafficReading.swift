// Answers a question from one log: from stored summaries where they fit the span, from single rows for the rest.
internal import GRDB
internal import Schema

/// How a question is put to one log, in the read that it was made in.
struct TrafficReading {
    private let question: TrafficQuestion
    private let reader: TierReader?

    /// Stretches of the span, those without a tier to be scanned.
    let parts: [TierPlan.Part]

    init(_ question: TrafficQuestion, _ database: Database) throws {
        self.question = question
        let tiers = question.tiers
        reader = tiers.isEmpty ? nil : try TierReader(database)
        let span = question.selection.span
        parts = reader?.plan(span, tiers: tiers).parts ?? [TierPlan.Part(tier: nil, keys: span.keys)]
    }

    /// The stretches to be scanned.
    var scanned: [Range<Int64>] { parts.filter { $0.tier == nil }.map(\.keys) }

    /// Adds what the summaries hold to what was scanned.
    ///
    /// - Returns: The lists of the summaries.
    func add(to counted: inout CountedTraffic, _ cost: inout ReadCost) throws -> [TierField: TierList] {
        guard let reader else { return [:] }
        let stepUs = question.stepSeconds * 1_000_000
        for part in parts {
            guard let tier = part.tier else { continue }
            cost.add(ReadPart(tier: tier.reportTier, keys: part.keys), sql: SQL.rollups)
            let (first, last) = (part.keys.lowerBound, part.keys.upperBound)
            var added = CountedTraffic()
            cost.summaries += try reader.forEachSummary(part) { startKey, summary in
                let us = DatabaseFormat.unixMicroseconds(ofID: startKey)
                let step = stepUs == 0 ? 0 : LogFleet.floor(us, stepUs)
                added.steps[step, default: TrafficSummary()].merge(summary)
                added.oldestID = min(added.oldestID, max(first, startKey))
            }
            added.summedUntilID = last
            counted.merge(added)
            try LogFleet.checkSteps(Int64(counted.steps.count), stepUs: stepUs)
        }
        let fields = Set(question.fields.map(\.tierField))
        if fields.isEmpty || counted.summedUntilID == 0 { return [:] }
        let (lists, lineCount) = try reader.lists(fields, parts)
        cost.summaries += lineCount
        cost.add(sql: SQL.topLists)
        return lists
    }
}

extension TrafficQuestion {
    /// The tiers whose summaries can answer; none when conditions are given, for a summary does not know single
    /// requests.
    var tiers: Set<Tier> {
        if isExact || pair != nil || !selection.filter.isEmpty { return [] }
        if needsLatencyByKey, fields.contains(where: { !$0.tierField.hasLatency }) { return [] }
        var tiers = Set(Tier.allCases)
        if !fields.isEmpty { tiers.remove(.minute) }
        return stepSeconds == 0 ? tiers : tiers.filter { stepSeconds % $0.seconds == 0 }
    }
}

extension Tier {
    /// The name in reports.
    var reportTier: Report.Tier {
        switch self {
        case .minute: .minutes
        case .hour: .hours
        case .day: .days
        }
    }
}

extension TrafficField {
    /// The list of summaries that holds it, or what it is worked out from.
    var tierField: TierField {
        switch self {
        case .path, .template: .path
        case .client: .client
        case .host: .host
        case .agent, .agentClass, .agentFamily: .agent
        case .referer, .site: .referer
        case .status: .status
        case .method: .method
        case .protocol: .httpVersion
        case .outcome: .outcome
        case .worker: .worker
        case .notFound: .notFound
        }
    }
}
