// Log lines on standard error, in the format of Python's module, for servers without a database.
internal import LinuxSyscalls

/// Writes a line as Python's `log_message` does.
enum LogLine {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `22/Nov/2026 16:20:05`: English months whatever the locale, no zone.
    static func dateText(_ time: LocalTime) -> String {
        let clock = "\(two(time.hour)):\(two(time.minute)):\(two(time.second))"
        return "\(two(time.day))/\(months[time.month - 1])/\(time.year) \(clock)"
    }

    /// Writes prefix and message with a line end. Control characters of the message leave as `\xHH`, a backslash
    /// doubled, so that no client can speak to the terminal.
    static func write(_ prefix: String, _ message: String) {
        // Nobody is left to tell when standard error is gone.
        try? DescriptorIO.writeAll("\(prefix)\(escaped(message))\n", to: 2)
    }

    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x5c: result += "\\\\"
            case 0..<0x20, 0x7f..<0xa0:
                let digits = String(scalar.value, radix: 16)
                result += "\\x" + (digits.utf8.count == 1 ? "0" : "") + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
