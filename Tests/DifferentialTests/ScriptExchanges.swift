// The exchanges with CGIHTTPRequestHandler, and the scripts that it runs.
import Foundation
import SystemPackage
import TestSupport

extension Exchange {
    static let scripts: [Exchange] =
        [
            "/cgi-bin/env", "/cgi-bin/env?a=b&c=%20d", "/cgi-bin/env?one+two%20three", "/cgi-bin/env?",
            "/cgi-bin/env/extra/a%20b/../c?q=1", "/cgi-bin/env/", "/cgi-bin/sub/env", "/cgi-bin/sub/env/more",
            "//cgi-bin/env", "/cgi-bin/./env", "/list/../cgi-bin/env", "/cgi-bin%2fenv", "/cgi%2dbin/env",
            "/list/..%2fcgi-bin/env", "/cgi-bin/", "/cgi-bin", "/cgi-bin/sub", "/cgi-bin/none", "/cgi-bin/none/x?y",
            "/cgi-bin/plain", "/cgi-bin/fails", "/cgi-bin/moved", "/cgi-bin/status", "/a.txt", "/htbin/none",
            "/cgi-bin/../../etc/passwd", "/cgi-binx",
        ].map { .request("scripts", $0) }
        + [
            .request("scripts", method: "HEAD", "/cgi-bin/env"), .request("scripts", method: "POST", "/a.txt"),
            .request("scripts", method: "PUT", "/a.txt"),
            .request(
                "scripts", "/cgi-bin/env", "HTTP/1.1",
                ["Referer: r", "User-Agent: u", "Accept: a", "Accept: b", "Cookie: c=1", "Cookie: d=2", "Proxy: p"]),
            .request("scripts", "/cgi-bin/env", "HTTP/1.1", ["Authorization: Basic YWRhOnNlY3JldA=="]),
            .request("scripts", "/cgi-bin/env", "HTTP/1.1", ["Authorization: Bearer token"]),
            Exchange(
                "scripts", "POST",
                "POST /cgi-bin/body?q HTTP/1.1\r\nHost: h\r\nContent-Type: a/b\r\nContent-Length: 5\r\n\r\n12345"),
        ]

    /// Makes the scripts, and lets anybody run them: as root, Python runs them as nobody.
    static func makeScripts(in directory: TemporaryDirectory) throws {
        let names = [
            "SERVER_SOFTWARE", "GATEWAY_INTERFACE", "SERVER_PROTOCOL", "REQUEST_METHOD", "PATH_INFO", "PATH_TRANSLATED",
            "SCRIPT_NAME", "QUERY_STRING", "REMOTE_ADDR", "REMOTE_HOST", "AUTH_TYPE", "REMOTE_USER", "CONTENT_TYPE",
            "CONTENT_LENGTH", "HTTP_REFERER", "HTTP_ACCEPT", "HTTP_USER_AGENT", "HTTP_COOKIE", "HTTP_HOST",
            "HTTP_PROXY",
            "HTTP_AUTHORIZATION", "SERVER_NAME",
        ]
        let environment =
            "for name in \(names.joined(separator: " ")); do\n" + #"""
                  eval "state=\${$name+set} value=\${$name-}"
                  [ -z "$state" ] || printf '%s=%s\n' "$name" "$value"
                done
                [ "$SERVER_PORT" -gt 0 ] && echo 'SERVER_PORT=a number'
                printf '%s arguments: %s\n' "$#" "$*"
                """#
        let type = #"printf 'Content-Type: text/plain\r\n\r\n'"#
        let scripts = [
            "env": "\(type)\n\(environment)", "sub/env": "\(type)\n\(environment)",
            "body": "\(type)\nhead -c \"$CONTENT_LENGTH\"\n\(environment)",
            "fails": "\(type)\necho said\nexit 3", "moved": #"printf 'Location: http://h/there\r\n\r\n'"#,
            "status": #"printf 'Status: 404 Nowhere\r\nContent-Type: text/plain\r\n\r\nnowhere'"#,
        ]
        for (name, text) in scripts {
            try directory.installScript("#!/bin/sh\n\(text)\n", at: "site/cgi-bin/\(name)")
        }
        try directory.write("plain", to: "site/cgi-bin/plain")
        for folder in ["", "site", "site/cgi-bin", "site/cgi-bin/sub"] {
            try setMode(0o755, directory.appending(folder))
        }
    }

    private static func setMode(_ mode: Int, _ path: FilePath) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path.string)
    }
}
