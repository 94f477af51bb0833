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
    /// The type of files whose extension says nothing, unless ``ServerConfiguration/defaultContentType`` has one.
    open class var defaultContentType: String { "application/octet-stream" }
    /// What Allow says, and what scripts of other origins may use.
    open class var allowedMethods: String { "GET, HEAD, OPTIONS" }
    /// Whether the fields of a whole file go out in one piece, past ``BaseHTTPRequestHandler/sendHeader(_:_:)``, which
    /// is faster. Say true only in a class that does not override that method.
    open class var sendsFieldsAtOnce: Bool { false }

    /// The decoded path of the target.
    private final var decodedPath: [UInt8] = []
    /// A field of the error page to come.
    final var errorField: (name: String, value: String)?

    open override func do_GET() throws { try sendHead(withBody: true) }

    open override func do_HEAD() throws { try sendHead(withBody: false) }

    /// Says what may be asked for, also by scripts of the origin that ``ServerConfiguration/corsOrigin`` lets in.
    open override func do_OPTIONS() throws {
        try sendResponse(204)
        try sendHeader("Allow", Self.allowedMethods)
        if request.loop.configuration.corsOrigin != nil, header("Access-Control-Request-Method") != nil {
            try sendHeader("Access-Control-Allow-Methods", Self.allowedMethods)
            try sendHeader("Access-Control-Allow-Headers", "*")
            try sendHeader("Access-Control-Max-Age", "86400")
        }
        try endHeaders()
    }

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
        let path = translatePath(decodedPath)
        do {
            switch try server.fileTree().open(path, nowNs: request.loop.nowNs) {
            case .file(let file): try send(file, path, withBody: withBody)
            case .directory: try sendDirectory(path, withBody: withBody)
            }
        } catch let error as Errno {
            try sendError(error)
        }
    }

    /// Which path beneath the directory answers for the path of a target (Python's `translate_path`). The same, unless
    /// overridden. The kernel resolves the result beneath the directory, and what is hidden stays hidden.
    ///
    /// - Parameter path: percent-decoded, beginning with a slash, without `.` and `..`: bytes, since names on Linux
    ///   have no encoding.
    open func translatePath(_ path: [UInt8]) -> [UInt8] { path }

    /// The media type for a path's extension (Python's `guess_type`). Text is said to be UTF-8.
    open func guessType(_ path: String) -> String {
        contentType(Array(path.utf8))
    }

    final func contentType(_ path: [UInt8]) -> String {
        let type =
            MediaTypes.type(of: path, in: Self.extensionsMap) ?? request.loop.configuration.defaultContentType
            ?? Self.defaultContentType
        return type.hasPrefix("text/") && !type.contains(";") ? type + "; charset=utf-8" : type
    }

    /// Adds the fields that every answer of this class has, and ends the header.
    open override func endHeaders() throws {
        if request.response.status >= 200 { try sendCommonFields() }
        try super.endHeaders()
    }

    private func sendCommonFields() throws {
        try sendHeader("X-Content-Type-Options", "nosniff")
        if let field = errorField {
            errorField = nil
            try sendHeader(field.name, field.value)
        }
        if let origin = request.loop.configuration.corsOrigin {
            try sendHeader("Access-Control-Allow-Origin", origin)
            try sendHeader(
                "Access-Control-Expose-Headers", "Accept-Ranges, Content-Encoding, Content-Range, Date, ETag")
        }
        if request.response.status >= 400 { return }
        for field in request.loop.configuration.extraFields { try sendHeader(field.name, field.value) }
    }

    // MARK: Errors

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

    /// None of the ranges lies within the file (RFC 9110 section 15.5.17).
    final func sendUnsatisfiable(size: Int64) throws {
        errorField = ("Content-Range", "bytes */\(size)")
        try sendError(416)
    }

    // MARK: Directories

    private func sendDirectory(_ path: [UInt8], withBody: Bool) throws {
        let target = request.targetParts()
        // The path is empty in http://host.
        guard target.path.isEmpty || target.path.hasSuffix("/") else { return try redirectToSlash(target) }
        let tree = try server.fileTree()
        for name in request.loop.configuration.indexPages {
            let index = path + (path.last == 47 ? [] : [47]) + Array(name.utf8)
            if case .file(let file)? = try? tree.open(index, nowNs: request.loop.nowNs) {
                return try send(file, index, withBody: withBody)
            }
        }
        guard request.loop.configuration.listsDirectories else {
            return try sendError(404, "No permission to list directory")
        }
        try listDirectory(path)
    }

    /// 301 to the same target with a slash at its end. Leading slashes are one slash, so that no `//host` is sent.
    private func redirectToSlash(_ target: (path: String, query: String?)) throws {
        let path = "/" + target.path.drop { $0 == "/" || $0 == "\\" }
        try sendResponse(301)
        try sendHeader("Location", path + "/" + (target.query.map { "?" + $0 } ?? ""))
        try sendHeader("Content-Length", "0")
        try endHeaders()
    }

    /// Answers with a page of the names in a directory that has no index page (Python's `list_directory`). The target's
    /// query says how they are sorted: `?sort=name`, `time` or `size`, and `order=ascending` or `descending`.
    ///
    /// - Parameter path: of the directory, as ``translatePath(_:)`` returned it.
    open func listDirectory(_ path: [UInt8]) throws {
        let configuration = request.loop.configuration
        let listing: (entries: [ListedEntry], isCut: Bool)
        do {
            listing = try server.fileTree().entries(of: path, limit: configuration.listingLimit)
        } catch {
            return try sendError(404, "No permission to list directory")
        }
        switch request.preconditions(tag: "", lastModifiedSeconds: nil) {
        case .notModified: return try sendNotModified(nil)
        case .failed: return try sendError(412)
        case .perform, .performOnRanges: break
        }
        let page = DirectoryListing(
            path: decodedPath, entries: listing.entries, isCut: listing.isCut,
            order: ListingOrder(query: request.targetParts().query)
        ).page
        try sendResponse(200)
        try sendHeader("Content-Type", "text/html; charset=utf-8")
        try sendHeader("Content-Length", String(page.utf8.count))
        try sendHeader("Content-Security-Policy", DirectoryListing.contentSecurityPolicy)
        if let value = configuration.cacheControl { try sendHeader("Cache-Control", value) }
        try endHeaders()
        try wfile.write(page)
    }
}
