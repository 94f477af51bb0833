// The list of what a child keeps open; everything else is closed in it.

/// The descriptors that children keep, by number, besides 0, 1 and 2 and the supervisor's own pipes.
public struct InheritedDescriptors: Sendable {
    /// Kept by the log writer.
    public var logWriter: [CInt]
    /// Kept by every worker and the responder.
    public var worker: [CInt]

    /// A list for each role.
    public init(logWriter: [CInt] = [], worker: [CInt] = []) {
        self.logWriter = logWriter
        self.worker = worker
    }
}
