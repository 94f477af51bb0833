// The SQL texts that keep and read the summaries.

/// The texts of the tiers: minutes, hours and days.
extension SQL {
    /// The summary `?1`: its counters in the order of the table, then its sketches.
    public static let rollupFind = text(PackageResources.rollup_find_sql)

    /// Stores the summary `?1`, columns in the order of the table.
    public static let rollupStore = text(PackageResources.rollup_store_sql)

    /// The list `?1`.
    public static let topFind = text(PackageResources.top_find_sql)

    /// Stores `?2` as the list `?1`.
    public static let topStore = text(PackageResources.top_store_sql)

    /// The key before which rows are summed up, by the name `?1` of a tier's mark.
    public static let markFind = text(PackageResources.mark_find_sql)

    /// Stores `?2` as the mark `?1`.
    public static let markStore = text(PackageResources.mark_store_sql)

    /// What summaries take from the rows from `?1` on and before `?2`.
    public static let summingRows = text(PackageResources.summing_rows_sql)

    /// The first key of the last `?2` rows before `?1`.
    public static let summingStart = text(PackageResources.summing_start_sql)

    /// The text of the client `?1`.
    public static let clientText = text(PackageResources.client_text_sql)

    /// Columns `summed_from`, `summed_minute`, `summed_hour`, `summed_day`, `minutes_from`, `hours_from`; all NULL in a
    /// log without summaries.
    public static let tierMarks = text(PackageResources.tier_marks_sql)

    /// The summaries from the row `?1` on and before `?2`: the columns of the table.
    public static let rollups = text(PackageResources.rollups_sql)

    /// The lists from the row `?1` on and before `?2`: the columns of the table.
    public static let topLists = text(PackageResources.top_lists_sql)
}
