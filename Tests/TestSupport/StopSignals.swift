// The signal by which a test makes a process stand still.
public import LinuxSyscalls

extension Signal {
    /// Stands still until `resume`; cannot be caught.
    public static let stop = Signal(rawValue: 19)
}
