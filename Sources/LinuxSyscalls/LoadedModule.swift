// The program and the libraries of this process: which addresses are theirs, and from which files they came.
internal import CLinux
internal import Glibc
public import SystemPackage

/// A file whose code is mapped into a process.
public struct LoadedModule: Sendable, Equatable {
    /// The file.
    public let path: FilePath
    /// What is added to an address of the file to have the address in the process.
    public let base: UInt64
    /// Its addresses in the process.
    public let addresses: Range<UInt64>
    /// Tells the file from another one that takes its place: its inode, size and modification time, mixed.
    public let identity: UInt64

    /// Gathers the values.
    public init(path: FilePath, base: UInt64, addresses: Range<UInt64>, identity: UInt64) {
        self.path = path
        self.base = base
        self.addresses = addresses
        self.identity = identity
    }

    /// The modules of this process, the program first. The corresponding C function is `dl_iterate_phdr`.
    public static func all() -> [LoadedModule] {
        var modules: [LoadedModule] = []
        var number: CInt = 0
        while let module = module(number) {
            if let module { modules.append(module) }
            number += 1
        }
        return modules
    }

    /// nil behind the last one; nil in it for what came from no file, like the vDSO.
    private static func module(_ number: CInt) -> LoadedModule?? {
        let capacity = 4096
        var name = [CChar](repeating: 0, count: capacity)
        var base: UInt64 = 0
        var low: UInt64 = 0
        var high: UInt64 = 0
        let found = unsafe name.withUnsafeMutableBufferPointer {
            unsafe clinux_module(number, $0.baseAddress!, capacity, &base, &low, &high)
        }
        guard found != 0 else { return nil }
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let path = bytes.isEmpty ? programPath : FilePath(bytes: bytes)
        guard low < high, let path, let identity = identity(of: path) else { return .some(nil) }
        return LoadedModule(path: path, base: base, addresses: low..<high, identity: identity)
    }

    private static var programPath: FilePath? {
        let capacity = 4096
        var bytes = [UInt8](repeating: 0, count: capacity)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe readlink("/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), capacity)
        }
        return count > 0 ? FilePath(bytes: Array(bytes.prefix(count))) : nil
    }

    /// The identity that a file has now; nil when there is none. The C function is `stat`.
    public static func identity(of path: FilePath) -> UInt64? {
        guard let status = try? File.status(at: path), status.kind == .regular else { return nil }
        var state = status.inode &* 0x9e37_79b9_7f4a_7c15
        state = (state ^ UInt64(bitPattern: status.size)) &* 0xa076_1d64_78bd_642f
        let modified = status.modifiedSeconds &* 1_000_000_000 &+ status.modifiedNanoseconds
        return (state ^ UInt64(bitPattern: modified)) &* 0xe703_7ed1_a0b4_28db
    }
}

/// Names as the Swift compiler writes them into programs.
public enum MangledName {
    /// The name as people write it; nil for one that is no mangled name. The C function is `swift_demangle`.
    public static func demangle(_ name: String) -> String? {
        guard let text = unsafe name.withCString({ unsafe swift_demangle($0, strlen($0), nil, nil, 0) }) else {
            return nil
        }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }
}
