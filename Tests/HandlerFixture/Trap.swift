// Seven ways in which a handler ends its worker, as bugs do.
internal import LinuxSyscalls

/// `/trap/NAME` of the fixture.
enum Trap: String, CaseIterable {
    /// An index out of range.
    case index
    /// An integer overflow.
    case overflow
    /// A forced unwrap of nil.
    case empty
    /// `fatalError`.
    case fatal
    /// Recursion without an end.
    case recursion
    /// A store to an address that is not there.
    case store
    /// `abort`, which C libraries call.
    case abort
    /// An index out of range in a thread that the handler waits for.
    case thread

    /// The trap of a path, whatever its query.
    init?(path: String) {
        self.init(rawValue: String(path.dropFirst("/trap/".count).prefix { $0 != "?" }))
    }

    /// Ends the process.
    func spring() {
        // Values that the compiler does not know, since it refuses what is sure to trap.
        let zero = CommandLine.arguments.count - CommandLine.arguments.count
        switch self {
        case .index: print([Int]()[zero])
        case .overflow: print(Int.max + zero + 1 + zero)
        case .empty: print(Int("no number, \(zero)")!)
        case .fatal: fatalError("asked to")
        case .recursion: print(Self.depth(zero))
        case .store: unsafe UnsafeMutablePointer<Int>(bitPattern: 64 + zero)!.pointee = 1
        case .abort: CurrentProcess.abort()
        case .thread: HelperThread.run { print([Int]()[zero]) }
        }
    }

    private static func depth(_ level: Int) -> Int { level < 0 ? 0 : 1 + depth(level + 1) * 2 }
}
