// The little of a response head that the ledger needs, read without strings, because it is read very often.
internal import LinuxSyscalls

/// Where a response head ends and how its body is framed.
struct AnswerHead {
    /// Bytes of the head with the empty line.
    let byteCount: Int
    let status: Int
    /// -1, which no target has, without Content-Length.
    let contentLength: Int
    /// Whether the server will close after this response.
    let closes: Bool

    private static let lengthName = [UInt8]("content-length:".utf8)
    private static let closeField = [UInt8]("connection: close".utf8)

    /// Reads the front of a buffer; nil until the head is complete.
    init?(_ buffer: ByteBuffer) {
        var length = -1
        var closes = false
        var line = 0
        while let place = buffer.firstIndex(of: 10, from: line) {
            if place - line <= 1 {
                guard line >= 12 else { return nil }
                byteCount = place + 1
                status = (9..<12).reduce(0) { $0 * 10 + Int(buffer[$1]) - 48 }
                contentLength = length
                self.closes = closes
                return
            }
            if AnswerHead.begins(buffer, line, AnswerHead.lengthName) {
                length = 0
                for index in (line + AnswerHead.lengthName.count)..<place
                where buffer[index] >= 48 && buffer[index] < 58 {
                    length = length * 10 + Int(buffer[index]) - 48
                }
            } else if AnswerHead.begins(buffer, line, AnswerHead.closeField) {
                closes = true
            }
            line = place + 1
        }
        return nil
    }

    /// Whether a line begins with a text in lower case, in any case.
    private static func begins(_ buffer: ByteBuffer, _ line: Int, _ text: [UInt8]) -> Bool {
        guard line + text.count <= buffer.count else { return false }
        for index in text.indices where buffer[line + index] | 0x20 != text[index] { return false }
        return true
    }
}
