// Requests that look like those of a web site, the same in each run: seven days of a wave with a long tail.

/// One request.
struct MadeRequest {
    var startUs: Int64 = 0
    var worker = 0
    var client: [UInt8] = []
    var method: [UInt8] = []
    var target: [UInt8] = []
    var host: [UInt8] = []
    var referer: [UInt8] = []
    var agent: [UInt8] = []
    var status: UInt16 = 0
    var protocolNumber: UInt8 = 11
    var bytesIn: UInt64 = 0
    var bytesOut: UInt64 = 0
    var durationUs: Int64 = 0

    /// To the first byte of the answer: what one call takes leaves at once.
    var ttfbUs: Int64 { bytesOut < 65_536 ? durationUs : durationUs / 2 }
}

/// Numbers that look random and are the same in each run (splitmix64).
struct FixedGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    /// From 0 up to 1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// About normal: mean 0, standard deviation 1.
    mutating func normal() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + unit() } }
}

/// Weights as running sums, drawn from by bisection.
struct Weights {
    private let sums: [Double]

    init(_ weights: [Double]) {
        var sum = 0.0
        sums = weights.map {
            sum += $0
            return sum
        }
    }

    /// The first has weight 1, the k-th 1 / k to the power of an exponent.
    static func zipf(_ count: Int, _ power: (Double) -> Double) -> Weights {
        Weights((1...count).map { 1 / power(Double($0)) })
    }

    func draw(_ random: inout FixedGenerator) -> Int {
        let wanted = random.unit() * (sums.last ?? 0)
        var (low, high) = (0, sums.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if sums[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// 20,000 paths, 60,000 clients, 600 agents, 3,000 referers, 4 hosts: the shape of the logs that the anchors were
/// measured with.
struct TrafficMaker {
    private var random = FixedGenerator(state: 20_240_607)
    private let paths: [(text: [UInt8], durationUs: Double, bytes: UInt64)]
    private let clients: [[UInt8]]
    private let agents: [[UInt8]]
    private let referers: [[UInt8]]
    private let hosts = ["www", "api", "static", "blog"].map { Array("\($0).example.com".utf8) }
    private let methods = ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"].map { Array($0.utf8) }
    private let statuses: [UInt16] = [200, 304, 301, 302, 206, 404, 403, 400, 401, 429, 500, 502, 503, 504]
    private let pathWeights = Weights.zipf(20_000) { $0 * $0.squareRoot().squareRoot().squareRoot() }
    private let clientWeights = Weights.zipf(60_000) { $0.squareRoot() * $0.squareRoot().squareRoot() }
    private let agentWeights = Weights.zipf(600) { $0 }
    private let refererWeights = Weights.zipf(3_000) { $0 }
    private let hostWeights = Weights([0.6, 0.2, 0.13, 0.07])
    private let methodWeights = Weights([0.91, 0.06, 0.015, 0.007, 0.003, 0.005])
    private let statusWeights = Weights([
        0.83, 0.065, 0.012, 0.014, 0.008, 0.045, 0.006, 0.003, 0.004, 0.003, 0.005, 0.002, 0.002, 0.001,
    ])
    /// Minutes that have more requests than others, by hour of the day.
    private let stepUs: Double
    private var timeUs: Double

    /// 2026-01-05T00:00:00Z, a Monday.
    static let firstUs: Int64 = 1_767_571_200_000_000

    /// - Parameters:
    ///   - perDay: requests of a day.
    ///   - firstDay: how many days after ``firstUs`` the requests begin.
    init(perDay: Int, firstDay: Int) {
        var random = FixedGenerator(state: 1)
        func word() -> String {
            let starts = ["ba", "co", "du", "fe", "gi", "ha", "jo", "ki", "lu", "mo", "na", "po"]
            let ends = ["lar", "ment", "nix", "pra", "quo", "ret", "sol", "tum", "vex", "zan"]
            return starts[Int(random.next() % 12)] + ends[Int(random.next() % 10)]
        }
        func spread(_ middle: Double, _ octaves: Double) -> Double {
            let power = random.normal() * octaves
            let whole = power.rounded(.down)
            return middle * (1 + (power - whole)) * Double(sign: .plus, exponent: Int(whole), significand: 1)
        }
        paths = (0..<20_000).map { index in
            let number = random.next() % 99_999
            let text: String =
                switch index % 5 {
                case 0: "/articles/\(word())-\(word())-\(number)"
                case 1: "/assets/\(word())/\(word()).\(String(number, radix: 16)).css"
                case 2: "/api/v1/\(word())s/\(number)"
                case 3: "/\(word())/\(word())/\(word()).html"
                default: "/download/\(word())-\(number % 9).\(number % 20).tar.gz"
                }
            return (Array(text.utf8), spread(1_300, 1.6), UInt64(spread(5_400, 2)) + 120)
        }
        clients = (0..<60_000).map { index in
            let word = random.next()
            let text =
                index % 10 == 0
                ? "2001:db8:\(String(word & 0xffff, radix: 16))::\(String(word >> 48, radix: 16))"
                : "\(1 + word % 222).\(word >> 16 & 255).\(word >> 24 & 255).\(1 + (word >> 32) % 254)"
            return Array(text.utf8)
        }
        agents = (0..<600).map { index in
            Array("Mozilla/5.0 (X11; Linux x86_64; rv:\(index % 130).0) Gecko/20100101 Browser\(index)".utf8)
        }
        referers = (0..<3_000).map { _ in Array("https://\(word())\(word()).org/\(word())/\(random.next() % 999)".utf8)
        }
        stepUs = 86_400e6 / Double(perDay)
        timeUs = Double(Self.firstUs) + 86_400e6 * Double(firstDay)
    }

    /// Gives the next request.
    mutating func next(_ request: inout MadeRequest) {
        // Four times as many by day as by night.
        let hour = (timeUs / 3_600e6).truncatingRemainder(dividingBy: 24)
        let weight = 0.4 + 1.2 * (1 - abs(hour - 14) / 14)
        timeUs += stepUs / weight * 2 * random.unit()
        let path = paths[pathWeights.draw(&random)]
        request.startUs = Int64(timeUs)
        request.worker = Int(random.next() % 4)
        request.client = clients[clientWeights.draw(&random)]
        request.method = methods[methodWeights.draw(&random)]
        request.target = path.text
        if random.next() % 8 == 0 { request.target += Array("?page=\(random.next() % 50)&sort=asc".utf8) }
        request.host = hosts[hostWeights.draw(&random)]
        request.referer = random.unit() < 0.55 ? referers[refererWeights.draw(&random)] : []
        request.agent = agents[agentWeights.draw(&random)]
        request.status = statuses[statusWeights.draw(&random)]
        request.protocolNumber = random.unit() < 0.97 ? 11 : 10
        request.bytesIn = 180 + random.next() % 720
        request.bytesOut = request.status == 200 || request.status == 206 ? path.bytes : 160 + UInt64(request.status)
        var durationUs = path.durationUs * (0.5 + random.unit() + random.unit() * random.unit()) + 20
        if random.unit() < 0.004 { durationUs += 200_000 + 2_800_000 * random.unit() }
        if request.status >= 502 { durationUs += 1_000_000 + 4_000_000 * random.unit() }
        request.durationUs = Int64(durationUs)
    }
}
