// What a server allows its clients, and what it serves: plain values with defaults fit for production.
public import HTTPMessage

/// Limits, time limits and the file tree of a server.
public struct ServerConfiguration: Sendable {
    /// Sizes beyond which a request is refused with 414, 431 or 413.
    public var limits = MessageLimits()
    /// Connections open at a time in this process; further ones wait in the kernel's queue.
    public var connectionLimit = 1024
    /// Seconds for a whole request head, from its first byte; then 408.
    public var headTimeoutSeconds = 30.0
    /// Seconds a connection may be idle between requests.
    public var idleTimeoutSeconds = 60.0
    /// Seconds in which a body must bring, and an answer must take, at least ``minimumBytesPerWindow``.
    public var transferWindowSeconds = 20.0
    /// Bytes that must move within ``transferWindowSeconds``.
    public var minimumBytesPerWindow = 4_096
    /// Seconds a refused client may go on sending before the connection is cut.
    public var lingerTimeoutSeconds = 5.0
    /// Seconds a stopping server waits for the requests in flight.
    public var drainTimeoutSeconds = 30.0
    /// What becomes of requests while the access log is full.
    public var logOverflow = LogOverflow.block
    /// Seconds a stopping server leaves kept connections open for a request that is on its way, and then waits for the
    /// client to close its end.
    public var drainLingerSeconds = 1.0
    /// Seconds a request may wait for room in a full log before it is answered with 503.
    public var logBlockTimeoutSeconds = 5.0
    /// Requests of one connection served in one turn of the loop, before others have theirs.
    public var requestsPerTurn = 32
    /// Bytes read from, or sent from a file to, one connection in one turn of the loop.
    public var bytesPerTurn = 262_144
    /// Bytes of a body kept in memory; larger ones go to a nameless temporary file.
    public var bodyMemoryBytes = 65_536
    /// Bytes of an answer kept in memory until its length is known; then chunked coding, or the end of the connection,
    /// frames it.
    public var answerMemoryBytes = 262_144
    /// Bytes of an answer kept in a nameless temporary file before the handler waits for its client.
    public var answerSpoolBytes: Int64 = 1 << 30
    /// Where nameless temporary files lie.
    public var temporaryDirectory = "/tmp"
    /// The directory that `SimpleHTTPRequestHandler` serves.
    public var directory = "."
    /// Names that stand for their directory, first match wins (Python's `index_pages`).
    public var indexPages = ["index.html", "index.htm"]
    /// Whether a directory without such a name is answered with a list of its names; else with 404.
    public var listsDirectories = true
    /// Names a list holds at most; the page says so when there are more.
    public var listingLimit = 10_000
    /// Whether names that begin with a dot are served and listed. `/.well-known` always is (RFC 8615).
    public var servesHiddenFiles = false
    /// Whether symbolic links are followed out of the directory.
    public var followsSymbolicLinks = false
    /// Whether `name.br`, `name.zst` and `name.gz`, if they are no older than `name`, are sent in its place to clients
    /// that accept the coding.
    public var usesPrecompressedFiles = true
    /// The media type of files whose extension says nothing; nil for the handler's
    /// ``SimpleHTTPRequestHandler/defaultContentType``.
    public var defaultContentType: String?
    /// The value of Cache-Control beside files and listings; nil for none.
    public var cacheControl: String?
    /// The origin whose scripts may read the answers, or `*`; nil for none (the Fetch standard's CORS protocol).
    public var corsOrigin: String?
    /// Fields of every answer of `SimpleHTTPRequestHandler` that is no error (Python's `extra_response_headers`).
    public var extraFields: [(name: String, value: String)] = []
    /// Bytes up to which a file is kept in memory for a second.
    public var cachedFileBytes = 16_384
    /// Bytes of memory for such files.
    public var fileCacheBytes = 33_554_432
    /// Paths whose files `CGIHTTPRequestHandler` runs (Python's `cgi_directories`).
    public var cgiDirectories = ["/cgi-bin", "/htbin"]
    /// Seconds a CGI script may be silent: the time until its first and between its further bytes, and from its last
    /// until it ends. What it waits for a slow client does not count.
    public var cgiTimeoutSeconds = 60.0
    /// Seconds from TERM to KILL for the process group of a script that is to end.
    public var cgiKillDelaySeconds = 5.0
    /// CGI scripts that run at a time in this process; further requests for one get a 503.
    public var cgiProcessLimit = 32
    /// Whether CGI scripts learn the client's credentials: HTTP_AUTHORIZATION, and AUTH_TYPE and REMOTE_USER, which
    /// scripts take for a user whose password was checked. The server checks none: only for a proxy in front that does.
    public var cgiPassesCredentials = false
    /// The path at which clients on this machine see what every worker does, as a page or, with `?format=json`, as JSON
    /// (as Apache's mod_status); nil for none. Only a server with an access log has it.
    public var statusPath: String?
    /// A file that is never served, and neither is any file whose path begins with its path: the log and its
    /// companions.
    public var guardedPath: String?

    /// The defaults.
    public init() {}
}
