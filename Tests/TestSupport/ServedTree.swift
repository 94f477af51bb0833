// A generated site for a load: files of many sizes in some directories, the same for the same seed.

/// Files to ask for, and what a load needs to know of them.
public enum ServedTree {
    /// Writes files of 100 bytes to 200 KiB, small ones more often, in 20 directories beneath `site`.
    public static func make(
        in directory: TemporaryDirectory, files: Int = 200, seed: UInt64
    ) throws -> [LedgerLoader.Target] {
        var dice = SeededGenerator(seed: seed)
        return try (0..<files).map { number in
            let top = 100 << Int.random(in: 0...11, using: &dice)
            let size = min(204_800, Int.random(in: max(100, top / 2)...top, using: &dice))
            let path = "/part-\(number % 20)/file-\(number).bin"
            let byte = UInt8(truncatingIfNeeded: number)
            try directory.write([UInt8](repeating: byte, count: size), to: "site" + path)
            return LedgerLoader.Target(path: path, size: size)
        }
    }
}
