// Where the access log lies when nobody says; httpstats looks in the same place.
internal import LogStore
internal import SystemPackage

extension PreforkConfiguration {
    /// The default place of the access log for this process: `$XDG_STATE_HOME/basehttpd/access.db` when the variable holds an
    /// absolute path, else `/var/lib/basehttpd/access.db` for root and `~/.local/state/basehttpd/access.db` for others.
    public static var defaultAccessLog: String { LogStoreLocation.defaultPath().string }
}
