// Serves a directory tree: Python's SimpleHTTPRequestHandler.
internal import HTTPMessage
internal import HTTPTypes
internal import LinuxSyscalls
internal import SystemPackage

/// Answers GET and HEAD with the files of ``ServerConfiguration/directory``. The kernel resolves every path beneath
/// that directory, so neither `..` nor a symbolic link leaves it.
open class SimpleHTTPRequestHandler: BaseHTTPRequestHandler {
    open override class var serverVersion: String { "SimpleHTTP/1.0" }
    /// Media types by extension, without the dot (Python's `extensions_map`).
    open class var extensionsMap: [String: String] { MediaTypes.table }
    /// The type of files whose extension says nothing.
    open class var defaultContentType: String { "application/octet-stream" }

    private final var decodedPath: [UInt8] = []

    open override func do_GET() throws { try sendHead(withBody: true) }

    open override func do_HEAD() throws { try sendHead(withBody: false) }

    /// Answers with what the path names: a file, an index page, a listing, a redirect or an error (Python's
    /// `send_head`).
    ///
    /// - Parameter withBody: false for HEAD.
    open func sendHead(withBody: Bool) throws {
        do {
            try request.decodeTargetPath(into: &decodedPath)
        } catch {
            return try sendError(HTTPResponse.Status(code: Int(error.status)), error.message)
        }
        let tree = try server.fileTree()
        do {
            switch try tree.open(decodedPath, nowNs: request.loop.nowNs) {
            case .file(let file): try send(file, path: decodedPath, withBody: withBody)
            case .directory(let directory): try send(directory, tree, request.targetParts(), withBody: withBody)
            }
        } catch let error as Errno {
            try sendError(error)
        }
    }

    /// The media type for a path's extension (Python's `guess_type`). Text is said to be UTF-8.
    open func guessType(_ path: String) -> String {
        contentType(Array(path.utf8))
    }

    private func contentType(_ path: [UInt8]) -> String {
        let type = MediaTypes.type(of: path, in: Self.extensionsMap) ?? Self.defaultContentType
        return type.hasPrefix("text/") ? type + "; charset=utf-8" : type
    }

    /// The type of a file, found once while it stays in memory.
    private func type(of file: ServedFile, _ path: [UInt8]) -> String {
        if let known = file.contentType { return known }
        let type = contentType(path)
        file.contentType = type
        return type
    }

    private func sendError(_ error: Errno) throws {
        switch error {
        case .noSuchFileOrDirectory, .notDirectory, .improperLink, .tooManySymbolicLinkLevels, .fileNameTooLong,
            .permissionDenied, .noSuchAddressOrDevice:
            // One answer for all: whether a file is there is nobody's business who may not read it.
            try sendError(404, "File not found")
        case _ where error.isResourceShortage:
            try sendError(503, "Too many open files")
        default:
            logError("cannot open \(path): \(error)")
            try sendError(500)
        }
    }

    // MARK: Files

    private func send(_ file: ServedFile, path: [UInt8], withBody: Bool) throws {
        if isUnmodified(file.status) {
            try sendResponse(304)
            try sendHeader("Last-Modified", file.lastModified)
            return try endHeaders()
        }
        try sendResponse(200)
        try sendHeader("Content-Type", type(of: file, path))
        try sendHeader("Content-Length", file.contentLength)
        try sendHeader("Last-Modified", file.lastModified)
        try endHeaders()
        guard withBody else { return }
        if let content = file.content {
            try wfile.write(content)
        } else if let descriptor = try file.descriptor?.duplicate() {
            try request.appendBody(file: OutputFile(descriptor, offset: 0, count: file.status.size))
        }
    }

    /// Whether the client has the file as it is (RFC 9110 section 13.1.3). Ignored beside If-None-Match, and when it is
    /// no date.
    private func isUnmodified(_ status: FileStatus) -> Bool {
        guard let since = request.unmodifiedSince() else { return false }
        return status.modifiedSeconds <= since
    }

    /// `Last-Modified` of a file: never in the future (RFC 9110 section 8.8.2.1 leaves that to the server's clock).
    static func lastModifiedText(_ status: FileStatus) -> String {
        HTTPDate.format(unixSeconds: min(status.modifiedSeconds, Clock.realtimeUs() / 1_000_000))
    }

    // MARK: Directories

    private func send(
        _ directory: borrowing Directory, _ tree: FileTree, _ target: (path: String, query: String?), withBody: Bool
    ) throws {
        // The path is empty in http://host.
        guard target.path.isEmpty || target.path.hasSuffix("/") else { return try redirectToSlash(target) }
        for name in server.configuration.indexPages {
            let path = decodedPath + (decodedPath.last == 47 ? [] : [47]) + Array(name.utf8)
            if case .file(let file)? = try? tree.open(path, nowNs: request.loop.nowNs) {
                return try send(file, path: path, withBody: withBody)
            }
        }
        try sendListing(of: directory, tree)
    }

    /// 301 to the same target with a slash at its end. Leading slashes are one slash, so that no `//host` is sent.
    private func redirectToSlash(_ target: (path: String, query: String?)) throws {
        let path = "/" + target.path.drop { $0 == "/" || $0 == "\\" }
        try sendResponse(301)
        try sendHeader("Location", path + "/" + (target.query.map { "?" + $0 } ?? ""))
        try sendHeader("Content-Length", "0")
        try endHeaders()
    }

    private func sendListing(of directory: borrowing Directory, _ tree: FileTree) throws {
        let entries: [DirectoryEntry]
        do {
            entries = try directory.entries()
        } catch {
            return try sendError(404, "No permission to list directory")
        }
        var visible: [DirectoryEntry] = []
        for entry in entries where !tree.isGuarded(entry.name, in: directory) { visible.append(entry) }
        let page = DirectoryListing.page(path: String(decoding: decodedPath, as: UTF8.self), entries: visible)
        try sendResponse(200)
        try sendHeader("Content-Type", "text/html; charset=utf-8")
        try sendHeader("Content-Length", String(page.utf8.count))
        try sendHeader("X-Content-Type-Options", "nosniff")
        try endHeaders()
        try wfile.write(page)
    }
}
