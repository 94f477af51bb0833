// Every input that fuzzing kept still has every property; Tools/fuzz/run looks for more.
import Foundation
import FuzzTargets
import HTTPMessage
import TestSupport
import Testing

@Suite("What fuzzing kept")
struct FuzzReplayTests {
    @Test(arguments: FuzzTarget.allCases)
    func hasItsProperties(_ target: FuzzTarget) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Tools/fuzz/corpus/\(target.rawValue)").path
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect((10...400).contains(names.count), "\(names.count) inputs")
        for name in names.sorted() {
            let bytes = Array(FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data())
            #expect(bytes.count <= 512, "\(name) is small")
            #expect(throws: Never.self, "\(name): \(escape(bytes))") { try target.check(bytes.span.octets) }
        }
    }

    @Test(
        "a request of the corpus is a request for the reference too", arguments: CorpusCase.valid + CorpusCase.invalid)
    func agreesOnTheCorpus(_ message: CorpusCase) {
        #expect(throws: Never.self) { try FuzzTarget.request.check(message.bytes.span.octets) }
    }
}
