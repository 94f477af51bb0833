// The names of functions in a program or library: its ELF file's symbol table, read without a library for it.
internal import LinuxSyscalls
internal import SystemPackage

/// Looks addresses up in one file.
///
/// Offsets: System V ABI, chapter 4; 64 bits, little-endian. `dladdr` would know exported names only, and those of this
/// process. Everything in the file is checked: one that is damaged has no names.
final class SymbolTable {
    private static let entryBytes = 24
    private static let sectionBytes = 64
    /// A symbol table or a number of sections beyond this is damage.
    private static let byteLimit: UInt64 = 1 << 28
    private static let nameLimit = 4_096
    private static let chunkEntries = 4_096

    private let file: Descriptor
    private let symbols: Section
    private let strings: Section

    private struct Section {
        let type: UInt64
        let offset: UInt64
        let size: UInt64
        let link: Int
    }

    /// nil for a file that cannot be read or has no symbols.
    init?(_ path: FilePath) {
        guard let file = try? File.open(path, .readOnly),
            let header = try? File.read(file.rawValue, at: 0, count: 64), header.count == 64,
            header.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1])
        else { return nil }
        let offset = header.number(at: 0x28, 8)
        let count = Int(header.number(at: 0x3c, 2))
        guard offset < 1 << 62, header.number(at: 0x3a, 2) == UInt64(Self.sectionBytes),
            let bytes = try? File.read(file.rawValue, at: Int64(offset), count: count * Self.sectionBytes),
            bytes.count == count * Self.sectionBytes
        else { return nil }
        let sections = (0..<count).map { index in
            let start = index * Self.sectionBytes
            return Section(
                type: bytes.number(at: start + 4, 4), offset: bytes.number(at: start + 0x18, 8),
                size: bytes.number(at: start + 0x20, 8), link: Int(bytes.number(at: start + 0x28, 4)))
        }
        // 2: all symbols, which strip removes; 11: the exported ones.
        guard let symbols = sections.first(where: { $0.type == 2 }) ?? sections.first(where: { $0.type == 11 }),
            sections.indices.contains(symbols.link), symbols.size <= Self.byteLimit, symbols.offset < 1 << 62,
            sections[symbols.link].offset < 1 << 62
        else { return nil }
        self.file = file
        self.symbols = symbols
        strings = sections[symbols.link]
    }

    /// The functions that hold some of the addresses of the file.
    func names(of addresses: [UInt64]) -> [UInt64: String] {
        let wanted = Set(addresses).sorted()
        var found: [UInt64: UInt64] = [:]
        let count = Int(symbols.size) / Self.entryBytes
        for first in stride(from: 0, to: count, by: Self.chunkEntries) {
            let entries = min(Self.chunkEntries, count - first)
            guard
                let bytes = try? File.read(
                    file.rawValue, at: Int64(symbols.offset) + Int64(first * Self.entryBytes),
                    count: entries * Self.entryBytes), bytes.count == entries * Self.entryBytes
            else { return [:] }
            for start in stride(from: 0, to: bytes.count, by: Self.entryBytes) where bytes[start + 4] & 0xf == 2 {
                let value = bytes.number(at: start + 8, 8)
                let end = value &+ bytes.number(at: start + 16, 8)
                var index = wanted.firstIndexAtLeast(value)
                while index < wanted.count, wanted[index] < end {
                    found[wanted[index]] = bytes.number(at: start, 4)
                    index += 1
                }
            }
        }
        return found.compactMapValues(name)
    }

    private func name(_ offset: UInt64) -> String? {
        guard offset < strings.size,
            let bytes = try? File.read(
                file.rawValue, at: Int64(strings.offset + offset),
                count: min(Self.nameLimit, Int(strings.size - offset)))
        else { return nil }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

extension [UInt8] {
    /// A little-endian number.
    fileprivate func number(at offset: Int, _ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<count { value |= UInt64(self[offset + index]) << UInt64(8 * index) }
        return value
    }
}

extension [UInt64] {
    /// In a sorted array, the first place whose value is no less; the count when there is none.
    fileprivate func firstIndexAtLeast(_ value: UInt64) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
