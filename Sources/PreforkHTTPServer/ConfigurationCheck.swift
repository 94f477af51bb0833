// Everything that can be found wrong with a configuration before anything is bound, made or started.
internal import BaseHTTPServer
internal import LinuxSyscalls
internal import LogStore
internal import SystemPackage

extension PreforkConfiguration {
    /// Looks whether the server could start: users, directories, limits, the place of the log, the sandbox. Nothing is
    /// made, bound or locked, so a server that runs is not disturbed and does not disturb.
    ///
    /// - Returns: what would run, as names and values for people.
    /// - Throws: ``PreforkError`` or `ServerError` for what is wrong first.
    public func check() throws -> [(name: String, value: String)] {
        let rights = try ChildRights(confinement)
        if let socketOwner { _ = try SocketOwner(socketOwner) }
        let sandbox = try SandboxRules(self)
        let root = confinement.rootDirectory
        try checkDirectory(inRoot: root)
        try checkLogOutsideRoot()
        try rights.asUser { () throws(PreforkError) in
            do throws(ServerError) { try checkDirectory(inRoot: root) } catch {
                throw .confinement("\(error) (as user \(confinement.user ?? ""))", exitStatus: 77)
            }
            try checkTemporaryDirectory(inRoot: root)
            if let accessLog { try checkLog(FilePath(accessLog), rights) }
        }
        if let pidFile {
            let parent = FilePath(pidFile).removingLastComponent()
            guard (try? File.status(at: parent.isEmpty ? "." : parent))?.kind == .directory else {
                throw PreforkError.pidFile(
                    "pid file \(pidFile): there is no directory \(parent); make it", exitStatus: 73)
            }
        }
        let user = rights.identity.map { "\(confinement.user ?? "") (\($0.userID):\($0.groupID))" }
        var rows = [
            ("listens on", hosts.map { "\($0.isEmpty ? "all addresses" : $0) port \(port)" }.joined(separator: ", ")),
            ("serves", server.directory), ("workers", "\(workers)"), ("access log", accessLog ?? "none"),
            ("user", user ?? "unchanged (\(CurrentProcess.effectiveUserID))"),
        ]
        if let root { rows.append(("root directory", root)) }
        if !confinement.limits.isEmpty { rows.append(("limits", confinement.limits.joined(separator: ", "))) }
        rows.append(("temporary files", server.temporaryDirectory))
        rows.append(("sandbox", sandbox.summary))
        if let pidFile { rows.append(("pid file", pidFile)) }
        return rows + (rights.warnings + sandbox.warnings).map { ("warning", $0) }
    }

    /// Refuses a log in the root directory of the workers: they could not tell it from what they serve.
    func checkLogOutsideRoot() throws(PreforkError) {
        guard let root = confinement.rootDirectory, let accessLog else { return }
        var place = FilePath(accessLog).removingLastComponent()
        while !place.isEmpty, (try? File.status(at: place)) == nil { place = place.removingLastComponent() }
        guard let rootPath = Self.resolved(FilePath(root)), let logPath = Self.resolved(place.isEmpty ? "." : place)
        else { return }
        if logPath.starts(with: rootPath) {
            throw .confinement(
                "chroot: the log \(accessLog) lies in the root directory \(root), where it could be served; name a "
                    + "place outside with --log-db", exitStatus: 64)
        }
    }

    private static func resolved(_ path: FilePath) -> FilePath? {
        guard let directory = try? File.open(path, .readOnly) else { return nil }
        return (try? File.resolvedPath(of: directory.rawValue)).map { FilePath(bytes: $0) }
    }

    /// Opens the served directory; `root` is a root directory that the workers will have and this process has not.
    func checkDirectory(inRoot root: String?) throws(ServerError) {
        let path = root.map { "\($0)/\(server.directory)" } ?? server.directory
        do throws(Errno) {
            _ = try Directory(FilePath(path))
        } catch {
            throw .directory(path, reason: "\(error)")
        }
    }

    /// Makes a nameless file where those of large bodies will lie.
    func checkTemporaryDirectory(inRoot root: String?) throws(PreforkError) {
        let path = root.map { "\($0)/\(server.temporaryDirectory)" } ?? server.temporaryDirectory
        do throws(Errno) {
            _ = try File.openUnnamed(in: FilePath(path))
        } catch {
            let user = confinement.user.map { "user \($0)" } ?? "this user"
            throw .confinement(
                "no temporary file can be made in \(path): \(error); let \(user) write there, or name another "
                    + "directory with --temporary-directory", exitStatus: 73)
        }
    }

    /// Looks at the log's directory, or where it would be made.
    private func checkLog(_ database: FilePath, _ rights: ChildRights) throws(PreforkError) {
        let parent = database.removingLastComponent()
        var place = parent.isEmpty ? FilePath(".") : parent
        let isMissing = (try? File.status(at: place)) == nil
        while !place.isEmpty, (try? File.status(at: place)) == nil { place = place.removingLastComponent() }
        do throws(LogStoreError) {
            // Root makes a directory where the user may not.
            if !isMissing { try LogDatabaseCheck.verify(database) }
        } catch {
            throw PreforkError(error)
        }
        if isMissing, rights.identity == nil {
            do throws(Errno) {
                _ = try File.openUnnamed(in: place.isEmpty ? "." : place)
            } catch {
                throw .accessLog(
                    "cannot make the directory \(parent) of the access log: \(place): \(error); make it, or name "
                        + "another file with --log-db", exitStatus: 73)
            }
        }
    }
}
