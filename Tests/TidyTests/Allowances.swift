// The numbers and the named exceptions of the rules: data, so that each change is seen in review.

enum Limits {
    static let lineColumns = 120
    static let fileLines = 400
    static let functionLines = 60
}

enum Allowances {
    /// The only product code with an `unsafe` in it; a name with a slash at its end is a folder.
    static let unsafeFiles: Set<String> = [
        "Sources/LinuxSyscalls/",
        // The ring and its slots: memory shared with other processes, and the records that are read from it in place.
        "Sources/AccessLog/Completion.swift",
        "Sources/AccessLog/CrashReport.swift",
        "Sources/AccessLog/FileHeader.swift",
        "Sources/AccessLog/LogProducer.swift",
        "Sources/AccessLog/MappedSlot.swift",
        "Sources/AccessLog/LogRecordView.swift",
        // The parser's view of its bytes.
        "Sources/HTTPMessage/BufferAccess.swift",
        // The reader's view of a line of another server's log.
        "Sources/LogLines/ByteAccess.swift",
        // The reader's scan, which steps through SQLite's C interface.
        "Sources/LogStore/Traffic/RowCursor.swift",
        "Sources/LogStore/Traffic/ScanCursor.swift",
        // The log writer's insert loop, which binds through SQLite's C interface.
        "Sources/LogStore/Writer/BoundStatement.swift",
        "Sources/LogStore/Writer/RowGroup.swift",
        // The entry point of libFuzzer gets a pointer.
        "Tools/fuzz/Driver.swift",
    ]

    /// Files that are one table; they may be longer than other files.
    static let tablesOfData: Set<String> = []

    /// The reader of the log forks nothing, so it may have threads.
    static let threadsAllowed = ["Tools/httpstats/", "Sources/LogStore/Traffic/", "Sources/ReportServer/"]
}

/// Which target may import what. Below a target stands what it may know; nothing imports upwards.
enum ModuleMap {
    private struct Target {
        let folder: String
        let imports: Set<String>
    }

    private static let anywhere: Set<String> = ["Synchronization"]

    private static let targets = [
        Target(folder: "Sources/LinuxSyscalls/", imports: ["CLinux", "Glibc", "SystemPackage"]),
        Target(folder: "Sources/HTTPMessage/", imports: []),
        Target(folder: "Sources/LogLines/", imports: ["HTTPMessage"]),
        Target(folder: "Sources/AccessLog/", imports: ["LinuxSyscalls", "SystemPackage"]),
        Target(folder: "Schema/", imports: []),
        Target(
            folder: "Sources/LogStore/",
            imports: [
                "HTTPMessage", "AccessLog", "LinuxSyscalls", "LogLines", "Schema", "GRDB", "GRDBSQLite",
                "SystemPackage", "Foundation", "Dispatch",
            ]),
        Target(folder: "Sources/Supervisor/", imports: ["AccessLog", "LinuxSyscalls", "SystemPackage"]),
        Target(
            folder: "Sources/BaseHTTPServer/",
            imports: ["HTTPMessage", "AccessLog", "LinuxSyscalls", "HTTPTypes", "SystemPackage"]),
        Target(
            folder: "Sources/PreforkHTTPServer/",
            imports: [
                "BaseHTTPServer", "Supervisor", "LogStore", "AccessLog", "LinuxSyscalls", "Logging", "SystemPackage",
            ]),
        Target(
            folder: "Sources/basehttpd/",
            imports: [
                "PreforkHTTPServer", "BaseHTTPServer", "ArgumentParser", "Logging", "SystemPackage", "Yams",
                "Foundation",
            ]),
        Target(folder: "Sources/ReportServer/", imports: ["BaseHTTPServer", "LogStore", "LinuxSyscalls", "Dispatch"]),
        Target(
            folder: "Tools/httpstats/",
            imports: [
                "ReportServer", "BaseHTTPServer", "LogStore", "LogLines", "ArgumentParser", "SystemPackage", "Dispatch",
                "Foundation",
            ]),
        // Fills a log as a server does, without one.
        Target(
            folder: "Tools/bench/reporting/", imports: ["LogStore", "AccessLog", "LinuxSyscalls", "SystemPackage"]),
        Target(folder: "Tools/bench/", imports: ["PreforkHTTPServer", "BaseHTTPServer"]),
        // What a user's program imports, and nothing else.
        Target(folder: "Tools/examples/", imports: ["PreforkHTTPServer", "BaseHTTPServer"]),
        Target(folder: "Tools/fuzz/", imports: ["FuzzTargets"]),
    ]

    /// What is wrong with an import, and what to write instead; nil when it is allowed.
    static func objection(to module: String, in path: String) -> String? {
        guard let target = targets.first(where: { path.hasPrefix($0.folder) }) else {
            // Tests may import what they like, but for the system calls.
            let isForeign = module == "Glibc" || module == "CLinux"
            return isForeign ? "import LinuxSyscalls instead of \(module); it has the one errno read" : nil
        }
        if target.imports.contains(module) || anywhere.contains(module) { return nil }
        if module == "Glibc" || module == "CLinux" {
            return "import LinuxSyscalls instead of \(module), and add what it lacks there"
        }
        let known = target.imports.sorted().joined(separator: ", ")
        return "\(target.folder) must not know \(module); it may import \(known.isEmpty ? "nothing" : known)"
    }

    /// Folders of the map, each of which must exist.
    static var folders: [String] { targets.map(\.folder) }
}

/// Texts that must not be there. Those that this very file may not contain are put together from halves.
enum Marks {
    static let unfinished: Set<String> = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]

    private static let machineRoots = ["wo" + "rk", "fa" + "rm", "ro" + "ot", "opt/" + "swift"]

    /// A directory of a machine in a line: a slash that begins a path, one of the roots, then a slash or hyphen.
    static func machinePath(in line: Substring) -> String? {
        guard line.contains("/") else { return nil }
        let bytes = Array(line.utf8)
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "/") {
            if index > 0,
                UnicodeScalar(bytes[index - 1]).properties.isAlphabetic || bytes[index - 1] == UInt8(ascii: ".")
            {
                continue
            }
            for root in machineRoots where bytes[(index + 1)...].starts(with: root.utf8) {
                let after = index + 1 + root.utf8.count
                if after < bytes.count, "/-".utf8.contains(bytes[after]) { return "/" + root }
            }
        }
        return nil
    }

    /// Pairs of words with which a statement begins; nil: any second word.
    private static let statements: [(String, Set<String>?)] = [
        ("SELECT", nil), ("INSERT", ["INTO", "OR"]), ("UPDATE", nil), ("DELETE", ["FROM"]), ("PRAGMA", nil),
        ("CREATE", ["TABLE", "INDEX", "VIEW", "TEMP", "TRIGGER", "UNIQUE", "VIRTUAL"]), ("WITH", nil),
        ("DROP", ["TABLE", "INDEX", "VIEW", "TRIGGER"]), ("ALTER", ["TABLE"]), ("ATTACH", nil),
        ("BEGIN", ["IMMEDIATE", "EXCLUSIVE", "DEFERRED", "TRANSACTION"]), ("REPLACE", ["INTO"]),
    ]

    /// Whether a literal is a statement: an upper-case verb of SQL, then what must follow it.
    static func isSQL(_ literal: String) -> Bool {
        let words = literal.split(maxSplits: 2, whereSeparator: \.isWhitespace)
        guard words.count >= 2 else { return false }
        return statements.contains { verb, seconds in
            words[0] == verb && seconds?.contains(String(words[1])) != false
        }
    }
}
