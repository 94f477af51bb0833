// Cuts what a script writes to standard error into lines for the error log, of bounded length and number.

/// Lines out of a stream of bytes.
struct ErrorLines {
    /// Bytes of a line; what is longer is cut.
    static let lineBytes = 1_024
    /// Bytes of all lines; what comes behind them is dropped. Each line counts for ``priceOfLine`` more, as its row
    /// does.
    static let totalBytes = 65_536
    static let priceOfLine = 64
    static let cutMark = " [cut]"
    static let endMark = "the CGI script's further errors are not logged"

    private var line: [UInt8] = []
    private var isCut = false
    private var total = 0

    /// Takes more bytes and hands the lines that they end to `log`.
    mutating func take(_ bytes: [UInt8], _ log: (String) -> Void) {
        for byte in bytes where total <= Self.totalBytes {
            if byte == 10 {
                end(log)
                if total > Self.totalBytes { log(Self.endMark) }
            } else if line.count < Self.lineBytes {
                line.append(byte)
            } else {
                isCut = true
            }
        }
    }

    /// Hands a last line without its end to `log`. Empty lines are left out.
    mutating func end(_ log: (String) -> Void) {
        if line.last == 13 { line.removeLast() }
        if line.isEmpty { return }
        log(String(decoding: line, as: UTF8.self) + (isCut ? Self.cutMark : ""))
        total += line.count + Self.priceOfLine
        line.removeAll(keepingCapacity: true)
        isCut = false
    }
}
