// Options that take one of a few words.
public import ArgumentParser
import LogStore

/// A type each value of which is a word on the command line.
///
/// The argument parser knows what an enumeration needs, but from outside of the program's own code it finds that out at
/// run time, by searches through all conformances of all libraries: four for each type, of 40 µs each.
public protocol Choice: ExpressibleByArgument, CaseIterable, RawRepresentable where RawValue == String {}

extension Choice {
    /// The value that a word stands for.
    public init?(argument: String) {
        self.init(rawValue: argument)
    }

    /// The word.
    public var defaultValueDescription: String { rawValue }

    /// All words.
    public static var allValueStrings: [String] { allCases.map { $0.rawValue } }

    /// The words describe themselves.
    public static var allValueDescriptions: [String: String] { [:] }

    /// The words, for shells to offer.
    public static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

extension OutputFormat: Choice {}
extension OutputStyle.Colour: Choice {}
extension ExportFormat: Choice {}
extension TrafficMeasure: Choice {}
