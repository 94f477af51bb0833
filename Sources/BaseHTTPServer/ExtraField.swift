// Which header fields an operator may add to every answer.
internal import HTTPMessage

extension ServerConfiguration {
    /// Why a field cannot be one of ``extraFields``; nil if it can.
    ///
    /// - Returns: what it must be, to follow "must be": `a name of …`.
    public static func objection(toField name: String, value: String) -> String? {
        guard FieldSyntax.isToken(name.utf8.span.octets) else {
            return "a name of letters, digits and hyphens, and a value"
        }
        if ownFields.contains(name.lowercased()) { return "another field than \(name), which the server sets itself" }
        guard FieldSyntax.isFieldValue(value.utf8.span.octets) else {
            return "a name and a value without control characters"
        }
        return nil
    }

    /// Fields that frame an answer, belong to the connection, or are found for each answer.
    private static let ownFields: Set<String> = [
        "accept-ranges", "access-control-allow-origin", "connection", "content-encoding", "content-length",
        "content-range", "content-type", "date", "etag", "keep-alive", "last-modified", "location",
        "proxy-connection", "server", "te", "trailer", "transfer-encoding", "upgrade", "x-content-type-options",
    ]
}
