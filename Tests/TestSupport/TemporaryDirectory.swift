// A directory for one test: removed when the test passes, kept and named when it fails.
internal import Foundation
internal import LinuxSyscalls
internal import Synchronization
public import SystemPackage
public import Testing

/// Runs `body` with a fresh directory. It is removed afterwards, unless `body` throws or the suite carries
/// ``Testing/Trait/keepingEvidence`` and an expectation failed: then it stays and its path is printed.
public func withTemporaryDirectory<Result>(_ body: (TemporaryDirectory) throws -> Result) throws -> Result {
    let directory = try TemporaryDirectory()
    do {
        let result = try body(directory)
        try directory.close(keep: FailedTests.containsCurrent)
        return result
    } catch {
        try directory.close(keep: true)
        throw error
    }
}

/// A fresh directory beneath the system's directory of temporary files.
public struct TemporaryDirectory: Sendable {
    /// Where it is; no part of it is a symbolic link.
    public let path: FilePath

    /// Makes a directory that nobody else uses. Whoever makes one closes it.
    public init() throws {
        let name = "basehttp-test-" + String(try Random.bits64(), radix: 16)
        let parent = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
        path = FilePath(parent).appending(name)
        try File.makeDirectories(path, permissions: .ownerReadWriteExecute)
    }

    /// A path beneath it.
    public func appending(_ relative: String) -> FilePath {
        path.appending(relative)
    }

    /// Writes a file beneath it and makes the directories on the way.
    @discardableResult
    public func write(_ text: String, to relative: String) throws -> FilePath {
        try write([UInt8](text.utf8), to: relative)
    }

    /// As ``write(_:to:)-(String,_)`` with bytes.
    @discardableResult
    public func write(_ bytes: [UInt8], to relative: String) throws -> FilePath {
        let target = appending(relative)
        try File.makeDirectories(target.removingLastComponent(), permissions: .ownerReadWriteExecute)
        let file = try File.open(target, .writeOnly, options: [.create, .truncate])
        try DescriptorIO.writeAll(bytes.rawBytes, to: file.rawValue)
        return target
    }

    /// The bytes of a file beneath it.
    public func read(_ relative: String) throws -> [UInt8] {
        let file = try File.open(appending(relative), .readOnly)
        return try File.read(file.rawValue, at: 0, count: Int(File.status(of: file.rawValue).size))
    }

    /// Makes a symbolic link beneath it.
    public func link(_ relative: String, to destination: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: appending(relative).string, withDestinationPath: destination)
    }

    /// The names in it or in a directory beneath it, sorted.
    public func names(in relative: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: appending(relative).string).sorted()
    }

    /// Removes it with all that is in it, or keeps it and says where it is.
    public func close(keep: Bool = false) throws {
        if keep {
            print("The directory of the failed test was kept: \(path)")
        } else {
            try FileManager.default.removeItem(atPath: path.string)
        }
    }
}

/// Which tests have recorded an issue; Swift Testing does not say.
enum FailedTests {
    private static let names = Mutex<Set<String>>([])

    static func note() {
        guard let test = Test.current else { return }
        names.withLock { _ = $0.insert("\(test.id)") }
    }

    static var containsCurrent: Bool {
        guard let test = Test.current else { return false }
        return names.withLock { $0.contains("\(test.id)") }
    }
}

extension Trait where Self == IssueHandlingTrait {
    /// Notes which tests fail, so that what they leave behind is kept for a look.
    public static var keepingEvidence: Self {
        .filterIssues { _ in
            FailedTests.note()
            return true
        }
    }
}

extension TemporaryDirectory {
    /// Writes an executable file beneath it.
    ///
    /// Another process makes the copy that runs: a child that another test starts at the same moment would hold a file
    /// of ours open for writing, and such a file cannot be run.
    public func installScript(_ text: String, at relative: String) throws {
        let source = try write(text, to: relative + ".source")
        let installed = try RunningProgram.run(
            "/usr/bin/install", ["-m", "755", source.string, appending(relative).string])
        guard installed.end == .exited(status: 0) else { throw TestFailure(installed.standardError) }
        try File.remove(source)
    }
}
