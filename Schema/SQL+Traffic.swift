// The SQL texts of the scan that answers questions about many requests.

/// The texts of the scan.
extension SQL {
    /// Hands over requests with keys from `:since_id` up to, but not with, `:until_id` to the function `scan_row`.
    ///
    /// - Parameters:
    ///   - columns: Columns of table `access`, `id` among them; the arguments of the function behind `:row`.
    ///   - condition: A checked expression over the columns of the view `requests`; `nil`: none.
    ///   - isNewestFirst: Whether to read backwards.
    public static func scan(columns: [String], condition: String?, isNewestFirst: Bool) -> String {
        let direction = isNewestFirst ? "DESC" : "ASC"
        guard let condition else {
            return text(
                PackageResources.scan_sql, ["columns": columns.joined(separator: ", "), "direction": direction])
        }
        return text(
            PackageResources.scan_where_sql,
            [
                "columns": columns.map { "raw_\($0)" }.joined(separator: ", "),
                "raw_columns": columns.map { "\($0) AS raw_\($0)" }.joined(separator: ", "),
                "condition": "(\(condition)\n)", "direction": direction,
            ])
    }

    /// The text of the id `?1` of a dictionary.
    public static func textOf(_ dictionary: String) -> String {
        text(PackageResources.text_of_sql, dictionary: dictionary)
    }

    /// All texts of a dictionary, columns `id` and `value`.
    public static func texts(_ dictionary: String) -> String {
        text(PackageResources.texts_sql, dictionary: dictionary)
    }

    /// Columns `least` and `greatest`: the keys of the oldest and the newest request.
    public static let keyBounds = text(PackageResources.key_bounds_sql)
}
