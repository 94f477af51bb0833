// Which program and libraries a tree runs, as text in its ring file: what turns addresses into names after its death.
//
// A line for each: base, first and last address and identity in hexadecimal, then the path, which ends the line. All
// processes of a tree are forks of one master, so what it has loaded lies at the same addresses in each of them.
internal import LinuxSyscalls
internal import SystemPackage

/// Writes and reads the table.
enum ModuleTable {
    /// The lines that fit; the rest is zeros.
    static func text(of modules: [LoadedModule], limit: Int) -> [UInt8] {
        var text: [UInt8] = []
        for module in modules {
            let numbers = [module.base, module.addresses.lowerBound, module.addresses.upperBound, module.identity]
            let line =
                Array(numbers.map { String($0, radix: 16) }.joined(separator: " ").utf8) + [32]
                + Array(module.path.string.utf8) + [10]
            if text.count + line.count <= limit { text += line }
        }
        return text
    }

    /// The modules of the lines that can be read.
    static func modules(in text: [UInt8]) -> [LoadedModule] {
        text.prefix { $0 != 0 }.split(separator: 10).compactMap { line in
            let parts = line.split(separator: 32, maxSplits: 4)
            guard parts.count == 5 else { return nil }
            let numbers = parts[0..<4].compactMap { UInt64(String(decoding: $0, as: UTF8.self), radix: 16) }
            guard numbers.count == 4, numbers[1] < numbers[2] else { return nil }
            return LoadedModule(
                path: FilePath(bytes: Array(parts[4])), base: numbers[0], addresses: numbers[1]..<numbers[2],
                identity: numbers[3])
        }
    }
}
