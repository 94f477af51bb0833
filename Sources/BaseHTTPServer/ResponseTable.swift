// The texts of status codes as the public API shows them.
internal import HTTPMessage

/// Status codes and their texts, by code.
enum ResponseTable {
    static let entries: [Int: (phrase: String, explanation: String)] = {
        var table: [Int: (phrase: String, explanation: String)] = [:]
        for entry in ResponsePhrases.all { table[entry.code] = (entry.phrase, entry.explanation) }
        return table
    }()
}
