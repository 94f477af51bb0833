// The SQL texts that remove old rows.

/// The texts of pruning.
extension SQL {
    /// The key before which at most `:count` requests and as many messages lie.
    public static let pruneBound = text(PackageResources.prune_bound_sql)

    /// Removes requests before `:before_id`.
    public static let pruneAccess = text(PackageResources.prune_access_sql)

    /// Removes messages before `:before_id`.
    public static let pruneError = text(PackageResources.prune_error_sql)

    /// Removes at most `:count` process lives that ended before `:before_us`.
    public static let pruneWorkerRun = text(PackageResources.prune_worker_run_sql)

    /// Removes at most `:count` crashes with keys smaller than `:before_id`.
    public static let pruneCrash = text(PackageResources.prune_crash_sql)

    /// Columns `used`, `free` and `page_bytes`.
    public static let pruneSize = text(PackageResources.prune_size_sql)

    /// Rows before `:before_id` and all rows: columns `requests`, `messages`, `all_requests`, `all_messages`.
    public static let pruneEstimate = text(PackageResources.prune_estimate_sql)

    /// Gives some free pages back.
    public static let pruneVacuum = text(PackageResources.prune_vacuum_sql)

    /// Makes the table of the texts that rows name.
    public static let pruneLiveBegin = text(PackageResources.prune_live_begin_sql)

    /// Removes that table.
    public static let pruneLiveEnd = text(PackageResources.prune_live_end_sql)

    /// The last of the next `:count` rows behind `:after_id` of a table.
    public static func pruneLiveNext(_ table: String) -> String {
        text(PackageResources.prune_live_next_sql, dictionary: table)
    }

    /// Notes the texts of requests behind `:after_id` up to `:last_id`.
    public static let pruneLiveAccess = text(PackageResources.prune_live_access_sql)

    /// Notes the texts of messages behind `:after_id` up to `:last_id`.
    public static let pruneLiveError = text(PackageResources.prune_live_error_sql)

    /// Removes the texts behind `:after_id` up to `:last_id` of a dictionary that no row names.
    public static func pruneTexts(_ dictionary: String) -> String {
        text(PackageResources.prune_texts_sql, dictionary: dictionary)
    }

    /// Columns `looked_us`, `looked_rows` and `rows`.
    public static let textsLook = text(PackageResources.texts_look_sql)

    /// Stores that texts were looked for at `?1`.
    public static let textsLooked = text(PackageResources.texts_looked_sql)

    /// Adds `?2` to the value of the key `?1` in `meta`.
    public static let metaCount = text(PackageResources.meta_count_sql)

    /// Removes at most `:count` lists of the rows from `:since_id` on and before `:until_id` of table `rollup`.
    public static let pruneTop = text(PackageResources.prune_top_sql)

    /// Removes at most `:count` of those rows.
    public static let pruneRollup = text(PackageResources.prune_rollup_sql)

    /// Stores `?1` as the key from which on a tier, minute or hour, is left.
    public static func pruneRemains(_ tier: String) -> String {
        text(PackageResources.prune_remains_sql, dictionary: tier)
    }

    /// Notes the text `?2` of dictionary `?1`.
    public static let pruneLiveAdd = text(PackageResources.prune_live_add_sql)

    /// At most `:count` lists behind `:after_id`: columns `id`, `lines`.
    public static let topNext = text(PackageResources.top_next_sql)
}
