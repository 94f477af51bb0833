// The words of the corpus for a message that was accepted.
import HTTPMessage

/// The words of the corpus for a message that was accepted, one fact a line.
enum MessageText {
    static func describe(
        method: ArraySlice<UInt8>, target: ArraySlice<UInt8>, form: TargetForm, authority: ArraySlice<UInt8>,
        protocolNumber: UInt8,
        framing: BodyFraming, keepAlive: Bool, expectsContinue: Bool, hasUnsupportedExpectation: Bool,
        fields: [(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)], body: ArraySlice<UInt8>, rest: ArraySlice<UInt8>
    ) -> String {
        var lines = ["request \(escape(method)) \(escape(target)) \(form) \(protocolNumber)"]
        if !authority.isEmpty { lines.append("authority \(escape(authority))") }
        switch framing {
        case .none: lines.append("framing none")
        case .length(let length): lines.append("framing length \(length)")
        case .chunked: lines.append("framing chunked")
        }
        lines.append(keepAlive ? "keep-alive" : "close")
        if expectsContinue { lines.append("expects-continue") }
        if hasUnsupportedExpectation { lines.append("unsupported-expectation") }
        for (name, value) in fields {
            lines.append("field \(escape(name)):\(value.isEmpty ? "" : " " + escape(value))")
        }
        if framing != .none { lines.append("body \(escape(body))") }
        if !rest.isEmpty { lines.append("rest \(escape(rest))") }
        return lines.joined(separator: "\n")
    }
}

/// Bytes as the expectations write them: visible ASCII as it is, anything else escaped.
package func escape(_ bytes: some Sequence<UInt8>) -> String {
    var result = ""
    for byte in bytes {
        switch byte {
        case UInt8(ascii: "\\"): result += "\\\\"
        case UInt8(ascii: "\r"): result += "\\r"
        case UInt8(ascii: "\n"): result += "\\n"
        case UInt8(ascii: "\t"): result += "\\t"
        case 0x20..<0x7F: result.unicodeScalars.append(Unicode.Scalar(byte))
        default: result += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }
    return result
}
