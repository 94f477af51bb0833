// The examples do what they say.
import LinuxSyscalls
import TestSupport
import Testing

struct ExampleTests {
    @Test func theStackHasThreeMethodsOfItsOwn() throws {
        // Its first line waits in a buffer, so the test must know the port: one that was free a moment ago.
        let port = try ListeningSocket(.ipv4(0x7f00_0001, port: 0), backlog: 1).localAddress().port
        let program = try RunningProgram("example-stack", ["\(port)"])
        defer { program.killAll() }
        var connected: HTTPClient?
        _ = eventually {
            connected = try? HTTPClient(port: port)
            return connected != nil
        }
        let client = try #require(connected, "\(program.standardError)")
        for text in ["first", "second"] {
            try client.send("PUSH / HTTP/1.1\r\nHost: h\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
            #expect(try client.receive().status == 201)
        }
        #expect(try client.request("PEEK", "/").text == "second")
        #expect(try client.request("POP", "/").text == "second")
        // The stack outlives the connection.
        let other = try HTTPClient(port: port)
        #expect(try other.request("POP", "/").text == "first")
        #expect(try other.request("POP", "/").reason == "The stack is empty")
        #expect(try HTTPClient(port: port).request("PULL", "/").reason == "Unsupported method ('PULL')")
        #expect(try HTTPClient(port: port).request("GET", "/").status == 501)
    }
}
