// What a reload cannot change: sockets, the log and the shape of the memory that workers share exist already.
internal import BaseHTTPServer
internal import Logging

extension PreforkConfiguration {
    /// Takes from the configuration of the start what cannot change while the server runs, and says which of it was to.
    mutating func keepWhatOnlyARestartChanges(of start: PreforkConfiguration) {
        var names: [String] = []
        func keep<Value: Equatable>(_ path: WritableKeyPath<PreforkConfiguration, Value>, _ name: String) {
            if self[keyPath: path] != start[keyPath: path] { names.append(name) }
            self[keyPath: path] = start[keyPath: path]
        }
        keep(\.hosts, "addresses")
        keep(\.port, "port")
        keep(\.backlog, "backlog")
        keep(\.socketPermissions, "permissions of sockets")
        keep(\.socketOwner, "owner of sockets")
        keep(\.accessLog, "access log")
        keep(\.logSurvivesPowerLoss, "durability of the log")
        keep(\.logRingBytes, "size of the log rings")
        keep(\.logRetentionSeconds, "retention of the log")
        keep(\.logMinutesRetentionSeconds, "retention of minutes")
        keep(\.logHoursRetentionSeconds, "retention of hours")
        keep(\.logMaximumBytes, "size of the log")
        keep(\.name, "name")
        keep(\.confinement, "rights of the processes")
        keep(\.pidFile, "pid file")
        // The log has an entry for each connection.
        keep(\.server.connectionLimit, "connections of a worker")
        keep(\.server.requestsPerTurn, "requests in a turn")
        if names.isEmpty { return }
        logger.warning("until a restart these stay as they are: \(names.joined(separator: ", "))")
    }
}
