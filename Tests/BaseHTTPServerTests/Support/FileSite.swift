// A tree of files and a server that serves it.
import Foundation
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

@testable import BaseHTTPServer

/// Files over HTTP/1.1, without lines on standard error.
class Files: SimpleHTTPRequestHandler {
    override class var protocolVersion: String { "HTTP/1.1" }
    override class var sendsFieldsAtOnce: Bool { true }
    override func logMessage(_ message: String) {}
}

/// Serves the folder `tree` of a fresh directory, in which `outside.txt` lies beside it.
///
/// - Parameters:
///   - guarding: a path beneath the directory that is the log's.
///   - fill: makes the files.
func serve<Result>(
    _ handler: Files.Type = Files.self, guarding: String? = nil,
    configure: @escaping @Sendable (inout ServerConfiguration) -> Void,
    _ fill: (TemporaryDirectory) throws -> Void, _ body: (RunningServer, TemporaryDirectory) throws -> Result
) throws -> Result {
    try withTemporaryDirectory { directory in
        try directory.write("outside", to: "outside.txt")
        let tree = directory.appending("tree")
        try directory.write("", to: "tree/.keep")
        try fill(directory)
        let path = tree.string
        let guarded = guarding.map { directory.appending($0).string }
        return try RunningServer.run(
            handler,
            configure: {
                $0.directory = path
                $0.guardedPath = guarded
                configure(&$0)
            }
        ) { try body($0, directory) }
    }
}

/// As above, with the configuration as it is.
func serve<Result>(
    _ handler: Files.Type = Files.self, guarding: String? = nil, _ fill: (TemporaryDirectory) throws -> Void,
    _ body: (RunningServer, TemporaryDirectory) throws -> Result
) throws -> Result {
    try serve(handler, guarding: guarding, configure: { _ in }, fill, body)
}

extension TemporaryDirectory {
    /// Sets the time of a file's last change, seconds since 1970 UTC. Old enough, it is kept in memory and has a strong
    /// tag.
    func date(_ relative: String, _ seconds: Double = 1_700_000_000) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: seconds)], ofItemAtPath: appending(relative).string)
    }
}

extension HTTPAnswer {
    /// All values of a header, in order.
    func all(_ name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }
}
