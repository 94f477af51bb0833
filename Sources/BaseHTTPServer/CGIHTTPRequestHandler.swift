// Serves a directory tree and runs the scripts in some of its directories: Python's CGIHTTPRequestHandler.
internal import HTTPMessage
internal import HTTPTypes
internal import LinuxSyscalls
internal import SystemPackage

/// Runs CGI scripts (RFC 3875) beneath ``cgiDirectories``, and answers GET and HEAD elsewhere with files.
///
/// A script is any executable file. It runs in a process group of its own, in its directory, as the user of the
/// server; its output is sent as it comes, and while it runs the worker serves its other connections.
open class CGIHTTPRequestHandler: SimpleHTTPRequestHandler {
    /// Paths whose files are run and never sent, those beneath them too (Python's `cgi_directories`). By default those
    /// of ``ServerConfiguration/cgiDirectories``. Read once a connection.
    open var cgiDirectories: [String] { server.configuration.cgiDirectories }

    /// How often a script's Location may lead on within this server for one request.
    static let redirectLimit = 10

    /// The decoded path of the present request.
    private final var scriptPath: [UInt8] = []
    /// ``cgiDirectories`` in bytes, with a slash in front and none at the end.
    private final lazy var scriptDirectories = cgiDirectories.map { path in
        path.utf8.split(separator: 47).reduce(into: [UInt8]()) { $0 += [47] + $1 }
    }
    /// How many local redirects led to what is answered now.
    final var redirectCount = 0

    /// Whether the request is for a script (Python's `is_cgi`). The decoded and reduced path alone decides.
    open func isCGI() -> Bool {
        decodeScriptPath() && cgiDirectory() != nil
    }

    /// Runs the script that the path names (Python's `run_cgi`). It answers the request after this method returns.
    ///
    /// Directories are followed; the first name that is none is the script, and the rest is its PATH_INFO.
    open func runCGI() throws {
        guard decodeScriptPath() else { return try sendError(400) }
        do {
            let tree = try server.fileTree()
            let place = try ScriptPlace(path: scriptPath, below: cgiDirectory() ?? []) { path throws(Errno) in
                try tree.openScript(translatePath(path))
            }
            try start(place)
        } catch let error as ScriptPlaceError {
            let name = Rejection.quote(String(decoding: error.name, as: UTF8.self))
            try sendError(error.reason.status, "\(error.reason.rawValue) (\(name))")
        }
    }

    open override func do_POST() throws {
        if isCGI() { return try runCGI() }
        try sendError(501, "Can only POST to CGI scripts")
    }

    open override func sendHead(withBody: Bool) throws {
        if isCGI() { return try runCGI() }
        // Another way to a script, a symbolic link, must not show its source.
        let tree = try server.fileTree()
        if tree.scriptDirectories.isEmpty { tree.scriptDirectories = scriptDirectories.map { Array($0.dropFirst()) } }
        try super.sendHead(withBody: withBody)
    }

    /// Any other method is the script's, if there is one (RFC 3875 section 4.1.12).
    open override func perform(_ command: String) throws {
        switch command {
        case "GET", "HEAD", "POST": try super.perform(command)
        default: if isCGI() { try runCGI() } else { try super.perform(command) }
        }
    }

    // MARK: Paths

    private func decodeScriptPath() -> Bool {
        do {
            try request.decodeTargetPath(into: &scriptPath)
            return true
        } catch {
            return false
        }
    }

    /// The directory of scripts that the path lies in, without a slash at its end.
    private func cgiDirectory() -> [UInt8]? {
        scriptDirectories.first { directory in
            scriptPath.starts(with: directory)
                && (scriptPath.count == directory.count || scriptPath[directory.count] == 47)
        }
    }

    // MARK: Running

    private func start(_ place: ScriptPlace) throws {
        let loop = request.loop
        guard loop.scripts.count < server.configuration.cgiProcessLimit else {
            return try sendBusy("\(loop.scripts.count) CGI scripts run already")
        }
        let query = request.targetBytes().query
        let environment = CGIEnvironment(
            handler: self, request, place, rootPath: try server.fileTree().rootPath(), query: query)
        do throws(Errno) {
            try Script.start(
                place, handler: self, environment: environment.entries,
                arguments: ["GET", "HEAD"].contains(command) ? CGIEnvironment.arguments(query: query ?? []) : [])
        } catch {
            let reason = "cannot run CGI script \(String(decoding: place.file, as: UTF8.self)): \(error)"
            if error.isResourceShortage || error == .resourceTemporarilyUnavailable { return try sendBusy(reason) }
            logError(reason)
            try sendError(500)
        }
    }

    /// 503 with the advice to come again.
    private func sendBusy(_ reason: String) throws {
        logError(reason)
        errorField = ("Retry-After", "1")
        try sendError(503)
    }

    /// Begins the answer with what the script said.
    final func sendScriptHead(_ head: CGIResponseHead, in bytes: ByteBuffer) throws {
        let bytes = bytes.bytes
        let reason = bytes.latin1(head.reason)
        try sendResponse(HTTPResponse.Status(code: Int(head.status)), reason.isEmpty ? nil : reason)
        for field in head.fields { try sendHeader(bytes.latin1(field.name), bytes.latin1(field.value)) }
        // Not endHeaders(): what it adds to files is no matter of the script's.
        try request.endHead()
        // The bytes leave as they come.
        try request.stream()
    }

    /// Answers with what lies at another target of this server, as GET or HEAD and without the body (RFC 3875 section
    /// 6.2.2).
    final func redirect(to target: [UInt8], count: Int) throws {
        guard count <= Self.redirectLimit else {
            logError("CGI scripts led on to one another more than \(Self.redirectLimit) times")
            return try sendError(500)
        }
        request.replaceTarget(target)
        command = command == "HEAD" ? "HEAD" : "GET"
        redirectCount = count
        defer { redirectCount = 0 }
        try perform(command)
    }
}
