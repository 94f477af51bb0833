// Numbers for the methods that nearly all requests have, so that their rows hold no text.
internal import LinuxSyscalls

/// The methods of RFC 9110, section 9, and RFC 5789, by the number that stands for them in table `access`.
enum MethodNumbers {
    /// In the order of their numbers, which are stored: only ever added to.
    static let names = ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"]

    /// What stands for no method, and for one without a number.
    static let none: Int64 = 14
    static let other: Int64 = 15

    private static let words = names.map { Bytes.number(Array($0.utf8).span.raw) }

    /// The number of a method; nil for any other text.
    static func number(of text: RawSpan) -> Int64? {
        let count = text.byteCount
        guard count >= 3, count <= 7 else { return nil }
        let word = Bytes.number(text)
        return words.firstIndex(of: word).map(Int64.init)
    }
}
