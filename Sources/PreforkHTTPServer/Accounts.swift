// Users and groups as options name them: by name or by number.
internal import LinuxSyscalls
internal import SystemPackage

/// Why an option names nobody, with the way out.
struct AccountError: Error {
    let reason: String
    let exitStatus: Int32
}

/// Looks users and groups up, in the master, before it forks anybody.
enum Accounts {
    /// A user's number, and what the user database says of it; a number need not be there.
    static func user(_ name: String) throws(AccountError) -> (userID: UInt32, entry: UserEntry?) {
        let number = number(name)
        let entry = try look(for: name) { () throws(Errno) in
            if let number { return try UserDatabase.user(number) }
            return try UserDatabase.user(named: name)
        }
        guard let userID = number ?? entry?.userID else {
            throw AccountError(
                reason: "there is no user '\(name)'; name one of the user database, or a number", exitStatus: 67)
        }
        return (userID, entry)
    }

    /// A group's number.
    static func group(_ name: String) throws(AccountError) -> UInt32 {
        if let number = number(name) { return number }
        guard let group = try look(for: name, { () throws(Errno) in try UserDatabase.group(named: name) }) else {
            throw AccountError(
                reason: "there is no group '\(name)'; name one of the group database, or a number", exitStatus: 67)
        }
        return group
    }

    /// All groups of a user that the database knows.
    static func groups(of entry: UserEntry, with group: UInt32) throws(AccountError) -> [UInt32] {
        try look(for: entry.name) { () throws(Errno) in try UserDatabase.groups(ofUser: entry.name, with: group) }
    }

    private static func look<Value>(
        for name: String, _ body: () throws(Errno) -> Value
    ) throws(AccountError) -> Value {
        let value: Value
        do throws(Errno) { value = try body() } catch {
            throw AccountError(reason: "cannot look up '\(name)': \(error)", exitStatus: 71)
        }
        // A name service may do that, and nothing could be forked then.
        guard threadCount() == 1 else {
            throw AccountError(reason: "looking up '\(name)' has started a thread; give numbers", exitStatus: 71)
        }
        return value
    }

    /// 2³²-1 means "no change" to the kernel, so it is nobody's number.
    private static func number(_ text: String) -> UInt32? {
        UInt32(text).flatMap { $0 == .max || !text.utf8.allSatisfy { (48...57).contains($0) } ? nil : $0 }
    }
}
