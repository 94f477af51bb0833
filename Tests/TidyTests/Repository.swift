// The files of this repository as they lie on disk.
import Foundation

enum Repository {
    /// The folder with Package.swift.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Every text file, without build products and git's own.
    static let files: [SourceText] = {
        let keys: [URLResourceKey] = [.isDirectoryKey]
        guard let walk = FileManager.default.enumerator(at: root, includingPropertiesForKeys: keys) else { return [] }
        var files: [SourceText] = []
        for case let url as URL in walk {
            let name = url.lastPathComponent
            if name.hasPrefix(".build") || name == ".git" || name == ".swiftpm" {
                walk.skipDescendants()
                continue
            }
            let isDirectory = (try? url.resourceValues(forKeys: Set(keys)).isDirectory) ?? false
            guard !isDirectory, name != "Package.resolved", let data = try? Data(contentsOf: url),
                let text = String(validating: data, as: UTF8.self)
            else { continue }
            files.append(SourceText(String(url.path.dropFirst(root.path.count + 1)), text))
        }
        return files.sorted { $0.path < $1.path }
    }()

    static func file(_ path: String) -> SourceText? {
        files.first { $0.path == path }
    }
}
