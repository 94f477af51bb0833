// Which file a CGI path runs, and what of the path is left for it.
internal import HTTPTypes
internal import LinuxSyscalls
internal import SystemPackage

/// Why a path runs nothing.
struct ScriptPlaceError: Error {
    /// In the words of Python's module.
    enum Reason: String {
        case notFound = "No such CGI script"
        case notPlain = "CGI script is not a plain file"
        case notExecutable = "CGI script is not executable"

        var status: HTTPResponse.Status { self == .notFound ? 404 : 403 }
    }

    let reason: Reason
    /// The path as far as it was followed.
    let name: [UInt8]
}

/// A script that may run.
struct ScriptPlace {
    /// The path of the request as far as it names the script: SCRIPT_NAME.
    let name: [UInt8]
    /// The rest of it: PATH_INFO.
    let pathInfo: [UInt8]
    /// The script's path in the file system without symbolic links: that is what runs.
    let file: [UInt8]

    /// Follows a decoded and reduced path.
    ///
    /// - Parameters:
    ///   - path: begins with a slash.
    ///   - directory: the beginning of it that holds the scripts, without a slash at its end.
    ///   - open: opens what the beginning of a path leads to.
    init(path: [UInt8], below directory: [UInt8], open: ([UInt8]) throws(Errno) -> Descriptor) throws {
        var end = directory.count
        while end < path.count {
            let next = path[(end + 1)...].firstIndex(of: 47) ?? path.count
            // A slash at the end asks for the directory.
            if next == end + 1 { break }
            let name = Array(path[..<next])
            let descriptor: Descriptor
            do throws(Errno) {
                descriptor = try open(name)
            } catch {
                throw try Self.reason(error, name)
            }
            switch try File.status(of: descriptor.rawValue).kind {
            case .directory:
                end = next
            case .regular:
                file = try File.resolvedPath(of: descriptor.rawValue)
                guard File.isExecutable(FilePath(bytes: file)) else {
                    throw ScriptPlaceError(reason: .notExecutable, name: name)
                }
                self.name = name
                pathInfo = Array(path[next...])
                return
            case .symbolicLink, .socket, .other:
                throw ScriptPlaceError(reason: .notPlain, name: name)
            }
        }
        throw ScriptPlaceError(reason: .notPlain, name: path)
    }

    /// Whether the script writes the status line itself (RFC 3875 section 5).
    var isNonParsed: Bool {
        name[((name.lastIndex(of: 47) ?? -1) + 1)...].starts(with: "nph-".utf8)
    }

    /// What the kernel's refusal means; a shortage goes on as it is.
    private static func reason(_ error: Errno, _ name: [UInt8]) throws(Errno) -> ScriptPlaceError {
        if error.isResourceShortage { throw error }
        // A program that may not be read may run, but not from here: whether it lies beneath the root is known only of
        // what was opened.
        return ScriptPlaceError(reason: error == .permissionDenied ? .notExecutable : .notFound, name: name)
    }
}
