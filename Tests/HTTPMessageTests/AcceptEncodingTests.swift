// Accept-Encoding: which coding is chosen of those that are there.
import HTTPMessage
import Testing

@Suite("Accept-Encoding")
struct AcceptEncodingTests {
    static func choose(_ fields: [String], among available: [ContentCoding] = ContentCoding.allCases) -> ContentCoding?
    {
        var accepted = AcceptEncoding()
        for field in fields { accepted.read(field.utf8.span.octets) }
        return accepted.preferred(among: available.contains)
    }

    @Test(arguments: [
        // What clients send: browsers, curl, wget, Python's requests, nobody.
        ("gzip, deflate, br, zstd", ContentCoding.brotli), ("gzip, deflate, zstd", .zstandard),
        ("deflate, gzip", .gzip), ("gzip, deflate, br", .brotli), ("identity", nil), ("", nil),
        // Weights (RFC 9110 section 12.5.3).
        ("compress;q=0.5, gzip;q=1.0", .gzip), ("gzip;q=1.0, identity; q=0.5, *;q=0", .gzip), ("*", .brotli),
        ("br;q=0.5, gzip;q=0.8", .gzip), ("br;q=0, *", .zstandard), ("br;q=0,zstd;q=0.0,gzip;q=0.00", nil),
        ("*;q=0", nil), ("identity;q=0", nil), ("identity;q=0, gzip;q=0.001", .gzip), ("gzip;q=0.1, *;q=0.2", .brotli),
        ("identity, gzip;q=0.999", nil), ("identity;q=0.5, gzip;q=0.5", .gzip), ("identity;q=0.5, gzip;q=0.4", nil),
        ("gzip;q=0, *;q=0.3, br;q=0.1, identity;q=0.2", .zstandard), ("gzip;Q=0.5,br;q=0.4", .gzip),
        ("x-gzip", .gzip), ("GZip", .gzip), ("BR;q=1.000", .brotli), ("gzip ; q=0.3", .gzip),
        ("\tgzip\t;\tq=1\t", .gzip),
        (",, gzip ,,", .gzip), ("gzip;q=1.", .gzip), ("gzip;q=0.", nil),
        // The first weight counts, and a bad element does not.
        ("gzip;q=0, gzip", nil), ("gzip, gzip;q=0", .gzip), ("br;q=2, gzip", .gzip), ("br;q=1.001, gzip", .gzip),
        ("br;q=0.1234, gzip;q=0.1", .gzip), ("br;q=, gzip", .gzip), ("br;q=-1, gzip", .gzip), ("br;q=x;gzip", nil),
        ("br;level=9, gzip", .gzip), ("br;q=1;x=2, gzip", .gzip), ("br q=1, gzip", .gzip), ("br;, gzip", .gzip),
        ("br=1, gzip", .gzip), (";q=1, gzip", .gzip), ("\"br\", gzip", .gzip), ("br/1, zstd", .zstandard),
        ("gzipp, brr, zst, zstandard, ip, brotli", nil), ("gzip;q=0.5.5", nil), ("br;q =1, gzip", .gzip),
        ("br;q=99999999999999999999, gzip", .gzip), ("b\u{e9}r, gzip", .gzip),
    ])
    func chosen(_ field: String, _ coding: ContentCoding?) {
        #expect(Self.choose([field]) == coding)
    }

    @Test func onlyWhatIsThere() {
        let usual = ["gzip, deflate, br, zstd"]
        #expect(Self.choose(usual, among: [.gzip]) == .gzip)
        #expect(Self.choose(usual, among: [.gzip, .zstandard]) == .zstandard)
        #expect(Self.choose(usual, among: []) == nil)
        #expect(Self.choose(["br;q=1, *;q=0.1"], among: [.gzip]) == .gzip, "identity has the weight of * too")
    }

    @Test func linesAreOneList() {
        #expect(Self.choose(["gzip;q=0.2", "br;q=0.3"]) == .brotli)
        #expect(Self.choose(["gzip;q=0", "gzip"]) == nil)
        let bytes = Array(
            "GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\nA: b\r\naccept-encoding: br\r\n\r\n".utf8)
        var parser = RequestParser()
        #expect(parser.parse(bytes.span.octets) == .request)
        let accepted = AcceptEncoding(of: parser.head, in: bytes.span.octets)
        #expect(accepted.preferred { $0 != .brotli } == .gzip && accepted.preferred { _ in true } == .brotli)
    }

    @Test func namesAndExtensions() {
        #expect(ContentCoding.allCases.map(\.name) == ["br", "zstd", "gzip"])
        #expect(ContentCoding.allCases.map(\.fileExtension) == [".br", ".zst", ".gz"])
    }
}
