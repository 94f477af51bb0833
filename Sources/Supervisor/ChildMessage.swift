// What a child says to the master: single bytes through a pipe of its own.

/// A byte that a child writes.
enum ChildMessage: UInt8 {
    /// It does its work from now on.
    case ready = 0x72
    /// It would like to be replaced: it has served as many requests as a worker is to serve.
    case wishesReplacement = 0x77
}
