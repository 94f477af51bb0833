// Turns the program counters of a crash into lines that a person can read.
internal import AccessLog
internal import LinuxSyscalls
internal import SystemPackage

/// The names of frames in one process tree.
///
/// What a frame's address means is the tree's own: its table of modules is in the ring file, so the log writer of
/// another tree finds the names as well, as long as the files are the ones that the tree ran. A frame in a file that
/// was replaced meanwhile keeps its module and offset.
final class CrashFrames {
    /// A bound for crashes that come by the thousand.
    private static let cacheLimit = 4_096
    private static let nameLimit = 400

    private let modules: [LoadedModule]
    private var lines: [UInt64: String] = [:]

    init(_ modules: [LoadedModule]) {
        self.modules = modules
    }

    /// A line for each frame; frames that are the same as the one before are counted.
    func text(of crash: CrashReport) -> String {
        // A return address may lie behind its function, when that one never returns.
        let places = crash.frames.enumerated().map { $0.offset == 0 ? $0.element : $0.element &- 1 }
        lookUp(places)
        var text: [String] = []
        var repeats = 0
        func endRun() {
            if repeats > 0 { text.append("… the same \(repeats) times more") }
            repeats = 0
        }
        for (index, place) in places.enumerated() {
            if index == CrashReport.innerFrames, crash.skippedFrames > 0 {
                endRun()
                text.append("… \(crash.skippedFrames) frames")
            }
            let line = lines[place] ?? hexadecimal(place)
            if repeats > 0 || text.last == line, line == lines[places[index - 1]] {
                repeats += 1
            } else {
                endRun()
                text.append(line)
            }
        }
        endRun()
        return text.joined(separator: "\n")
    }

    private func lookUp(_ places: [UInt64]) {
        if lines.count > Self.cacheLimit { lines = [:] }
        let unknown = places.filter { lines[$0] == nil }
        for module in modules {
            let inside = unknown.filter { module.addresses.contains($0) }
            if inside.isEmpty { continue }
            // A file of the same name that is not the same has other functions at these offsets.
            let isSame = LoadedModule.identity(of: module.path) == module.identity
            let names = isSame ? SymbolTable(module.path)?.names(of: inside.map { $0 &- module.base }) : nil
            let file = module.path.lastComponent?.string ?? module.path.string
            for place in inside {
                let offset = place &- module.base
                let position = "\(file)+\(hexadecimal(offset))"
                lines[place] = names?[offset].map { "\(Self.readable($0)) at \(position)" } ?? position
            }
        }
    }

    private static func readable(_ name: String) -> String {
        let text = MangledName.demangle(name) ?? name
        return text.count > nameLimit ? text.prefix(nameLimit) + "…" : text
    }

    private func hexadecimal(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }
}
