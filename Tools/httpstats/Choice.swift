// Options that take one of a few words.
public import ArgumentParser
import LogStore

/// A type each value of which is a word on the command line.
///
/// The argument parser has all of this for any enumeration, but its code is compiled for none: at run time it searches
/// the conformances of all libraries for what it needs to know of a type, 40 µs each time.
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
