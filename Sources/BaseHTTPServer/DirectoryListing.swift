// The page that lists a directory.
internal import HTTPMessage
internal import LinuxSyscalls

/// Makes a directory's page as Python's module does: names in order, directories with a slash, links with an at sign.
enum DirectoryListing {
    /// - Parameters:
    ///   - path: the decoded path of the directory, for the title.
    ///   - entries: its names.
    static func page(path: String, entries: [DirectoryEntry]) -> String {
        let title = "Directory listing for \(ErrorPage.escaped(path))"
        var page = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="color-scheme" content="light dark">
            <title>\(title)</title>
            </head>
            <body>
            <h1>\(title)</h1>
            <hr>
            <ul>

            """
        let named = entries.map { (key: String(decoding: $0.name, as: UTF8.self).lowercased(), entry: $0) }
        for (_, entry) in named.sorted(by: { $0.key < $1.key }) {
            page += line(entry)
        }
        return page + "</ul>\n<hr>\n</body>\n</html>\n"
    }

    private static func line(_ entry: DirectoryEntry) -> String {
        let name = ErrorPage.escaped(String(decoding: entry.name, as: UTF8.self))
        let link = encoded(entry.name)
        return switch entry.kind {
        case .directory: "<li><a href=\"\(link)/\">\(name)/</a></li>\n"
        case .symbolicLink: "<li><a href=\"\(link)\">\(name)@</a></li>\n"
        case .regular, .other: "<li><a href=\"\(link)\">\(name)</a></li>\n"
        }
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
