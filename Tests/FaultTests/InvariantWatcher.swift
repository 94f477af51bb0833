// What must hold of a tree at every moment, whatever is done to it.
import AccessLog
import LinuxSyscalls
import SystemPackage
import TestSupport

/// Looks at a tree again and again and keeps what it found wrong.
///
/// Some things are wrong at any moment; others only when they last: an ended child is a zombie until the master had its
/// turn, and on a busy machine that may take a while.
struct InvariantWatcher {
    /// How long a thing may be that is wrong only when it lasts.
    static let graceNs: Int64 = 3_000_000_000

    private let daemon: Daemon
    private let ring: LogRingFile
    /// Descriptors of the master with all workers ready, and those that a child being started takes.
    private let descriptorLimit: Int
    private let workerLimit: Int
    private var firstSeenNs: [String: Int64] = [:]
    private(set) var findings: Set<String> = []
    private(set) var looks = 0
    private var nextListNs: Int64 = 0
    private(set) var mostWorkers = 0
    /// Set while the master cannot have its turn, because the test holds or has killed it.
    var isExcused = false

    private let comparesNumbers: Bool

    init(_ daemon: Daemon, _ ring: LogRingFile, workers: Int, comparesNumbers: Bool) {
        self.comparesNumbers = comparesNumbers
        self.daemon = daemon
        self.ring = ring
        workerLimit = 2 * workers + 2
        let steady = RunningProcess(daemon.masterID)?.descriptorCount ?? 0
        // Each child has a pidfd, a pipe until it is ready, and rules that it may share with nobody; two configurations
        // more are kept: the last one that worked, and the newest.
        descriptorLimit = steady + 3 * workerLimit + 2
    }

    mutating func look() {
        guard !isExcused, let master = RunningProcess(daemon.masterID) else { return firstSeenNs.removeAll() }
        looks += 1
        let children = master.children
        let workers = children.filter { $0.name.hasPrefix("basehttpd-w") && $0.state != "Z" }
        mostWorkers = max(mostWorkers, workers.count)
        if workers.count > workerLimit { findings.insert("\(workers.count) workers") }
        if let open = master.descriptorCount, open > descriptorLimit {
            findings.insert("\(open) descriptors in the master, and \(descriptorLimit) is the most")
        }
        var lasting = children.filter { $0.state == "Z" }.map { "process \($0.id) stays a zombie" }
        if children.count(where: { $0.name == "basehttpd-log" && $0.state != "Z" }) > 1 {
            lasting.append("two log writers")
        }
        lasting += ghosts(among: children)
        keep(lasting)
        lookForStrangers()
    }

    /// The list of sockets is long where much was served, so it is read seldom.
    private mutating func lookForStrangers() {
        let now = Clock.monotonicNs()
        guard now >= nextListNs else { return }
        nextListNs = now + 2_000_000_000
        let count = listenerCount
        if count != 1 { findings.insert("\(count) listeners on the port") }
    }

    /// Slots of the mapping whose worker is neither alive nor recorded as ended.
    private func ghosts(among children: [RunningProcess]) -> [String] {
        guard comparesNumbers else { return [] }
        return (0..<ring.slotCount).map(ring.status).filter { slot in
            slot.state == .assigned && slot.processID != 0 && !children.contains { $0.id == slot.processID }
        }.map { "slot \($0.slot) generation \($0.generation) names process \($0.processID), which is gone" }
    }

    /// Sockets of the machine that listen on the port; only one tree may.
    private var listenerCount: Int {
        let port = String(UInt32(daemon.port), radix: 16, uppercase: true)
        let local = ":" + String(repeating: "0", count: 4 - port.count) + port
        guard let file = try? File.open("/proc/net/tcp", .readOnly) else { return 1 }
        var text: [UInt8] = []
        while let part = try? File.read(file.rawValue, at: Int64(text.count), count: 65_536), !part.isEmpty {
            text += part
        }
        return String(decoding: text, as: UTF8.self).split(separator: "\n").count { line in
            let fields = line.split(separator: " ")
            return fields.count > 3 && fields[1].hasSuffix(local) && fields[3] == "0A"
        }
    }

    private mutating func keep(_ lasting: [String]) {
        let now = Clock.monotonicNs()
        firstSeenNs = firstSeenNs.filter { lasting.contains($0.key) }
        for finding in lasting {
            let since = firstSeenNs[finding, default: now]
            firstSeenNs[finding] = since
            if now - since > Self.graceNs { findings.insert(finding) }
        }
    }
}
