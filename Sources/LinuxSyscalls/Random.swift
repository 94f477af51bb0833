// Random numbers from the kernel.
internal import CLinux
internal import Glibc
public import SystemPackage

/// Random numbers that no one can guess.
public enum Random {
    /// 64 random bits. The corresponding C function is `getrandom`.
    public static func bits64() throws(Errno) -> UInt64 {
        var value: UInt64 = 0
        _ = try checked { unsafe withUnsafeMutableBytes(of: &value) { unsafe clinux_getrandom($0.baseAddress!, 8) } }
        return value
    }
}
