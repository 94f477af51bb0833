// Gives the embedded SQL texts public names; a text is one .sql file, and the file name is the name here.

/// The SQL texts of the project, by the name of their file.
public enum SQL {
    /// The tables of schema 1.
    public static let schema1 = text(PackageResources.schema_1_sql)

    /// The views of schema 1.
    public static let views1 = text(PackageResources.views_1_sql)

    /// The tables that are new in schema 2.
    public static let schema2 = text(PackageResources.schema_2_sql)

    /// The views that are new in schema 2.
    public static let views2 = text(PackageResources.views_2_sql)

    /// The tables that are new in schema 3.
    public static let schema3 = text(PackageResources.schema_3_sql)

    /// What schema 4 has beside that of schema 3, its dictionaries left aside.
    public static let schema4 = text(PackageResources.schema_4_sql)

    /// Gives a dictionary the form of schema 4.
    public static func dictionary4(_ dictionary: String) -> String {
        text(PackageResources.dictionary_4_sql, dictionary: dictionary)
    }

    /// The views that are other in schema 3.
    public static let views3 = text(PackageResources.views_3_sql)

    /// Turns the bytes of an embedded file into its text.
    static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// The same with names, which cannot be parameters of a statement, put into it: for each `$` and a key its value.
    static func text(_ bytes: [UInt8], _ names: KeyValuePairs<String, String>) -> String {
        var (text, rest) = ([UInt8](), bytes[...])
        while let mark = rest.firstIndex(of: UInt8(ascii: "$")) {
            text += rest[..<mark]
            rest = rest[(mark + 1)...]
            guard let (key, value) = names.first(where: { rest.starts(with: $0.key.utf8) }) else {
                text.append(UInt8(ascii: "$"))
                continue
            }
            text += value.utf8
            rest = rest.dropFirst(key.utf8.count)
        }
        return Self.text(text + rest)
    }
}
