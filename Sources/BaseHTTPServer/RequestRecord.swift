// What is known of a request for its row in the log, from its begin until its answer has left.
internal import AccessLog
internal import HTTPMessage
internal import LinuxSyscalls

/// A request's part in the log. Its texts stay in the connection's input until the answer has left.
struct RequestRecord {
    /// The row it will be; nil when nothing logs, or the log had no room.
    var ticket: LogTicket?
    /// Whether the request may run: it is in the log, or will not be.
    var isBegun = false
    /// Since when it waits for room in the log; 0: it does not.
    var waitingSinceNs: Int64 = 0
    /// Whether it was refused because the log is full: it is counted, and nothing is logged of it.
    var isShed = false
    var requestID: UInt64 = 0
    var startNs: Int64 = 0
    var startUs: Int64 = 0
    /// When the first byte of the answer left; 0 before.
    var firstByteNs: Int64 = 0
    var headBytes: UInt64 = 0
    var inBytes: UInt64 = 0
    /// The status that `logRequest` named.
    var loggedStatus: Int?
    var status: UInt16 = 0
    /// Where the answer lies in the output.
    var startPlace: UInt64 = 0
    var endPlace: UInt64 = 0
    var keptAlive = false
    var hasErrors = false
    /// Whether the answer is what its handler promised; false: it is cut short and the connection ends.
    var isWhole = true
    /// Whether its record is written, before a send that may hand over its last byte.
    var isFinished = false
    var protocolNumber: UInt8 = 0
    /// Where the request begins in the input, and its texts from there.
    var inputOffset = 0
    var method = ByteRange.empty
    var target = ByteRange.empty
    var host = ByteRange.empty
    var referer = ByteRange.empty
    var agent = ByteRange.empty
}
