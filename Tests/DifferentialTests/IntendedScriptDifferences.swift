// The part of the list that is about CGI: what CGIHTTPRequestHandler does otherwise than Python's.

extension IntendedDifference {
    static let scripts: [IntendedDifference] = [
        .init(
            "phrase of scripts", in: ["scripts: *"],
            .rewritten(python: "HTTP/1.0 200 Script output follows*", ours: "HTTP/1.0 200 OK*"),
            because: "the answer begins with what the script says, not before it runs"),
        .init(
            "scripts set the status", in: ["scripts: /cgi-bin/status"],
            .answers(python: ["200 *"], ours: ["404 Nowhere"]), because: "RFC 3875 section 6.3.3 (gh-53254)"),
        .init(
            "scripts redirect", in: ["scripts: /cgi-bin/moved"], .answers(python: ["200 *"], ours: ["302 Found"]),
            because: "RFC 3875 section 6.2.3 (gh-53254)"),
        .init(
            "HEAD of a script", in: ["scripts: HEAD /cgi-bin/env"],
            .answers(python: ["200 *", "page"], ours: ["200 OK"]), because: "RFC 3875 section 4.3.3: no body is sent"),
        .init(
            "variables of what is not there", in: ["scripts: *"],
            .lines(
                python: [
                    "| CONTENT_LENGTH=", "| CONTENT_TYPE=text/plain", "| HTTP_REFERER=", "| HTTP_ACCEPT=",
                    "| HTTP_USER_AGENT=", "| HTTP_COOKIE=", "| PATH_TRANSLATED=*/site",
                ], ours: []),
            because: "RFC 3875 section 4.1: they are not set, PATH_TRANSLATED without PATH_INFO neither"),
        .init(
            "variables of the request", in: ["scripts: *"],
            .lines(
                python: ["| SERVER_PROTOCOL=HTTP/1.0", "| REMOTE_HOST="],
                ours: ["| SERVER_PROTOCOL=HTTP/1.1", "| REMOTE_HOST=127.0.0.1", "| HTTP_HOST=h"]),
            because:
                "RFC 3875 sections 4.1.16, 4.1.9 and 4.1.18: the client's version, its address for a name, all fields"),
        .init(
            "name of the server", in: ["scripts: *"],
            .lines(python: ["| SERVER_NAME=*"], ours: ["| SERVER_NAME=h"]),
            because: "RFC 3875 section 4.1.14: from Host"),
        .init(
            "joined fields", in: ["scripts: /cgi-bin/env, Referer: *"],
            .lines(
                python: ["| HTTP_ACCEPT=a,b", "| HTTP_COOKIE=c=1, d=2"],
                ours: ["| HTTP_ACCEPT=a, b", "| HTTP_COOKIE=c=1; d=2"]),
            because: "RFC 9110 section 5.3 and RFC 6265 section 5.4"),
        .init(
            "arguments", in: ["scripts: *"],
            .lines(
                python: ["| 1 arguments: *"], ours: ["| 0 arguments: ", "| 2 arguments: one two three"]),
            because: "RFC 3875 section 4.4: the decoded words of a query without =, for GET and HEAD; else none"),
        .init(
            "credentials", in: ["scripts: /cgi-bin/env, Authorization: *"],
            .lines(python: ["| AUTH_TYPE=*", "| REMOTE_USER=ada"], ours: []),
            because: "nobody has checked them; cgiPassesCredentials hands them over"),
        .init(
            "directories of scripts", in: ["scripts: /cgi-bin"],
            .answers(python: ["301 Moved Permanently"], ours: ["403 CGI script is not a plain file ('/cgi-bin')"]),
            because: "the slash would lead to the same error"),
        .init(
            "paths above the root", in: ["scripts: /cgi-bin/../../etc/passwd"],
            .answers(python: [], ours: ["404 File not found"]), because: "Python closes without a word"),
    ]
}
