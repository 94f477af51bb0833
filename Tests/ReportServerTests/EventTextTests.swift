// Events: everything to who has nothing, and then what changed.
import Testing

@testable import ReportServer

@Suite struct EventTextTests {
    private let parts = [(html: "<p>\na</p>", digest: "a1"), (html: "<p>b</p>", digest: "b1")]

    @Test func firstEvent_hasAllParts() {
        let event = "retry: 1000\nid: a1-b1\nevent: parts\ndata: <p>\ndata: a</p><p>b</p>\n\n"
        #expect(EventText.parts(parts, lastID: nil) == event)
        for id in ["", "x", "a1", "a1-b1-c1"] { #expect(EventText.parts(parts, lastID: id) == event) }
    }

    @Test func laterEvents_haveWhatChanged() {
        #expect(
            EventText.parts(parts, lastID: "a1-b0") == "retry: 1000\nid: a1-b1\nevent: parts\ndata: <p>b</p>\n\n")
        #expect(EventText.parts(parts, lastID: "a1-b1") == "retry: 1000\n\n")
    }

    @Test func failure_staysOneEvent() {
        #expect(EventText.failure("a\nb") == "retry: 1000\nevent: failure\ndata: a\ndata: b\n\n")
    }
}
