// The SQL texts of the pages about single requests.

/// The texts of the pages; `?1` is the key of a request.
extension SQL {
    /// What a list of single requests shows of one.
    public static let pageRequestRow = text(PackageResources.page_request_row_sql)
}
