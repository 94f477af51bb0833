// Answers a question from one log: from stored summaries where they fit the span, from single rows for the rest.
internal import GRDB
internal import Schema

/// How a question is put to one log, in the read that it was made in.
struct TrafficReading {
    private let question: TrafficQuestion
    private let reader: TierReader?

    /// What totals and timeline are put together from.
    private let totals: [TierPlan.Part]

    /// What the lists are put together from; as the totals when there are none.
    private let lists: [TierPlan.Part]

    /// What is to be scanned.
    let stretches: [ScanStretch]

    init(_ question: TrafficQuestion, _ database: Database) throws {
        self.question = question
        let span = question.selection.span
        let rows = [TierPlan.Part(tier: nil, keys: span.keys)]
        let tiers = question.tiers
        reader = tiers.isEmpty ? nil : try TierReader(database)
        if question.fields.isEmpty {
            totals = reader?.plan(span, tiers: tiers).parts ?? rows
            lists = totals
        } else {
            lists = reader?.plan(span, tiers: question.listTiers).parts ?? rows
            // Where all rows are read for the lists, they tell the totals exactly.
            let isSummed = lists.contains { $0.tier != nil }
            totals = isSummed ? reader?.plan(span, tiers: tiers).parts ?? rows : rows
        }
        stretches = ScanStretch.stretches(totals: totals, lists: lists)
    }

    /// Whether totals come from summaries, at least in part.
    var isSummed: Bool { totals.contains { $0.tier != nil } }

    /// Adds what the summaries hold to what was scanned.
    ///
    /// - Returns: The lists of the summaries.
    func add(to counted: inout CountedTraffic, _ cost: inout ReadCost) throws -> [TierField: TierListSum] {
        guard let reader else { return [:] }
        let stepUs = question.stepSeconds * 1_000_000
        for part in totals {
            guard let tier = part.tier else { continue }
            cost.add(ReadPart(tier: tier.reportTier, keys: part.keys), sql: SQL.rollups)
            var added = CountedTraffic()
            cost.summaries += try reader.forEachSummary(part) { startKey, summary in
                let us = DatabaseFormat.unixMicroseconds(ofID: startKey)
                let step = stepUs == 0 ? 0 : LogFleet.floor(us, stepUs)
                added.steps[step, default: TrafficSummary()].merge(summary)
                added.oldestID = min(added.oldestID, max(part.keys.lowerBound, startKey))
            }
            counted.merge(added)
            try LogFleet.checkSteps(Int64(counted.steps.count), stepUs: stepUs)
        }
        guard !question.fields.isEmpty, let last = lists.last(where: { $0.tier != nil }) else { return [:] }
        counted.listedUntilID = last.keys.upperBound
        for part in lists where !totals.contains(part) {
            if let tier = part.tier { cost.add(ReadPart(tier: tier.reportTier, keys: part.keys), sql: SQL.topLists) }
        }
        let fields = question.fields.map(\.tierField)
        let (found, lineCount) = try reader.lists(fields, lists, withLatency: question.needsLatencyByKey)
        cost.summaries += lineCount
        cost.add(sql: SQL.topLists)
        return found
    }
}

extension TrafficQuestion {
    /// The tiers whose summaries can answer for totals and timeline; none when conditions are given, for a summary does
    /// not know single requests.
    var tiers: [Tier] {
        if isExact || pair != nil || !selection.filter.isEmpty { return [] }
        if needsLatencyByKey, fields.contains(where: { !$0.tierField.hasLatency }) { return [] }
        return Tier.allCases.filter { stepSeconds % $0.seconds == 0 }
    }

    /// Those whose lists can answer, when any summary can.
    var listTiers: [Tier] { [.hour, .day] }
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
