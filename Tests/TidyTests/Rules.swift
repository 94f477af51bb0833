// All rules that look at one file at a time.

extension Rule {
    /// In the order of their names.
    static let all: [Rule] = [
        fileLength, functionLength, imports, lineLength, machinePaths, noConcurrency, noForce, noSleep, noUnfinished,
        purpose, sqlInSwift, unsafeCode,
    ]

    // MARK: What a file looks like

    static let purpose = Rule(name: "purpose") { file in
        let mark: String
        switch file.path.split(separator: ".").last {
        case "swift", "c", "h": mark = "// "
        case "sql": mark = "-- "
        default: return []
        }
        // The tools version must be the first line of a manifest.
        let number = file.fileName == "Package.swift" ? 1 : 0
        if file.lines.count > number, file.lines[number].hasPrefix(mark),
            !file.lines[number].hasPrefix("// Placeholder")
        {
            return []
        }
        let message = "begin the file with `\(mark)` and one sentence that says what it is for"
        return [Finding(path: file.path, line: number + 1, message: message)]
    }

    static let lineLength = lines("line-length") { file in
        !file.words.isEmpty || file.path.hasSuffix(".sql") || file.path.hasPrefix(".ci/")
    } find: { line in
        line.count > Limits.lineColumns ? "wrap the line: \(line.count) columns, \(Limits.lineColumns) fit" : nil
    }

    static let fileLength = Rule(name: "file-length") { file in
        let count = file.lines.last == "" ? file.lines.count - 1 : file.lines.count
        guard !file.words.isEmpty, count > Limits.fileLines, !Allowances.tablesOfData.contains(file.path) else {
            return []
        }
        let message = "split the file by concept: \(count) lines, at most \(Limits.fileLines)"
        return [Finding(path: file.path, line: Limits.fileLines, message: message)]
    }

    static let functionLength = Rule(name: "function-length") { file in
        guard file.isSwift else { return [] }
        return FunctionBody.all(in: file).filter { $0.lineCount > Limits.functionLines }.map {
            let message = "split the function: \($0.lineCount) lines, at most \(Limits.functionLines)"
            return Finding(path: file.path, line: $0.line, message: message)
        }
    }

    static let noUnfinished = lines("no-unfinished") { _ in
        true
    } find: { line in
        let words = line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
        guard let mark = words.first(where: { Marks.unfinished.contains(String($0)) }) else { return nil }
        return "finish it, or file an issue, instead of a \(mark)"
    }

    static let machinePaths = lines("machine-paths") { _ in
        true
    } find: { line in
        guard let path = Marks.machinePath(in: line) else { return nil }
        return "name no directory of a machine (\(path)…): use a relative path, a variable or a temporary directory"
    }

    // MARK: What code may not say

    static let noForce = words("no-force", in: \.isProduct) { word in
        guard word.next == UInt8(ascii: "!"), word.text == "try" || word.text == "as" else { return nil }
        return "handle the failure instead of `\(word.text)!`: `do`/`catch`, `guard let` or `as?`"
    }

    static let noSleep = words("no-sleep", in: \.isProduct) { word in
        guard ["sleep", "usleep", "nanosleep"].contains(word.text), word.next == UInt8(ascii: "(") else { return nil }
        return "wait in EventPoll with a deadline instead of `\(word.text)(`"
    }

    static let noConcurrency = Rule(name: "no-concurrency") { file in
        let isAllowed = Allowances.threadsAllowed.contains(where: file.path.hasPrefix)
        guard file.isProduct, file.isSwift, !isAllowed else { return [] }
        return file.words.compactMap { word in
            let isTask = word.text == "Task" && "{(.".utf8.contains(word.next)
            guard isTask || word.text.hasPrefix("Dispatch") || ["async", "await", "Thread"].contains(word.text) else {
                return nil
            }
            let message = "start no threads: `\(word.text)` breaks every later fork; use the event loop"
            return Finding(path: file.path, line: word.line, message: message)
        }
    }

    static let unsafeCode = Rule(name: "unsafe") { file in
        let isAllowed = Allowances.unsafeFiles.contains {
            file.path == $0 || $0.hasSuffix("/") && file.path.hasPrefix($0)
        }
        guard file.isProduct, file.isSwift, !isAllowed else { return [] }
        return file.words.filter { $0.text == "unsafe" }.map {
            let message =
                "keep unsafe code in LinuxSyscalls or a file named in Allowances.unsafeFiles: call a safe wrapper"
            return Finding(path: file.path, line: $0.line, message: message)
        }
    }

    static let sqlInSwift = Rule(name: "sql-in-swift") { file in
        guard file.isProduct, file.isSwift else { return [] }
        return file.strings.filter { Marks.isSQL($0.text) }.map {
            Finding(
                path: file.path, line: $0.line,
                message: "move the SQL into a .sql file of Schema and name it in SQL.swift")
        }
    }

    static let imports = Rule(name: "imports") { file in
        guard file.isSwift else { return [] }
        return Import.all(in: file).compactMap { found in
            guard let message = ModuleMap.objection(to: found.module, in: file.path) else { return nil }
            return Finding(path: file.path, line: found.line, message: message)
        }
    }
}
