// Who a process is to the kernel: user and groups, looked up by name, taken on for good or for a while.
internal import CLinux
internal import Glibc
public import SystemPackage

/// As the number of a user or group: this one stays as it is.
private let keptID = UInt32.max

/// The numbers by which the kernel judges what a process may open.
public struct ProcessIdentity: Equatable, Sendable {
    /// The user.
    public let userID: UInt32
    /// The primary group.
    public let groupID: UInt32
    /// All groups, the primary one among them.
    public let groups: [UInt32]

    /// A user and its groups.
    public init(userID: UInt32, groupID: UInt32, groups: [UInt32]) {
        self.userID = userID
        self.groupID = groupID
        self.groups = groups
    }

    /// Who this process acts as. The C functions are `geteuid`, `getegid` and `getgroups`.
    public static func current() throws(Errno) -> ProcessIdentity {
        let count = Int(try checked { clinux_get_groups(nil, 0) })
        var groups = [gid_t](repeating: 0, count: count)
        let found = Int(
            try checked {
                unsafe groups.withUnsafeMutableBufferPointer { unsafe clinux_get_groups($0.baseAddress, $0.count) }
            })
        return ProcessIdentity(userID: geteuid(), groupID: getegid(), groups: Array(groups.prefix(found)))
    }

    /// Makes this process one of the identity for good: all groups, then the group, then the user, each as real,
    /// effective and saved id. The C functions are `setgroups`, `setresgid` and `setresuid`.
    ///
    /// - Throws: EPERM without the right to, and when the way back to root is open afterwards.
    public func take() throws(Errno) {
        // An unprivileged process may "change" to what it is, but not name its groups.
        let isTakenAlready = try isTaken()
        if !isTakenAlready {
            try setGroups()
            _ = try checked { clinux_set_group_ids(groupID, groupID, groupID) }
            _ = try checked { clinux_set_user_ids(userID, userID, userID) }
            guard try isTaken() else { throw Errno.notPermitted }
        }
        if userID != 0, clinux_set_user_ids(keptID, 0, keptID) == 0 { throw Errno.notPermitted }
        // A change of user makes a process unreadable for its own user: /proc/self would be root's, and Swift's
        // backtracer could not look into it.
        _ = try checked { clinux_set_dumpable(1) }
    }

    /// Does something as the identity, so that files belong to it and permissions count as for it, and goes back. The C
    /// functions are those of ``take()``, for effective ids only.
    ///
    /// - Throws: what the kernel says to the change; `body` has not run then.
    public func during<Value, Failure>(_ body: () throws(Failure) -> Value) throws(Errno) -> Result<Value, Failure> {
        let own = try ProcessIdentity.current()
        if own == self { return result(body) }
        do throws(Errno) {
            try setGroups()
            _ = try checked { clinux_set_group_ids(keptID, groupID, keptID) }
            _ = try checked { clinux_set_user_ids(keptID, userID, keptID) }
        } catch {
            try own.goBack()
            throw error
        }
        let value = result(body)
        try own.goBack()
        return value
    }

    private func goBack() throws(Errno) {
        _ = try checked { clinux_set_user_ids(keptID, userID, keptID) }
        _ = try checked { clinux_set_group_ids(keptID, groupID, keptID) }
        try setGroups()
        _ = try checked { clinux_set_dumpable(1) }
    }

    private func setGroups() throws(Errno) {
        _ = try checked { unsafe groups.withUnsafeBufferPointer { unsafe clinux_set_groups($0.baseAddress, $0.count) } }
    }

    /// Whether all three user ids and all three group ids are those of this identity, and the groups too.
    private func isTaken() throws(Errno) -> Bool {
        var users: [uid_t] = [0, 0, 0]
        var groups: [gid_t] = [0, 0, 0]
        _ = try checked { unsafe clinux_get_user_ids(&users) }
        _ = try checked { unsafe clinux_get_group_ids(&groups) }
        let all = try Set(ProcessIdentity.current().groups + [groupID])
        return users.allSatisfy { $0 == userID } && groups.allSatisfy { $0 == groupID }
            && all == Set(self.groups + [groupID])
    }

    private func result<Value, Failure>(_ body: () throws(Failure) -> Value) -> Result<Value, Failure> {
        do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
    }
}

/// What the user database says of a user.
public struct UserEntry: Equatable, Sendable {
    /// The login name.
    public let name: String
    /// The user's number.
    public let userID: UInt32
    /// The number of the group that the user logs in with.
    public let groupID: UInt32
}

/// The user database of the machine: files, or whatever its name service reads. Names are looked up before a fork:
/// libraries of the name service are loaded for it.
public enum UserDatabase {
    /// A user by name; nil when there is none. The corresponding C function is `getpwnam_r`.
    public static func user(named name: String) throws(Errno) -> UserEntry? {
        try find(name, 0)
    }

    /// A user by number; nil when the database has no entry for it. The corresponding C function is `getpwuid_r`.
    public static func user(_ number: UInt32) throws(Errno) -> UserEntry? {
        try find(nil, number)
    }

    private static func find(_ name: String?, _ number: UInt32) throws(Errno) -> UserEntry? {
        var user = number
        var group: gid_t = 0
        var text = [CChar](repeating: 0, count: 256)
        let found = try checked {
            unsafe name.withOptionalCString { unsafe clinux_find_user($0, &user, &group, &text, text.count) }
        }
        guard found == 1 else { return nil }
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return UserEntry(name: String(decoding: bytes, as: UTF8.self), userID: user, groupID: group)
    }

    /// The number of a group by name; nil when there is none. The corresponding C function is `getgrnam_r`.
    public static func group(named name: String) throws(Errno) -> UInt32? {
        var group: gid_t = 0
        return try checked { unsafe name.withCString { unsafe clinux_find_group($0, &group) } } == 1 ? group : nil
    }

    /// All groups of a user, with `group` among them, as `initgroups` has them. The C function is `getgrouplist`.
    public static func groups(ofUser name: String, with group: UInt32) throws(Errno) -> [UInt32] {
        // Linux knows at most so many groups of a process (NGROUPS_MAX).
        let capacity: CInt = 65_536
        var groups = [gid_t](repeating: 0, count: Int(capacity))
        let count = try checked { unsafe name.withCString { unsafe clinux_group_list($0, group, &groups, capacity) } }
        return Array(groups.prefix(Int(count)))
    }
}

extension String? {
    fileprivate func withOptionalCString<Value>(_ body: (UnsafePointer<CChar>?) -> Value) -> Value {
        switch self {
        case .some(let text): unsafe text.withCString { unsafe body($0) }
        case .none: body(nil)
        }
    }
}
