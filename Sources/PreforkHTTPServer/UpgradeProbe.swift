// The request that a new server must answer before it gets any client: the whole life of a short-lived child.
internal import LinuxSyscalls
internal import SystemPackage

/// One request over one connection, waiting as long as it takes: the master kills a child that takes too long.
///
/// A whole answer with a status below 500 is well: 404 or 401 say that the server works and what it was asked for is
/// not there or not for everybody.
enum UpgradeProbe {
    /// Exit statuses of the child; 0 is well, and a status of 500…599 is 500 less than a hundred more.
    static let unreachable: Int32 = 1
    static let cut: Int32 = 2
    static let malformed: Int32 = 3
    private static let failures: Int32 = 100

    /// Bytes of an answer that are looked at; more is not kept, and not whole.
    private static let limit = 64 << 20

    /// Sends the request and reads the answer to the end of the connection.
    static func ask(_ address: SocketAddress, path: String) -> Int32 {
        guard let socket = try? Socket(connectingTo: address) else { return unreachable }
        let request =
            "GET \(path) HTTP/1.1\r\nHost: localhost\r\nUser-Agent: basehttpd-upgrade\r\nConnection: close\r\n\r\n"
        guard (try? DescriptorIO.writeAll(request, to: socket.rawValue)) != nil else { return unreachable }
        var answer: [UInt8] = []
        while answer.count < limit {
            guard let bytes = try? DescriptorIO.read(from: socket.rawValue, atMost: 65_536) else { return cut }
            if bytes.isEmpty { return judge(answer) }
            answer += bytes
        }
        return cut
    }

    /// What a child's status says.
    static func describe(_ status: Int32, path: String) -> String {
        switch status {
        case unreachable: "the new server does not accept"
        case cut: "the new server did not answer GET \(path) whole"
        case malformed: "what the new server answered to GET \(path) is no HTTP"
        case failures..<failures + 100: "the new server answered GET \(path) with \(status - failures + 500)"
        default: "the request to the new server failed with status \(status)"
        }
    }

    /// Whether an answer is whole and well.
    static func judge(_ answer: [UInt8]) -> Int32 {
        guard let end = headEnd(answer) else { return answer.isEmpty ? cut : malformed }
        let lines = String(decoding: answer[..<end], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3,
            let status = Int32(words[1]), (200...599).contains(status)
        else { return malformed }
        let body = answer[(end + 4)...]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.lowercased() }
            guard parts.count == 2 else { continue }
            let value = parts[1].filter { $0 != " " }
            if parts[0] == "content-length", value != String(body.count), ![204, 304].contains(status) { return cut }
            if parts[0] == "transfer-encoding", value.hasSuffix("chunked"), !body.reversed().starts(with: lastChunk) {
                return cut
            }
        }
        return status < 500 ? 0 : status - 500 + failures
    }

    /// The end of a chunked body, backwards.
    private static let lastChunk: [UInt8] = "0\r\n\r\n".utf8.reversed()

    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        let end = Array("\r\n\r\n".utf8)
        return bytes.indices.first { bytes[$0] == end[0] && bytes[$0...].starts(with: end) }
    }
}
