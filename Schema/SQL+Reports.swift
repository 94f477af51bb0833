// The SQL texts that readers run.

/// The texts of the reading half: what a connection needs first, and one text a report.
///
/// Reports take `:since_id`, `:until_id` (keys, the second one exclusive), `:since_us`, `:until_us` (microseconds since
/// 1970 UTC) and `:limit` (-1: none).
extension SQL {
    /// Settings of a reading connection.
    public static let readerSetup = text(PackageResources.reader_setup_sql)

    /// Columns `application_id` and `user_version` of the file.
    public static let identity = text(PackageResources.identity_sql)

    /// Key of the newest request.
    public static let newest = text(PackageResources.newest_sql)

    /// Number of requests in a span.
    public static let rowsInSpan = text(PackageResources.rows_in_span_sql)

    /// The rows that the overview adds up.
    public static let overviewScan = text(PackageResources.overview_scan_sql)

    /// Text of a path, by `:id`.
    public static let pathName = text(PackageResources.path_name_sql)

    /// Report `paths`.
    public static let reportPaths = text(PackageResources.report_paths_sql)

    /// Report `clients`.
    public static let reportClients = text(PackageResources.report_clients_sql)

    /// Report `status`.
    public static let reportStatus = text(PackageResources.report_status_sql)

    /// Report `slow`.
    public static let reportSlow = text(PackageResources.report_slow_sql)

    /// Report `errors`.
    public static let reportErrors = text(PackageResources.report_errors_sql)

    /// Report `crashes`.
    public static let reportCrashes = text(PackageResources.report_crashes_sql)

    /// Report `workers`.
    public static let reportWorkers = text(PackageResources.report_workers_sql)

    /// Report `schema`: the views and their columns.
    public static let schema = text(PackageResources.schema_sql)

    /// The key after which the newest `:limit` requests of a span begin.
    public static let tailStart = text(PackageResources.tail_start_sql)

    /// Requests after the key `:after_id`.
    public static let tailNext = text(PackageResources.tail_next_sql)

    /// The number of the current run of keys.
    public static let epoch = text(PackageResources.epoch_sql)
}
