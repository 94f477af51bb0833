// When the writer removes old rows by itself: by age and by size, a little every minute.
internal import GRDB
internal import LinuxSyscalls
internal import Schema

/// The writer's own pruning, one run after another.
struct Retention {
    /// Time between the end of a run and the next, in nanoseconds: a minute.
    static let intervalNs: Int64 = 60_000_000_000
    /// Time between two runs that look for texts that no row names, in microseconds: a day. They read all rows.
    static let textsIntervalUs: Int64 = 86_400_000_000

    private let seconds: Int64?
    private let maximumBytes: Int64?
    private let minutesSeconds: Int64?
    private let hoursSeconds: Int64?
    private var nextNs: Int64

    init(_ configuration: LogWriterConfiguration) {
        seconds = configuration.retentionSeconds
        maximumBytes = configuration.maximumBytes
        minutesSeconds = configuration.minutesRetentionSeconds
        hoursSeconds = configuration.hoursRetentionSeconds
        nextNs = Clock.monotonicNs() + configuration.settlingMs * 1_000_000
    }

    /// The run that is due now, if one is.
    mutating func due(nowNs: Int64, _ database: LogDatabase) -> Pruning? {
        let isLimited = seconds != nil || maximumBytes != nil || minutesSeconds != nil || hoursSeconds != nil
        guard isLimited, nowNs >= nextNs else { return nil }
        nextNs = nowNs + Self.intervalNs
        let nowUs = Clock.realtimeUs()
        let look = try? database.look { try Row.fetchOne($0, sql: SQL.textsLook) }
        func moment(_ seconds: Int64?) -> Int64? { seconds.map { nowUs - $0 * 1_000_000 } }
        var goal = PruneGoal(beforeUs: moment(seconds), maximumBytes: maximumBytes)
        goal.minutesBeforeUs = moment(minutesSeconds)
        goal.hoursBeforeUs = moment(hoursSeconds)
        return Pruning(goal, removesTexts: isTimeForTexts(look ?? nil, nowUs), freesAllPages: false)
    }

    /// Only rows that were removed leave texts behind that none names.
    private func isTimeForTexts(_ look: Row?, _ nowUs: Int64) -> Bool {
        guard let look, look["rows"] as Int64 != look["looked_rows"] else { return false }
        return abs(nowUs &- look["looked_us"]) >= Self.textsIntervalUs
    }
}
