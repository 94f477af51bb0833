// Turns what rows hold into numbers for summaries: the texts that have none in the database get one for a while.
internal import GRDB
internal import LinuxSyscalls

/// The texts of the requests that are being gathered, by field.
struct FactTexts {
    private var methods = Self.knownMethods
    private var paths = TextNumbers(limit: 1_024)
    private var clients = TextNumbers(limit: 1_024)
    private var hosts = TextNumbers(limit: 1_024)
    private var agents = TextNumbers(limit: 1_024)
    private var referers = TextNumbers(limit: 1_024)

    /// The methods that rows hold by number, in the order of those.
    private static let knownMethods = {
        var methods = TextNumbers(limit: 200)
        for name in MethodNumbers.names { _ = methods.number(of: Array(name.utf8)) }
        return methods
    }()

    /// All methods beyond the limit.
    private static let otherMethods = -Int64(UInt8.max)

    /// What summaries take from a row on its way into the table.
    @inline(__always)
    mutating func facts(_ row: Int, of requests: RowGroup) -> RequestFacts {
        var facts = RequestFacts()
        facts.key = requests.integer(.id, of: row)
        let small = requests.facts(of: row)
        facts.status = small.status
        facts.outcome = small.outcome
        facts.bytesIn = requests.integer(.received, of: row) >> 4
        facts.bytesOut = requests.integer(.bytesOut, of: row)
        facts.durationUs = requests.integer(.durationUs, of: row)
        facts.protocolNumber = small.protocolNumber
        facts.worker = small.worker
        facts.method = method(row, of: requests)
        facts.path = Self.number(.path, row, requests, &paths)
        facts.client = Self.number(.client, row, requests, &clients)
        facts.host = Self.number(.host, row, requests, &hosts)
        facts.agent = Self.number(.agent, row, requests, &agents)
        facts.referer = Self.number(.referer, row, requests, &referers)
        facts.clientHash = requests.clientHash(of: row)
        return facts
    }

    /// What summaries take from a row of the table; the hash of the client is still missing when it has a number.
    mutating func facts(_ row: borrowing BoundRow) -> RequestFacts {
        var facts = RequestFacts()
        facts.key = row.integer(0)
        facts.status = row.integer(1)
        facts.outcome = row.integer(2)
        facts.bytesIn = row.integer(3)
        facts.bytesOut = row.integer(4)
        facts.durationUs = row.integer(5)
        facts.protocolNumber = row.integer(6)
        facts.worker = row.integer(7)
        if row.isText(8) { facts.method = method(row.bytes(8)) }
        facts.path = Self.number(9, row, &paths)
        facts.client = Self.number(10, row, &clients)
        if facts.client < 0 {
            let text = row.bytes(10)
            facts.clientHash = Bytes.stableHash(text.span.raw)
        }
        facts.host = Self.number(11, row, &hosts)
        facts.agent = Self.number(12, row, &agents)
        facts.referer = Self.number(13, row, &referers)
        return facts
    }

    /// The text of a number below 0.
    func text(_ field: TierField, _ number: Int64) -> [UInt8] {
        switch field {
        case .path, .notFound: paths.text(number)
        case .client: clients.text(number)
        case .host: hosts.text(number)
        case .agent: agents.text(number)
        case .referer: referers.text(number)
        case .method: methods.text(number)
        case .status, .httpVersion, .outcome, .worker: []
        }
    }

    /// Forgets all: nothing that was gathered names them any more.
    mutating func removeAll() {
        methods = Self.knownMethods
        paths.removeAll()
        clients.removeAll()
        hosts.removeAll()
        agents.removeAll()
        referers.removeAll()
    }

    @inline(__always)
    private mutating func method(_ row: Int, of requests: RowGroup) -> Int64 {
        switch requests.methodNumber(of: row) {
        case MethodNumbers.none: 0
        case MethodNumbers.other: method(requests.method(of: row))
        case let number: -(number &+ 1)
        }
    }

    private mutating func method(_ text: [UInt8]) -> Int64 {
        let number = methods.number(of: text)
        return number == TextNumbers.noRoom ? Self.otherMethods : number
    }

    @inline(__always)
    private static func number(
        _ column: AccessColumn, _ row: Int, _ requests: RowGroup, _ texts: inout TextNumbers
    ) -> Int64 {
        requests.number(column, of: row) ?? texts.number(of: requests.text(column, of: row))
    }

    private static func number(_ column: Int32, _ row: borrowing BoundRow, _ texts: inout TextNumbers) -> Int64 {
        row.isText(column) ? texts.number(of: row.bytes(column)) : row.integer(column)
    }
}
