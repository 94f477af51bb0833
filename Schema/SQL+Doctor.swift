// The SQL texts with which doctor looks a database over.

extension SQL {
    /// One row `ok`, or what is wrong with the pages.
    public static let quickCheck = text(PackageResources.quick_check_sql)

    /// The same with every index compared with its table.
    public static let integrityCheck = text(PackageResources.integrity_check_sql)
}
