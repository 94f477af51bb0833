// The SQL texts that the live view runs.

extension SQL {
    /// Newest requests after the key `:after_id`, at most `:limit`.
    public static let topRows = text(PackageResources.top_rows_sql)
}
