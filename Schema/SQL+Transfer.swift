// The SQL texts of imports and exports.

/// The texts that bring requests in and out.
extension SQL {
    /// The tables and views of imports, in schema 3.
    public static let schema3Import = text(PackageResources.schema_3_import_sql)

    /// The key of the hashes of contents.
    public static let importKey = text(PackageResources.import_key_sql)

    /// Begins a transaction of the content `?1` at `?2`, file `?3`, format `?4`; columns `id` and `content`.
    public static let importBegin = text(PackageResources.import_begin_sql)

    /// Ends the transaction `?1`: lines, requests, bad lines, bytes of the content, least and greatest key.
    public static let importEnd = text(PackageResources.import_end_sql)

    /// Stores the mark of the content `?1` at `?2` bytes and `?3` lines, hash `?4`.
    public static let importMarkStore = text(PackageResources.import_mark_store_sql)

    /// Contents whose first line has the hash `?1` and `?2` bytes.
    public static let importCandidates = text(PackageResources.import_candidates_sql)

    /// Columns `bytes`, `lines` and `hash` of the content `?1`.
    public static let importMarks = text(PackageResources.import_marks_sql)

    /// The format of the content `?1`.
    public static let importFormat = text(PackageResources.import_format_sql)

    /// The greatest key from `?1` to before `?2`.
    public static let importLastKey = text(PackageResources.import_last_key_sql)

    /// Requests behind `:after_id` up to `:last_id`, at most `:limit`, of `:batch`.
    public static let exportRows = text(PackageResources.export_rows_sql)

    /// Columns `epoch`, `epoch_id` and `last_id`.
    public static let exportState = text(PackageResources.export_state_sql)

    /// The last transaction of an import.
    public static let exportLastImport = text(PackageResources.export_last_import_sql)

    /// Columns `id`, `first_id` and `last_id` of transactions of imports.
    public static let exportImports = text(PackageResources.export_imports_sql)
}
