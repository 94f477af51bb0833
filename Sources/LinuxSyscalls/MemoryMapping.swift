// Memory shared between processes through a file, plain or laid twice in a row so that no record wraps.
internal import Glibc
public import SystemPackage

/// A stretch of a file mapped shared and writable; unmapped when its owner lets go of it.
@safe
public struct MemoryMapping: ~Copyable, @unchecked Sendable {
    /// The first byte. Whoever uses it keeps within ``byteCount``.
    @unsafe public let baseAddress: UnsafeMutableRawPointer
    /// Bytes of address space: twice the length for a mapping laid twice.
    public let byteCount: Int

    /// Maps `length` bytes of a file from `offset` on. Both are multiples of the page size. The C function is `mmap`.
    public init(file: CInt, offset: Int = 0, length: Int, writable: Bool = true) throws(Errno) {
        let protection = writable ? PROT_READ | PROT_WRITE : PROT_READ
        unsafe baseAddress = try MemoryMapping.map(nil, length, protection, MAP_SHARED, file, offset)
        byteCount = length
    }

    /// Maps `length` bytes of a file twice in a row: byte `length + i` is byte `i`. The C function is `mmap`.
    public init(twice file: CInt, offset: Int, length: Int, writable: Bool = true) throws(Errno) {
        let protection = writable ? PROT_READ | PROT_WRITE : PROT_READ
        // One reservation of both halves first, so that nothing else can be placed between them.
        let base = try unsafe MemoryMapping.map(nil, 2 * length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        do {
            for half in 0...1 {
                _ = try unsafe MemoryMapping.map(
                    base + half * length, length, protection, MAP_SHARED | MAP_FIXED, file, offset)
            }
        } catch {
            unsafe munmap(base, 2 * length)
            throw error
        }
        unsafe baseAddress = base
        byteCount = 2 * length
    }

    deinit {
        unsafe munmap(baseAddress, byteCount)
    }

    private static func map(
        _ address: UnsafeMutableRawPointer?, _ length: Int, _ protection: CInt, _ flags: CInt, _ file: CInt,
        _ offset: Int
    ) throws(Errno) -> UnsafeMutableRawPointer {
        // MAP_FAILED is the address -1, so the comparison goes through a number.
        let bits = try checked {
            unsafe Int(bitPattern: mmap(address, length, protection, flags, file, off_t(offset)))
        }
        return unsafe UnsafeMutableRawPointer(bitPattern: bits)!
    }
}
