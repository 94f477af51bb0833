// What a client gets whose request ends the worker: error pages that are made at the start and sent from C.
internal import HTTPMessage
package import LinuxSyscalls
internal import SystemPackage

extension HTTPServer {
    /// Has this process answer, note and survive by a row what ends it: see `CrashHandler`. To be called in a worker,
    /// by the thread that will serve.
    ///
    /// - Parameter memory: where a crash is noted; nil when there is no log, and then requests have no id either.
    /// - Throws: ``ServerError`` when the kernel refuses the alternate stack.
    package final func installCrashHandler(memory: CrashMemory?) throws(ServerError) {
        do throws(Errno) {
            crashHandler = try CrashHandler.install(
                memory: memory, crash: errorAnswer(500, hasID: memory != nil),
                timeout: errorAnswer(504, hasID: memory != nil))
        } catch {
            throw .system(operation: "install the handler of fatal signals", subject: serverName, cause: "\(error)")
        }
    }

    /// What `sendError` would send, but for the date, which an error of the server need not have (RFC 9110 section
    /// 6.6.1), and with the id of the request in a field and behind the explanation.
    final func errorAnswer(_ code: Int, hasID: Bool) -> ErrorAnswer {
        // As long as an id, and nothing that a page would say.
        let mark = "\u{1}request-id-her\u{1}"
        let known = handlerClass.responses[code]
        let phrase = known?.phrase ?? "???"
        let explanation = (known?.explanation ?? "???") + (hasID ? " (request \(mark))" : "")
        let page = ErrorPage.fill(
            handlerClass.errorMessageFormat, code: code, message: phrase, explain: explanation)
        var lines = ["\(handlerClass.protocolVersion) \(code) \(ErrorPage.statusLineText(phrase))"]
        func add(_ name: String, _ value: String) {
            if FieldSyntax.isFieldValue(value.utf8.span.octets) { lines.append("\(name): \(value)") }
        }
        add("Server", versionText(of: handlerClass))
        add("Connection", "close")
        add("Content-Type", handlerClass.errorContentType)
        add("Content-Length", "\(page.utf8.count)")
        if hasID { lines.append("Request-Id: \(mark)") }
        let head = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        let body = Array(page.utf8)
        let bytes = Array(mark.utf8)
        return ErrorAnswer(
            head: head, body: body, headIDOffset: head.firstOffset(of: bytes), bodyIDOffset: body.firstOffset(of: bytes)
        )
    }
}

extension [UInt8] {
    /// Where a run of bytes first stands.
    fileprivate func firstOffset(of run: [UInt8]) -> Int? {
        indices.first { has(run, at: $0) }
    }
}
