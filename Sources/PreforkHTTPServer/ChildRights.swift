// The steps by which a child gives up the rights of the master, looked up and checked before the fork.
internal import LinuxSyscalls
internal import LogStore
internal import Supervisor
internal import SystemPackage

/// A confinement with everything in it looked up.
struct ChildRights {
    /// Who the children become; nil for who the master is.
    let identity: ProcessIdentity?
    /// As it was asked for, for people.
    let userName: String?
    let rootDirectory: FilePath?
    let limits: [ResourceLimit]
    let dropsCapabilities: Bool

    /// Looks names up. In the master, before it starts anything.
    ///
    /// - Throws: a user, group, limit or directory that cannot be, with the way out.
    init(_ confinement: Confinement) throws(PreforkError) {
        userName = confinement.user
        identity = try Self.identity(confinement)
        rootDirectory = confinement.rootDirectory.map { FilePath($0) }
        var limits: [ResourceLimit] = []
        for text in confinement.limits { limits.append(try Self.limit(text)) }
        self.limits = limits
        // A user's own capabilities go with the sandbox; root's go in any case when it becomes another user.
        dropsCapabilities = confinement.sandbox.mode != .off || identity.map { $0.userID != 0 } ?? false
        if let rootDirectory {
            guard (try? File.status(at: rootDirectory))?.kind == .directory else {
                throw .confinement("chroot: \(rootDirectory) is no directory; name one", exitStatus: 66)
            }
            guard CurrentProcess.effectiveUserID == 0 else {
                throw .confinement("chroot: only root may; start as root, or leave it out", exitStatus: 77)
            }
        }
    }

    /// What an operator should know, once, at the start.
    var warnings: [String] {
        guard identity == nil, CurrentProcess.effectiveUserID == 0 else { return [] }
        return ["workers and log writer run as root; name a user with --user"]
    }

    /// Gives up, in a child: limits, root directory, capabilities, user, rights of programs.
    func giveUp(_ role: ChildRole) throws(PreforkError) {
        if role != .logWriter {
            for limit in limits { try step("set the limit \(limit.resource.rawValue)", limit.apply) }
            if let rootDirectory {
                try step("change the root directory to \(rootDirectory)") { () throws(Errno) in
                    try CurrentProcess.changeRoot(to: rootDirectory)
                }
            }
        }
        if dropsCapabilities { try step("drop the bounds of capabilities", CurrentProcess.dropCapabilityBounds) }
        if let identity { try step("become user \(userName ?? "")", identity.take) }
        if dropsCapabilities { try step("drop capabilities", CurrentProcess.clearCapabilities) }
        try step("renounce new privileges", CurrentProcess.renounceNewPrivileges)
    }

    private func step(_ what: String, _ body: () throws(Errno) -> Void) throws(PreforkError) {
        do throws(Errno) { try body() } catch { throw .confinement("cannot \(what): \(error)", exitStatus: 77) }
    }

    /// Does something as the user that the children become: files belong to it, and what it may not do fails.
    func asUser<Value>(_ body: () throws(PreforkError) -> Value) throws(PreforkError) -> Value {
        guard let identity else { return try body() }
        do {
            switch try identity.during(body) {
            case .success(let value): return value
            case .failure(.accessLog(let text, let status)):
                throw PreforkError.accessLog("\(text) (it is written as user \(userName ?? ""))", exitStatus: status)
            case .failure(let error): throw error
            }
        } catch let error as PreforkError {
            throw error
        } catch {
            throw .confinement("cannot become user \(userName ?? ""): \(error)", exitStatus: 77)
        }
    }

    /// Makes the directory of the log for the user: where only root may make it, root makes it and gives it away.
    func makeLogDirectory(of database: FilePath) throws(PreforkError) {
        guard let identity else { return }
        let parent = database.removingLastComponent()
        var missing: [FilePath] = []
        var place = parent
        while !place.isEmpty, (try? File.status(at: place)) == nil {
            missing.insert(place, at: 0)
            place = place.removingLastComponent()
        }
        if missing.isEmpty { return }
        let permissions: FilePermissions = [.ownerReadWriteExecute, .groupReadExecute]
        do throws(Errno) {
            let made = try identity.during { () throws(Errno) in
                try File.makeDirectories(parent, permissions: permissions)
            }
            switch made {
            case .success: return
            case .failure(.permissionDenied): break
            case .failure(let error): throw error
            }
            // The user cannot write where it is made, so nobody but root can have put something else in its place.
            try File.makeDirectories(parent, permissions: permissions)
            for directory in missing where (try? File.status(at: directory))?.kind == .directory {
                try File.changeOwner(of: directory, user: identity.userID, group: identity.groupID)
            }
        } catch {
            throw .accessLog("cannot make the directory \(parent): \(error)", exitStatus: 73)
        }
    }
}

// MARK: Names

extension ChildRights {
    private static func identity(_ confinement: Confinement) throws(PreforkError) -> ProcessIdentity? {
        guard let text = confinement.user else {
            if confinement.group != nil {
                throw .confinement("group: name a user, too; the group alone is not changed", exitStatus: 64)
            }
            return nil
        }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let groupName = confinement.group ?? (parts.count == 2 ? parts[1] : nil)
        let identity = try lookUp(parts[0], groupName)
        let own = try? ProcessIdentity.current()
        guard CurrentProcess.effectiveUserID == 0 || own == identity else {
            throw .confinement("user: only root may become '\(text)'; start as root, or leave it out", exitStatus: 77)
        }
        return identity
    }

    private static func lookUp(_ name: String, _ groupName: String?) throws(PreforkError) -> ProcessIdentity {
        do throws(AccountError) {
            let (userID, entry) = try Accounts.user(name)
            guard let group = try groupName.map(Accounts.group) ?? entry?.groupID else {
                throw AccountError(
                    reason: "the user database has no entry for \(name); give its group, too, as \(name):GROUP",
                    exitStatus: 67)
            }
            let groups = try entry.map { entry throws(AccountError) in try Accounts.groups(of: entry, with: group) }
            return ProcessIdentity(userID: userID, groupID: group, groups: groups ?? [group])
        } catch {
            throw .confinement("user: \(error.reason)", exitStatus: error.exitStatus)
        }
    }

    /// `NAME=SOFT` or `NAME=SOFT:HARD`, each a number, one with K, M or G, or `unlimited`.
    static func limit(_ text: String) throws(PreforkError) -> ResourceLimit {
        let names = ResourceLimit.Resource.allCases.map(\.rawValue).joined(separator: ", ")
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let resource = ResourceLimit.Resource(rawValue: String(parts[0])) else {
            throw .confinement(
                "rlimit: '\(text)' must be NAME=SOFT or NAME=SOFT:HARD, NAME one of \(names)", exitStatus: 64)
        }
        let values = parts[1].split(separator: ":", omittingEmptySubsequences: false).map(limitValue)
        guard (1...2).contains(values.count), let soft = values[0], let hard = values[values.count - 1], soft <= hard
        else {
            throw .confinement(
                "rlimit: the value of '\(text)' must be a number, one with K, M or G, or unlimited; the first not "
                    + "above the second", exitStatus: 64)
        }
        return ResourceLimit(resource, soft: soft, hard: hard)
    }

    private static func limitValue(_ text: Substring) -> UInt64? {
        if text == "unlimited" { return ResourceLimit.unlimited }
        let units: [Character: UInt64] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
        let unit = text.last.flatMap { units[Character($0.uppercased())] }
        guard let number = UInt64(unit == nil ? text : text.dropLast()) else { return nil }
        let (value, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
        return overflow ? nil : value
    }
}
