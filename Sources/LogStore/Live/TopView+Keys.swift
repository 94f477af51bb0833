// The keys of top: what each changes, and what the program must do for it.

extension TopView {
    /// What a key asks of the program; the view has changed itself already.
    public enum Action: Equatable, Sendable {
        case none
        case quit
        /// As by Control-C.
        case interrupt
        /// As by Control-Z.
        case suspend
        case faster
        case slower
        case redraw
    }

    /// Takes the bytes of one read from the terminal.
    ///
    /// - Returns: What to do, in this order.
    public mutating func press(_ keys: [UInt8]) -> [Action] {
        // An escape with something behind it is a key such as an arrow, which means nothing here.
        if keys.count > 1, keys.first == 0x1B { return [] }
        return keys.map { press($0) }
    }

    private mutating func press(_ key: UInt8) -> Action {
        switch key {
        case 0x03: return .interrupt
        case 0x1A: return .suspend
        case 0x0C: return .redraw
        default: break
        }
        if draft != nil {
            type(key)
            return .none
        }
        if isHelpShown {
            isHelpShown = false
            return key == UInt8(ascii: "q") ? .quit : .none
        }
        switch Character(UnicodeScalar(key)) {
        case "q", "Q": return .quit
        case "s": sort = Self.next(sort)
        case "o": order = Self.next(order)
        case " ": isPaused.toggle()
        case "/": draft = filter.part
        case "\u{1B}": filter = TextFilter()
        case "?", "h": isHelpShown = true
        case "+": return .faster
        case "-": return .slower
        default: break
        }
        return .none
    }

    private mutating func type(_ key: UInt8) {
        guard var part = draft else { return }
        switch key {
        case 0x0D, 0x0A:
            filter = TextFilter(part: part)
            draft = nil
            return
        case 0x1B:
            draft = nil
            return
        case 0x7F, 0x08:
            // The whole character, which may be several bytes.
            while let last = part.popLast(), last & 0xC0 == 0x80 {}
        case 0x15: part = []
        case 0x20..<0x7F, 0x80...0xFF: if part.count < 100 { part.append(key) }
        default: return
        }
        draft = part
    }

    private static func next<Choice: CaseIterable & Equatable>(_ choice: Choice) -> Choice {
        let all = Array(Choice.allCases)
        return all[((all.firstIndex(of: choice) ?? 0) + 1) % all.count]
    }

    /// The last line of the screen.
    var keyLine: String {
        if let draft { return "/" + Self.visible(draft, isASCII: isASCII) + "_   Enter keep  Esc drop" }
        let filtered = filter.part.isEmpty ? "/ filter" : "/ filter: " + Self.visible(filter.part, isASCII: isASCII)
        return "q quit  ? help  s sort: \(sort.rawValue)  o order: \(order.rawValue)  \(filtered)  space "
            + (isPaused ? "go on" : "pause")
    }

    /// What stands in place of the lists while the keys are explained.
    static let help = [
        "q  quit (also Control-C)",
        "s  sort workers by slot, rate, age of the request, connections, memory",
        "o  order paths and clients by requests, time, bytes sent, errors",
        "/  show only paths, clients and requests that contain a text; Esc shows all",
        "+  look twice as often;  -  half as often;  space  stand still",
        "Control-L  draw anew;  Control-Z  stop, fg goes on",
        "", "Workers, rates and requests in flight are read from the server's memory;",
        "latency, status, paths and clients are of rows: 20,000 a look, of more a sample.",
        "Errors are answers 4xx and 5xx, and requests that the server failed.",
        "", "Any key goes back.",
    ]
}
