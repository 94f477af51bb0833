// How many different values were seen, in 4 KiB whatever their number: HyperLogLog (Flajolet et al., 2007).
internal import LinuxSyscalls

/// Counts different values within 1.6 % (one standard error). Merging two takes the greater of each register, so any
/// span can be put together from parts, and the same values in several logs count once.
public struct DistinctSketch: Sendable, Equatable {
    /// The number of registers, a power of two: the error is 1.04 divided by its square root.
    static let registerCount = 4096

    /// The greatest rank: of a hash whose 52 bits behind the register's number are all 0.
    static let rankLimit: UInt8 = 53

    /// Of each register the greatest rank seen; empty until the first value.
    private(set) var registers: [UInt8] = []

    /// No values.
    public init() {}

    /// The hash of a text, the same in each process and release.
    static func hash(_ text: [UInt8]) -> UInt64 { Bytes.stableHash(text.rawBytes) }

    /// With these registers, as many as there must be.
    init(registers: [UInt8]) {
        precondition(registers.count == Self.registerCount)
        self.registers = registers
    }

    /// Adds a value.
    public mutating func add(_ value: RawSpan) {
        add(hash: Bytes.stableHash(value))
    }

    /// Adds a value by its hash (`Bytes.stableHash`), which is the same in each process and release.
    public mutating func add(hash: UInt64) {
        if registers.isEmpty { registers = [UInt8](repeating: 0, count: Self.registerCount) }
        let index = Int(hash >> 52)
        let rank = UInt8((hash << 12 | 1 << 11).leadingZeroBitCount + 1)
        if registers[index] < rank { registers[index] = rank }
    }

    /// Adds the values of another sketch.
    public mutating func merge(_ other: DistinctSketch) {
        if other.registers.isEmpty { return }
        if registers.isEmpty {
            registers = other.registers
            return
        }
        for index in registers.indices { registers[index] = max(registers[index], other.registers[index]) }
    }

    /// The number of different values, by estimate: the corrected raw estimator of O. Ertl, "New cardinality estimation
    /// algorithms for HyperLogLog sketches" (2017), which has no bias at any number and so needs no cases.
    public var count: Int64 {
        if registers.isEmpty { return 0 }
        var numbers = [Double](repeating: 0, count: Int(Self.rankLimit) + 1)
        for register in registers { numbers[Int(register)] += 1 }
        let size = Double(Self.registerCount)
        var sum = size * Self.tau(1 - numbers[Int(Self.rankLimit)] / size)
        for rank in stride(from: Int(Self.rankLimit) - 1, to: 0, by: -1) { sum = 0.5 * (sum + numbers[rank]) }
        sum += size * Self.sigma(numbers[0] / size)
        // 1 / (2 ln 2), the constant for infinitely many registers.
        return Int64((0.721_347_520_444_481_7 * size * size / sum).rounded())
    }

    /// What empty registers add: x + the sum of x to the power of 2^k times 2^(k-1), for k from 1.
    private static func sigma(_ share: Double) -> Double {
        var (power, factor, sum) = (share, 1.0, share)
        while true {
            power *= power
            let before = sum
            sum += power * factor
            factor += factor
            if sum == before || sum.isInfinite { return sum }
        }
    }

    /// What full registers take away.
    private static func tau(_ share: Double) -> Double {
        if share == 0 || share == 1 { return 0 }
        var (root, factor, sum) = (share, 1.0, 1 - share)
        while true {
            root.formSquareRoot()
            let before = sum
            factor *= 0.5
            sum -= (1 - root) * (1 - root) * factor
            if sum == before { return sum / 3 }
        }
    }
}
