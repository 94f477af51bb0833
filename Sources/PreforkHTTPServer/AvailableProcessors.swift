// How many workers a server starts when nobody says.
internal import LinuxSyscalls

extension PreforkConfiguration {
    /// Processors this process may use: its affinity, cut to the CPU quota of its control group; at least 1.
    public static var availableProcessors: Int { Processors.available() }
}
