// What summaries take from one request.

/// One request as summaries see it.
///
/// Texts are numbers of their dictionary, 0 when the request has none, below 0 those of ``TextNumbers``.
struct RequestFacts {
    /// Its key.
    var key: Int64 = 0
    var status: Int64 = 0
    var outcome: Int64 = 0
    var bytesIn: Int64 = 0
    var bytesOut: Int64 = 0
    var durationUs: Int64 = 0
    /// 9, 10 or 11 for HTTP/0.9, 1.0, 1.1; 0 when unknown.
    var protocolNumber: Int64 = 0
    var worker: Int64 = 0
    var method: Int64 = 0
    var path: Int64 = 0
    var client: Int64 = 0
    var host: Int64 = 0
    var agent: Int64 = 0
    var referer: Int64 = 0
    /// `Bytes.stableHash` of the client's address.
    var clientHash: UInt64 = 0

    /// Status, outcome, protocol, worker and method in one number, as few different ones come.
    var kind: Int64 {
        Int64(UInt16(clamping: status)) | Int64(UInt8(clamping: outcome)) << 16
            | Int64(UInt8(clamping: protocolNumber)) << 24 | Int64(UInt16(clamping: worker)) << 32
            | Int64(UInt8(clamping: -method)) << 48
    }

    /// The part of ``kind`` that a list is about; 0 stands for none, but as an outcome and a worker.
    static func part(_ field: TierField, ofKind kind: Int64) -> Int64 {
        switch field {
        case .status: kind & 0xffff
        case .outcome: kind >> 16 & 0xff
        case .httpVersion: kind >> 24 & 0xff
        case .worker: kind >> 32 & 0xffff
        case .method: -(kind >> 48)
        case .path, .client, .host, .agent, .referer, .notFound: 0
        }
    }
}

/// Numbers for texts that have none in the database, from -1 downwards: methods, and texts of a full dictionary.
struct TextNumbers {
    /// Texts of one kind that are told apart; all later ones are ``noRoom``. A hostile client can send any number.
    let limit: Int
    private var numbers: [[UInt8]: Int64] = [:]
    private var texts: [[UInt8]] = []

    /// The number of a text that found no room: it counts among the others.
    static let noRoom = Int64.min

    init(limit: Int) {
        self.limit = limit
    }

    /// The number of a text, given now if it has none.
    mutating func number(of text: [UInt8]) -> Int64 {
        if let number = numbers[text] { return number }
        if texts.count == limit { return Self.noRoom }
        texts.append(text)
        let number = -Int64(texts.count)
        numbers[text] = number
        return number
    }

    /// The text of a number below 0.
    func text(_ number: Int64) -> [UInt8] { texts[Int(-number) - 1] }

    /// Forgets all.
    mutating func removeAll() {
        numbers.removeAll()
        texts.removeAll()
    }
}
