// How many different values were seen, in 4 KiB whatever their number: HyperLogLog (Flajolet et al., 2007).
import Foundation

/// Counts different values within 1.6 % (one standard error). Merging two takes the greater of each register, so any
/// span can be put together from parts.
public struct DistinctSketch: Sendable, Equatable {
    /// The number of registers, a power of two: the error is 1.04 divided by its square root.
    static let registerCount = 4096

    /// Of each register the greatest rank seen; empty until the first value.
    private(set) var registers: [UInt8] = []

    /// No values.
    public init() {}

    /// The hash of a text, the same in each process and release: FNV-1a, whose upper bits the finalizer of MurmurHash3
    /// mixes.
    static func hash(_ text: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
        hash = (hash ^ hash >> 33) &* 0xc4ce_b9fe_1a85_ec53
        return hash ^ hash >> 33
    }

    /// Adds a value by its hash, which must be the same in each process and release.
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

    /// The number of different values, by estimate.
    public var count: Int64 {
        if registers.isEmpty { return 0 }
        var sum = 0.0
        var zeros = 0
        for register in registers {
            sum += 1 / Double(UInt64(1) << UInt64(register))
            if register == 0 { zeros += 1 }
        }
        let size = Double(Self.registerCount)
        let estimate = 0.7213 / (1 + 1.079 / size) * size * size / sum
        if estimate <= 2.5 * size, zeros > 0 { return Int64((size * log(size / Double(zeros))).rounded()) }
        return Int64(estimate.rounded())
    }
}
