// Landlock's rules for workers, made once in the master: a worker has only to put them in force.
internal import LinuxSyscalls
internal import SystemPackage

/// A set of rules that a configuration's workers share. Making one is five system calls a rule, which a worker that
/// replaces a dead one would make while clients wait.
final class PreparedRuleset {
    /// A path, and what it named when the rules were made.
    private struct Place {
        let path: FilePath
        let device: UInt64
        let inode: UInt64
    }

    /// What workers keep open until they are bound.
    let descriptor: CInt
    private var ruleset: LandlockRuleset?
    private let places: [Place]

    /// - Parameters:
    ///   - paths: what is allowed beneath which paths.
    ///   - replaceable: those among the paths that may name something else later.
    init(
        _ paths: [(FileAccess, FilePath)], replaceable: [FilePath], restrictsNetwork: Bool
    ) throws(Errno) {
        let ruleset = try LandlockRuleset(restrictsNetwork: restrictsNetwork)
        for (access, path) in paths { try ruleset.allow(access, beneath: path) }
        var places: [Place] = []
        for path in replaceable {
            let status = try File.status(at: path)
            places.append(Place(path: path, device: status.device, inode: status.inode))
        }
        self.places = places
        descriptor = ruleset.rawValue
        self.ruleset = .some(ruleset)
    }

    /// Binds this process for ever, once. False when a path names something else by now, such as a directory that was
    /// put in the place of the one that is served: then rules have to be made anew.
    func restrictSelf() throws(Errno) -> Bool {
        guard let ruleset = ruleset.take() else { return false }
        for place in places {
            guard let status = try? File.status(at: place.path), status.inode == place.inode,
                status.device == place.device
            else { return false }
        }
        try ruleset.restrictSelf()
        return true
    }
}
