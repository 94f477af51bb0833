// The one EINTR loop and the one place that reads errno: every wrapper goes through here.
internal import Glibc
public import SystemPackage

/// Runs a system call that answers -1 and sets errno on failure; runs it again when a signal interrupted it.
@inline(__always)
func checked<Value: SignedInteger>(_ call: () -> Value) throws(Errno) -> Value {
    while true {
        let value = call()
        if value != -1 { return value }
        let code = errno
        if code != EINTR { throw Errno(rawValue: code) }
    }
}

/// As ``checked(_:)`` for transfers, where running dry is not an error.
@inline(__always)
func transferred(_ call: () -> Int) -> Transfer {
    while true {
        let count = call()
        if count >= 0 { return .bytes(count) }
        let code = errno
        if code == EINTR { continue }
        if code == EAGAIN || code == EWOULDBLOCK { return .wouldBlock }
        return .failed(Errno(rawValue: code))
    }
}

/// What came of one read or write on a non-blocking descriptor.
public enum Transfer: Equatable, Sendable {
    /// So many bytes moved; 0 on a read is the end of input.
    case bytes(Int)
    /// Nothing can move before the next readiness event.
    case wouldBlock
    /// The peer or the disk refused: ECONNRESET and EPIPE are weather, not bugs.
    case failed(Errno)
}
