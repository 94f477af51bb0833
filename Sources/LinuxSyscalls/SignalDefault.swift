// Undoes what whoever started this process did to a signal.
internal import CLinux
public import SystemPackage

extension Signal {
    /// Gives the signal its default action again in this process.
    ///
    /// The corresponding C function is `sigaction`.
    public func restoreDefault() throws(Errno) {
        _ = try checked { clinux_default_signal(rawValue) }
    }
}
