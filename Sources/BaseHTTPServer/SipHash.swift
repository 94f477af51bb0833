// SipHash-2-4, a keyed hash of short texts (Aumasson and Bernstein, 2012).
internal import LinuxSyscalls

/// A key, and what it makes of bytes.
struct SipKey: Equatable, Sendable {
    private let first: UInt64
    private let second: UInt64

    /// A key of 128 bits.
    init(_ first: UInt64, _ second: UInt64) {
        self.first = first
        self.second = second
    }

    /// A key that nobody knows.
    static func random() -> SipKey {
        func bits() -> UInt64 { (try? Random.bits64()) ?? UInt64.random(in: 0 ... .max) }
        return SipKey(bits(), bits())
    }

    /// The 64 bits that stand for some bytes.
    func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var state = State(first, second)
        var word: UInt64 = 0
        var count: UInt64 = 0
        for byte in bytes {
            word |= UInt64(byte) << (8 * (count % 8))
            count &+= 1
            if count % 8 == 0 {
                state.take(word)
                word = 0
            }
        }
        state.take(word | count << 56)
        return state.end()
    }

    private struct State {
        private var v0, v1, v2, v3: UInt64

        init(_ first: UInt64, _ second: UInt64) {
            v0 = first ^ 0x736f_6d65_7073_6575
            v1 = second ^ 0x646f_7261_6e64_6f6d
            v2 = first ^ 0x6c79_6765_6e65_7261
            v3 = second ^ 0x7465_6462_7974_6573
        }

        mutating func take(_ word: UInt64) {
            v3 ^= word
            for _ in 0..<2 { round() }
            v0 ^= word
        }

        mutating func end() -> UInt64 {
            v2 ^= 0xff
            for _ in 0..<4 { round() }
            return v0 ^ v1 ^ v2 ^ v3
        }

        private mutating func round() {
            func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }
            v0 &+= v1
            v1 = rotated(v1, 13) ^ v0
            v0 = rotated(v0, 32)
            v2 &+= v3
            v3 = rotated(v3, 16) ^ v2
            v0 &+= v3
            v3 = rotated(v3, 21) ^ v0
            v2 &+= v1
            v1 = rotated(v1, 17) ^ v2
            v2 = rotated(v2, 32)
        }
    }
}
