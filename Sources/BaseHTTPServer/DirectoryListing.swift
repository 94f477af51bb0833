// The page that lists a directory: a table that needs no script, under a policy that allows none.
internal import AccessLog
internal import HTTPMessage
internal import LinuxSyscalls

/// A name on a directory's page.
struct ListedEntry {
    /// Any bytes but `/` and NUL.
    let name: [UInt8]
    let isDirectory: Bool
    let isLink: Bool
    /// In bytes; nil for a directory.
    let size: Int64?
    let modifiedSeconds: Int64

    init(_ name: [UInt8], _ status: FileStatus, isLink: Bool) {
        self.init(
            name: name, isDirectory: status.kind == .directory, isLink: isLink, size: status.size,
            modifiedSeconds: status.modifiedSeconds)
    }

    init(name: [UInt8], isDirectory: Bool, isLink: Bool, size: Int64, modifiedSeconds: Int64) {
        self.name = name
        self.isDirectory = isDirectory
        self.isLink = isLink
        self.size = isDirectory ? nil : size
        self.modifiedSeconds = modifiedSeconds
    }

    /// The name as text: what is no UTF-8 is replaced.
    var text: String { String(decoding: name, as: UTF8.self) }

    /// What stands behind the name, as in Python: a slash behind a directory, an at sign behind a link.
    var mark: String { isLink ? "@" : isDirectory ? "/" : "" }

    /// The name as a relative reference.
    var reference: String { DirectoryListing.encoded(name) + (isDirectory ? "/" : "") }
}

/// A directory's page.
struct DirectoryListing {
    /// The decoded path of the directory.
    let path: [UInt8]
    let entries: [ListedEntry]
    /// Whether the directory has more names than these.
    let isCut: Bool
    let order: ListingOrder

    static let contentSecurityPolicy = HTMLPage.contentSecurityPolicy(styleHash: styleHash)

    /// SHA-256 of ``style`` in Base64; a test computes it.
    static let styleHash = "sha256-NsLvPrKEOywBrBPmV0SD6pmetoOJ/C+O3Tpiczm4Tbs="

    static let style = """

        body { margin: 1rem; font: 1rem/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.25rem; overflow-wrap: anywhere; }
        table { border-collapse: collapse; }
        th, td { padding: 0.125rem 0.75rem 0.125rem 0; text-align: start; vertical-align: top; }
        th { border-bottom: 1px solid; }
        tbody tr:hover { background: color-mix(in srgb, CanvasText 8%, Canvas); }
        td:first-child { overflow-wrap: anywhere; }
        td + td { white-space: nowrap; font-variant-numeric: tabular-nums; }
        th:nth-child(2), td:nth-child(2) { text-align: end; }
        a { text-decoration: none; }
        a:hover, a:focus { text-decoration: underline; }
        th a { color: inherit; }
        th[aria-sort="ascending"] a::after { content: " \\2191"; }
        th[aria-sort="descending"] a::after { content: " \\2193"; }
        @media (max-width: 30rem) { td:nth-child(3), th:nth-child(3) { white-space: normal; } }
        @media print { a { color: inherit; } }

        """

    /// The page, in UTF-8.
    var page: String {
        let title = "Directory listing for \(Self.escaped(String(decoding: path, as: UTF8.self)))"
        var body = """
            <h1>\(title)</h1>
            <table>
            <thead>
            <tr>\(head(.name, "Name"))\(head(.size, "Size"))\(head(.time, "Modified (UTC)"))</tr>
            </thead>
            <tbody>

            """
        if path.count > 1 { body += "<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n" }
        for entry in order.sorted(entries) { body += Self.row(entry) }
        body += "</tbody>\n</table>\n"
        if isCut {
            body += "<p>This directory has more names. These are the first \(entries.count) that the system gave.</p>\n"
        }
        return HTMLPage(title: title, style: Self.style, body: body).text
    }

    private func head(_ column: ListingOrder.Column, _ title: String) -> String {
        let sort = order.ariaSort(of: column).map { " aria-sort=\"\($0)\"" } ?? ""
        return "<th scope=\"col\"\(sort)><a href=\"\(Escaping.html(order.query(of: column)))\">\(title)</a></th>"
    }

    private static func row(_ entry: ListedEntry) -> String {
        let size = entry.size.map { "<data value=\"\($0)\" title=\"\($0) bytes\">\(readable(bytes: $0))</data>" } ?? ""
        let date = utc(entry.modifiedSeconds)
        let time = "<time datetime=\"\(date.day)T\(date.time)Z\">\(date.day) \(date.time.prefix(5))</time>"
        // A name may be written from right to left: bdi keeps that within it.
        let name = "<a href=\"\(entry.reference)\"><bdi>\(escaped(entry.text))</bdi>\(entry.mark)</a>"
        return "<tr><td>\(name)</td><td>\(size)</td><td>\(time)</td></tr>\n"
    }

    /// A size in the largest unit that leaves a whole: `999 B`, `1.5 KiB`, `20 MiB`.
    static func readable(bytes: Int64) -> String {
        var unit = 0
        var value = bytes
        var tenths = 0 as Int64
        while value >= 1024, unit < units.count - 1 {
            tenths = value % 1024 * 10 / 1024
            value /= 1024
            unit += 1
        }
        return unit > 0 && value < 10 ? "\(value).\(tenths) \(units[unit])" : "\(value) \(units[unit])"
    }

    private static let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

    /// `2026-11-22` and `17:33:13`.
    static func utc(_ unixSeconds: Int64) -> (day: String, time: String) {
        // Years of four digits, as in header fields.
        let seconds = Int(min(max(unixSeconds, -62_135_596_800), 253_402_300_799))
        let days = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
        let time = seconds - days * 86_400
        let date = CivilDate(daysSince1970: days)
        func digits(_ number: Int, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return (
            "\(digits(date.year, 4))-\(digits(date.month, 2))-\(digits(date.day, 2))",
            "\(digits(time / 3_600, 2)):\(digits(time / 60 % 60, 2)):\(digits(time % 60, 2))"
        )
    }

    /// A name for HTML. Control characters are replaced, and so are those that turn the writing round: they would make
    /// `gnp.exe` look like `exe.png`.
    static func escaped(_ text: String) -> String {
        let visible = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            switch scalar {
            case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{61C}", "\u{200E}", "\u{200F}", "\u{202A}"..."\u{202E}",
                "\u{2066}"..."\u{2069}":
                "\u{FFFD}"
            default: scalar
            }
        }
        return Escaping.html(String(String.UnicodeScalarView(visible)))
    }

    /// A name as a relative reference: everything but unreserved characters as `%HH` (RFC 3986 section 2.3).
    static func encoded(_ name: [UInt8]) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in name {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
