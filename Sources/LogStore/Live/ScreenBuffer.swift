// What a screen shows, character by character, so that only what changed is sent: a slow line shows top as well.

/// The characters of a screen.
struct ScreenBuffer {
    /// A place of the screen: a character with the marks that combine with it, and its style.
    private struct Cell: Equatable {
        var text: String
        let style: Substring
        /// The second half of a wide character.
        var isSecondHalf = false

        static let blank = Cell(text: " ", style: "")
    }

    /// The rows as they are shown; empty when nobody knows.
    private var rows: [[Cell]] = []

    /// Characters between two changes that are sent again rather than jumped over, as a jump takes about as many bytes.
    private static let bridge = 6

    /// Has the next ``update(_:)`` send everything.
    mutating func forget() {
        rows = []
    }

    /// Shows lines from the top of the screen.
    ///
    /// - Parameter lines: Texts with styles (select graphic rendition of ECMA-48), none wider than the screen.
    /// - Returns: What the terminal has to be sent.
    mutating func update(_ lines: [String]) -> String {
        let isKnown = !rows.isEmpty
        let new = lines.map(Self.cells)
        var output = isKnown ? "" : "\u{1B}[H\u{1B}[2J"
        for (index, row) in new.enumerated() {
            let old = index < rows.count ? rows[index] : []
            if row != old { output += Self.change(old, to: row, line: index + 1) }
        }
        if rows.count > new.count { output += "\u{1B}[\(new.count + 1);1H\u{1B}[J" }
        rows = new
        return output
    }

    private static func cells(_ line: String) -> [Cell] {
        var cells: [Cell] = []
        var style: Substring = ""
        let scalars = line.unicodeScalars
        var index = scalars.startIndex
        while index < scalars.endIndex {
            let scalar = scalars[index]
            if scalar == "\u{1B}" {
                // Only styles are in a line, and each ends with this letter.
                let end = scalars[index...].firstIndex(of: "m") ?? scalars.index(before: scalars.endIndex)
                style = line[index...end]
                if style == "\u{1B}[0m" { style = "" }
                index = scalars.index(after: end)
                continue
            }
            let columns = TextWidth.columns(scalar)
            if columns == 0, !cells.isEmpty {
                cells[cells.count - 1].text.unicodeScalars.append(scalar)
            } else {
                cells.append(Cell(text: String(scalar), style: style))
                if columns == 2 { cells.append(Cell(text: "", style: style, isSecondHalf: true)) }
            }
            index = scalars.index(after: index)
        }
        while cells.last == .blank { cells.removeLast() }
        return cells
    }

    private static func change(_ old: [Cell], to row: [Cell], line: Int) -> String {
        var output = ""
        var column = 0
        while column < row.count {
            guard !isSame(old, row, column) else {
                column += 1
                continue
            }
            // From here to the last change before a long stretch of what is there already.
            var end = column + 1
            var next = end
            while next < row.count, next - end <= bridge {
                if !isSame(old, row, next) { end = next + 1 }
                next += 1
            }
            // A change begins at no second half, which is the same wherever its first half is.
            output += "\u{1B}[\(line);\(column + 1)H"
            var style: Substring = ""
            for cell in row[column..<end] {
                if cell.style != style {
                    output += (style.isEmpty ? "" : "\u{1B}[0m") + cell.style
                    style = cell.style
                }
                output += cell.text
            }
            if !style.isEmpty { output += "\u{1B}[0m" }
            column = end
        }
        if old.count > row.count { output += "\u{1B}[\(line);\(row.count + 1)H\u{1B}[K" }
        return output
    }

    /// Whether a place shows what it should; where the old row had nothing is a blank.
    private static func isSame(_ old: [Cell], _ row: [Cell], _ column: Int) -> Bool {
        (column < old.count ? old[column] : .blank) == row[column]
    }
}
