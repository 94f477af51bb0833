// The status codes with their reason phrases and an explanation for the error page.

/// The status codes that have a meaning here: Python's `responses` table, phrases as of Python 3.13 (IANA's, RFC 9110).
public enum ResponsePhrases {
    /// A status code with its texts.
    public struct Entry: Sendable, Equatable {
        /// The status code, 100 to 599.
        public let code: Int
        /// The reason phrase of the status line.
        public let phrase: String
        /// A sentence for the error page; empty for the codes that have none in Python's table.
        public let explanation: String

        init(_ code: Int, _ phrase: String, _ explanation: String = "") {
            self.code = code
            self.phrase = phrase
            self.explanation = explanation
        }
    }

    /// The entry of a code; nil for a code that isn't assigned.
    public static func entry(_ code: Int) -> Entry? {
        var low = 0
        var high = all.count
        while low < high {
            let middle = (low + high) / 2
            if all[middle].code < code { low = middle + 1 } else { high = middle }
        }
        return low < all.count && all[low].code == code ? all[low] : nil
    }

    /// The reason phrase of a code; nil for a code that isn't assigned.
    public static func phrase(_ code: Int) -> String? { entry(code)?.phrase }

    /// The explanation of a code for the error page; nil for a code that isn't assigned.
    public static func explanation(_ code: Int) -> String? { entry(code)?.explanation }

    /// Every entry, by rising code.
    public static let all: [Entry] = [
        Entry(100, "Continue", "The head was accepted; send the content"),
        Entry(101, "Switching Protocols", "The connection goes on in the protocol named by Upgrade"),
        Entry(102, "Processing"),
        Entry(103, "Early Hints"),
        Entry(200, "OK", "The request succeeded; its result follows"),
        Entry(201, "Created", "A new resource exists; its address follows"),
        Entry(202, "Accepted", "The request was taken in and will be worked on later"),
        Entry(203, "Non-Authoritative Information", "The result was changed on its way from the origin"),
        Entry(204, "No Content", "The request succeeded and there is nothing to show"),
        Entry(205, "Reset Content", "The request succeeded; clear the form it came from"),
        Entry(206, "Partial Content", "The ranges asked for follow"),
        Entry(207, "Multi-Status"),
        Entry(208, "Already Reported"),
        Entry(226, "IM Used"),
        Entry(300, "Multiple Choices", "The resource has several forms; choose one"),
        Entry(301, "Moved Permanently", "The resource has a new address for good"),
        Entry(302, "Found", "The resource is at another address for the moment"),
        Entry(303, "See Other", "The result is to be fetched with GET from another address"),
        Entry(304, "Not Modified", "The copy that the client holds is still good"),
        Entry(305, "Use Proxy", "The resource is reached only through the proxy named by Location"),
        Entry(307, "Temporary Redirect", "Repeat the request, unchanged, at another address this time"),
        Entry(308, "Permanent Redirect", "Repeat the request, unchanged, at another address from now on"),
        Entry(400, "Bad Request", "The request breaks the rules of HTTP"),
        Entry(401, "Unauthorized", "The resource asks for credentials"),
        Entry(402, "Payment Required", "The resource asks for a payment"),
        Entry(403, "Forbidden", "The request was understood and is refused; credentials don't change that"),
        Entry(404, "Not Found", "There is nothing at this address"),
        Entry(405, "Method Not Allowed", "The resource doesn't have this method"),
        Entry(406, "Not Acceptable", "The resource has no form that the client accepts"),
        Entry(407, "Proxy Authentication Required", "This proxy asks for credentials first"),
        Entry(408, "Request Timeout", "The request didn't arrive in time"),
        Entry(409, "Conflict", "The request doesn't fit the present state of the resource"),
        Entry(410, "Gone", "The resource was removed for good"),
        Entry(411, "Length Required", "The request must carry a Content-Length"),
        Entry(412, "Precondition Failed", "A condition in the request's header doesn't hold"),
        Entry(413, "Content Too Large", "The content is larger than this server takes"),
        Entry(414, "URI Too Long", "The request line is longer than this server takes"),
        Entry(415, "Unsupported Media Type", "The content has a format that the resource doesn't take"),
        Entry(416, "Range Not Satisfiable", "None of the ranges lies in the resource"),
        Entry(417, "Expectation Failed", "The expectation in the Expect field can't be met"),
        Entry(418, "I'm a Teapot", "A teapot doesn't brew coffee"),
        Entry(421, "Misdirected Request", "This server doesn't answer for the host of the request"),
        Entry(422, "Unprocessable Content"),
        Entry(423, "Locked"),
        Entry(424, "Failed Dependency"),
        Entry(425, "Too Early"),
        Entry(426, "Upgrade Required"),
        Entry(428, "Precondition Required", "The resource is changed only by requests with a condition"),
        Entry(429, "Too Many Requests", "The client sends more requests than it is allowed"),
        Entry(431, "Request Header Fields Too Large", "The header is larger than this server takes"),
        Entry(451, "Unavailable For Legal Reasons", "The law forbids access to the resource"),
        Entry(500, "Internal Server Error", "The server failed while it handled the request"),
        Entry(501, "Not Implemented", "The server has no such method or function"),
        Entry(502, "Bad Gateway", "The server behind this one gave an answer that can't be used"),
        Entry(503, "Service Unavailable", "The server can't take the request now; try again later"),
        Entry(504, "Gateway Timeout", "The program behind this server didn't answer in time"),
        Entry(505, "HTTP Version Not Supported", "The server doesn't speak this version of HTTP"),
        Entry(506, "Variant Also Negotiates"),
        Entry(507, "Insufficient Storage"),
        Entry(508, "Loop Detected"),
        Entry(510, "Not Extended"),
        Entry(511, "Network Authentication Required", "The network asks for credentials first"),
    ]
}
