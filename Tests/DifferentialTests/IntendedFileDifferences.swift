// The part of the list that is about files: what SimpleHTTPRequestHandler does otherwise than Python's.

extension IntendedDifference {
    static let files: [IntendedDifference] = [
        .init(
            "charset of text", in: ["*files: *", "scripts: *"],
            .rewritten(python: "Content-type: text/*", ours: "Content-Type: text/*; charset=utf-8"),
            because: "browsers guess without it (CVE-2011-4940)"),
        .init(
            "type of JavaScript", in: ["files: /types/x.js"],
            .lines(
                python: ["Content-type: application/javascript"], ours: ["Content-Type: text/javascript; charset=utf-8"]
            ),
            because: "RFC 9239; Python has it since 3.12", versions: 11...11),
        .init(
            "spelling of Content-Type", in: ["*files: *"],
            .rewritten(python: "Content-type: *", ours: "Content-Type: *"),
            because: "as in RFC 9110 section 8.3 and as in error pages; names have no case"),
        .init(
            "no sniffing", in: ["*files: *", "scripts: *"],
            .lines(python: [], ours: ["X-Content-Type-Options: nosniff"]),
            because: "a text is not run as a script (Fetch standard)"),
        .init(
            "tags and ranges", in: ["files: *", "persistent-files: */a.txt*", "typed-files: *", "scripts: /a.txt"],
            .lines(python: [], ours: ["ETag: *", "Accept-Ranges: bytes"]),
            because: "RFC 9110 sections 8.8.3 and 14 (gh-73840, gh-86809)"),
        .init(
            "304 says which", in: ["persistent-files: /a.txt, If-Modified-Since: *"],
            .lines(python: [], ours: ["Last-Modified: *"]), because: "RFC 9110 section 15.4.5: as beside a 200"),
        .init(
            "ranges", in: ["persistent-files: /a.txt, Range: bytes=1-2"],
            .answers(python: ["200 OK", "404 *"], ours: ["206 Partial Content", "404 *"]),
            because: "RFC 9110 section 14.2 (gh-86809)"),
        .init(
            "dates in GMT", in: ["persistent-files: /a.txt, *+0000"],
            .answers(python: ["304 *", "404 *"], ours: ["200 OK", "404 *"]),
            because: "RFC 9110 section 5.6.7: three forms, none with a zone in digits"),
        .init(
            "policy of listings", in: ["files: *"],
            .lines(python: [], ours: ["Content-Security-Policy: default-src 'none'; *"]),
            because: "a file's name cannot become a script (CVE-2011-4940)"),
        .init(
            "columns and way up in listings", in: ["files: /", "files: /list/*"],
            .lines(python: [], ours: ["| ?sort=*", "| ../ shows ../"]), because: "a listing that sorts (gh-95812)"),
        .init(
            "hidden files in listings", in: ["files: /"], .lines(python: ["| .hidden shows .hidden"], ours: []),
            because: "hidden files hold secrets more often than pages"),
        .init(
            "hidden files", in: ["files: /.hidden"], .answers(python: ["200 OK"], ours: ["404 File not found"]),
            because: "as above; servesHiddenFiles shows them"),
        .init(
            "links that lead out, in listings", in: ["files: /list/"],
            .lines(python: ["| out shows out@"], ours: []), because: "gh-81054, gh-132142: they are not followed"),
        .init(
            "links that lead out", in: ["files: /list/out"], .answers(python: ["200 OK"], ours: ["404 File not found"]),
            because: "gh-81054, gh-132142; followsSymbolicLinks follows them"),
        .init(
            "escaped quotes", in: ["files: /list/"],
            .rewritten(
                python: "| %22quoted%22.txt shows \"quoted\".*", ours: "| %22quoted%22.txt shows &quot;quoted&quot;.*"),
            because: "the same text, safe in attributes too"),
        .init(
            "NUL in paths", in: ["files: /%00"], .answers(python: [], ours: ["400 NUL in the path"]),
            because: "gh-103223: no file has such a name; Python closes without a word"),
        .init(
            "wrong percent-encoding", in: ["files: /%zz"],
            .answers(python: ["404 File not found"], ours: ["400 Bad percent-encoding in the path"]),
            because: "RFC 3986 section 2.1"),
        .init(
            "targets with a host", in: ["files: http://h/a.txt"],
            .answers(python: ["404 File not found"], ours: ["200 OK"]),
            because: "RFC 9112 section 3.2.2: every server accepts them"),
        .init(
            "directories with a host", in: ["files: http://h/list"],
            .answers(python: ["404 File not found"], ours: ["301 Moved Permanently"]), because: "as above"),
        .init(
            "OPTIONS", in: ["files: OPTIONS /a.txt"],
            .answers(python: ["501 *"], ours: ["204 No Content"]), because: "RFC 9110 section 9.3.7"),
        .init(
            "length of the page, for files", in: ["files: HEAD /missing"],
            .lines(python: ["Content-Length: *"], ours: ["Content-Length: *"]),
            because: "its explanation and its dark mode"),
    ]
}
