// A stack behind HTTP with three methods of its own: PUSH, POP and PEEK. Usage: example-stack [PORT]
internal import BaseHTTPServer

/// What all connections share. They are served one after the other, so it needs no lock.
final class Stack {
    var items: [[UInt8]] = []
}

/// PUSH puts the request's body on the stack, POP takes the last one off, PEEK shows it.
final class StackHandler: BaseHTTPRequestHandler {
    override class var protocolVersion: String { "HTTP/1.1" }
    override class var serverVersion: String { "Stack/1.0" }

    var stack = Stack()

    override func perform(_ command: String) throws {
        switch command {
        case "PUSH": try do_PUSH()
        case "POP": try do_POP()
        case "PEEK": try do_PEEK()
        default: try super.perform(command)
        }
    }

    private func do_PUSH() throws {
        stack.items.append(try rfile.read())
        try sendResponse(.created)
        try endHeaders()
    }

    private func do_POP() throws {
        try answer(with: stack.items.popLast())
    }

    private func do_PEEK() throws {
        try answer(with: stack.items.last)
    }

    private func answer(with item: [UInt8]?) throws {
        guard let item else { return try sendError(.notFound, "The stack is empty") }
        try sendResponse(.ok)
        try sendHeader("Content-Type", "application/octet-stream")
        try endHeaders()
        try wfile.write(item)
    }
}

/// Gives every handler the one stack.
final class StackServer: HTTPServer {
    private let stack = Stack()

    override func finishRequest(_ request: Connection) throws -> BaseHTTPRequestHandler {
        let handler = StackHandler(request, clientAddress: request.clientAddress, server: self)
        handler.stack = stack
        return handler
    }
}

let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8000
let server = try StackServer(host: "127.0.0.1", port: port, handler: StackHandler.self)
print("curl -X PUSH -d hello http://127.0.0.1:\(server.serverPort)/")
try server.serveForever()
