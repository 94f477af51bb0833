// Whom the output is for: colours and a width only when a terminal shows it, unless the user says otherwise.
import LinuxSyscalls
import SystemPackage

/// What a table may use of the place that it is written to.
public struct OutputStyle: Sendable, Equatable {
    /// When colours are used.
    public enum Colour: String, Sendable, CaseIterable {
        /// On a terminal that can, unless `NO_COLOR` is set.
        case auto
        /// Also in files and pipes.
        case always
        /// Nowhere.
        case never
    }

    /// The width in columns that lines should keep to; `nil`: any.
    public var columns: Int?

    /// Whether colours may be used.
    public var isColoured: Bool

    /// Whether nothing but ASCII may leave: other characters are written as their bytes.
    public var isASCII = false

    /// Whether lists begin with the names of their columns.
    public var hasHeader = true

    /// Makes a style; without arguments that of a file.
    public init(columns: Int? = nil, isColoured: Bool = false) {
        self.columns = columns
        self.isColoured = isColoured
    }

    /// Whether a terminal shows this process's standard error.
    public static var isStandardErrorTerminal: Bool {
        CurrentProcess.isTerminal(FileDescriptor.standardError.rawValue)
    }

    /// The style for this process's standard output: plain unless it is a terminal; `NO_COLOR` (no-color.org) and
    /// `TERM=dumb` switch colours off.
    ///
    /// - Parameters:
    ///   - colour: What the user says of colours, which wins.
    ///   - isFile: Whether the output goes to a file instead.
    public static func standardOutput(colour: Colour = .auto, isFile: Bool = false) -> OutputStyle {
        let isTerminal = !isFile && CurrentProcess.isTerminal(FileDescriptor.standardOutput.rawValue)
        let isPlain =
            !(CurrentProcess.environment("NO_COLOR") ?? "").isEmpty || CurrentProcess.environment("TERM") == "dumb"
        let isColoured =
            switch colour {
            case .auto: isTerminal && !isPlain
            case .always: true
            case .never: false
            }
        return OutputStyle(
            columns: isTerminal ? FileDescriptor.standardOutput.terminalSize?.columns : nil, isColoured: isColoured)
    }
}
