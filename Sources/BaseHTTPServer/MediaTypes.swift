// Media types by file name extension: the ones that web servers meet, from the IANA registry.

/// Media types of file names.
enum MediaTypes {
    static let table: [String: String] = [
        "7z": "application/x-7z-compressed", "aac": "audio/aac", "apng": "image/apng", "atom": "application/atom+xml",
        "avi": "video/x-msvideo", "avif": "image/avif", "bin": "application/octet-stream", "bmp": "image/bmp",
        "bz2": "application/x-bzip2", "c": "text/plain", "cjs": "text/javascript", "css": "text/css", "csv": "text/csv",
        "deb": "application/vnd.debian.binary-package", "doc": "application/msword",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "eot": "application/vnd.ms-fontobject", "epub": "application/epub+zip", "flac": "audio/flac",
        "geojson": "application/geo+json", "gif": "image/gif", "gz": "application/gzip", "h": "text/plain",
        "htm": "text/html", "html": "text/html", "ico": "image/vnd.microsoft.icon", "ics": "text/calendar",
        "jar": "application/java-archive", "jpeg": "image/jpeg", "jpg": "image/jpeg", "js": "text/javascript",
        "json": "application/json", "jsonld": "application/ld+json", "jxl": "image/jxl", "log": "text/plain",
        "m4a": "audio/mp4", "m4v": "video/mp4", "map": "application/json", "md": "text/markdown", "mid": "audio/midi",
        "mjs": "text/javascript", "mov": "video/quicktime", "mp3": "audio/mpeg", "mp4": "video/mp4",
        "mpeg": "video/mpeg",
        "oga": "audio/ogg", "ogg": "audio/ogg", "ogv": "video/ogg", "opus": "audio/ogg", "otf": "font/otf",
        "pdf": "application/pdf", "png": "image/png", "ppt": "application/vnd.ms-powerpoint",
        "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "ps": "application/postscript",
        "py": "text/x-python", "rar": "application/vnd.rar", "rss": "application/rss+xml", "rtf": "application/rtf",
        "sh": "application/x-sh", "sql": "application/sql", "sqlite": "application/vnd.sqlite3", "svg": "image/svg+xml",
        "swift": "text/x-swift", "tar": "application/x-tar", "tif": "image/tiff", "tiff": "image/tiff",
        "toml": "application/toml", "ts": "video/mp2t", "tsv": "text/tab-separated-values", "ttf": "font/ttf",
        "txt": "text/plain", "vtt": "text/vtt", "wasm": "application/wasm", "wav": "audio/wav", "weba": "audio/webm",
        "webm": "video/webm", "webmanifest": "application/manifest+json", "webp": "image/webp", "woff": "font/woff",
        "woff2": "font/woff2", "xhtml": "application/xhtml+xml", "xls": "application/vnd.ms-excel",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xml": "text/xml",
        "xz": "application/x-xz", "yaml": "application/yaml", "yml": "application/yaml", "zip": "application/zip",
        "zst": "application/zstd",
    ]

    /// The type for a path, by its last extension in any case; nil when it is not known.
    static func type(of path: [UInt8], in map: [String: String]) -> String? {
        guard let dot = path.lastIndex(of: UInt8(ascii: ".")), path[dot...].count <= 16,
            path[dot...].firstIndex(of: UInt8(ascii: "/")) == nil
        else { return nil }
        let name = String(decoding: path[(dot + 1)...], as: UTF8.self)
        return map[name] ?? map[name.lowercased()]
    }
}
