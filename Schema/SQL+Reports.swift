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

    /// Messages of a span that count what was not stored.
    public static let losses = text(PackageResources.losses_sql)

    /// The request with the key `?1` as lists of requests show it.
    public static let requestRow = text(PackageResources.request_row_sql)

    /// Keys of what the report `crashes` is about: id, is_request, worker; schema 2.
    public static let crashKeys = text(PackageResources.crash_keys_sql)

    /// A row of the report `crashes`: of the request with the key `:access`, or of the crash `:crash`.
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
