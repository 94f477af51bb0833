// Has the run-time library make in the master what each worker would make for itself.

/// The types that serving needs first.
///
/// The run-time library makes a generic type at its first use, and searches the conformances of the whole program for
/// it: a quarter of a millisecond each. What the process that forks has made, its children find made.
package enum Rehearsal {
    /// Uses each of them once. Opens nothing and starts no thread.
    package static func run() {
        EventLoop.rehearse()
        FileTree.rehearse()
        _ = ErrorPage.fill(ErrorPage.defaultFormat, code: 500, message: "", explain: "")
    }
}
