// How many rows to show.
import ArgumentParser

/// The option of commands that take no other one of ``ShapeOptions``, which have it too.
struct LimitOption: ParsableArguments {
    static let help = ArgumentHelp("The greatest number of rows of a list; 0: all.", valueName: "n")

    @Option(name: .long, help: help)
    var limit: Int?

    func validate() throws { try Self.check(limit) }

    /// Refuses what is no number of rows.
    static func check(_ limit: Int?) throws {
        if let limit, limit < 0 { throw ValidationError("--limit wants 0 or more") }
    }

    /// The limit; `nil`: all rows.
    func rows(otherwise usual: Int) -> Int? { Self.rows(limit, otherwise: usual) }

    /// What the option stands for; `nil`: all rows.
    static func rows(_ limit: Int?, otherwise usual: Int) -> Int? {
        (limit ?? usual) == 0 ? nil : limit ?? usual
    }
}
