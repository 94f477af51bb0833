// What a terminal is sent for a change: the characters that changed.
import AccessLog
import LinuxSyscalls
import Testing

@testable import LogStore

@Suite struct ScreenBufferTests {
    @Test func onlyWhatChanged_isSent() {
        var buffer = ScreenBuffer()
        #expect(buffer.update(["abc", "two"]) == "\u{1B}[H\u{1B}[2J\u{1B}[1;1Habc\u{1B}[2;1Htwo")
        #expect(buffer.update(["abc", "two"]).isEmpty)
        #expect(buffer.update(["aXc", "two"]) == "\u{1B}[1;2HX")
        #expect(buffer.update(["aXcd", "two"]) == "\u{1B}[1;4Hd")
        #expect(buffer.update(["a", "two"]) == "\u{1B}[1;2H\u{1B}[K")
        #expect(buffer.update(["a"]) == "\u{1B}[2;1H\u{1B}[J")
        buffer.forget()
        #expect(buffer.update(["a"]) == "\u{1B}[H\u{1B}[2J\u{1B}[1;1Ha")
    }

    @Test func changesFarApart_areJumpedTo_andNearOnesAreNot() {
        var buffer = ScreenBuffer()
        let line = String(repeating: "-", count: 40)
        _ = buffer.update([line])
        #expect(buffer.update(["X" + line.dropFirst(2) + "Y"]) == "\u{1B}[1;1HX\u{1B}[1;40HY")
        _ = buffer.update([line])
        #expect(buffer.update(["X--Y" + line.dropFirst(4)]) == "\u{1B}[1;1HX--Y")
    }

    @Test func styles_areTakenBackWhereTheyEnd() {
        var buffer = ScreenBuffer()
        _ = buffer.update(["12 34"])
        #expect(buffer.update(["\u{1B}[31m12\u{1B}[0m 34"]) == "\u{1B}[1;1H\u{1B}[31m12\u{1B}[0m")
        #expect(buffer.update(["\u{1B}[31m12\u{1B}[0m 35"]) == "\u{1B}[1;5H5")
        // A style changes a character as its letter does.
        #expect(buffer.update(["12 35"]) == "\u{1B}[1;1H12")
    }

    @Test func wideCharacters_keepTheColumnsBehindThem() {
        var buffer = ScreenBuffer()
        _ = buffer.update(["漢x"])
        #expect(buffer.update(["漢y"]) == "\u{1B}[1;3Hy")
        #expect(buffer.update(["字y"]) == "\u{1B}[1;1H字")
        #expect(buffer.update(["e\u{301}y"]) == "\u{1B}[1;1He\u{301}y\u{1B}[1;3H\u{1B}[K")
    }

    /// A server at rest costs a slow line next to nothing, and a busy one less than a line of 9600 baud carries.
    @Test func aSecondOfTop_fitsASlowLine() {
        func tree(_ second: UInt64, isBusy: Bool) -> LogTreeStatus {
            let slots = (0..<8).map { slot in
                LogSlotStatus(
                    slot: slot, state: .assigned, life: .ready, processID: Int32(4000 + slot), generation: 1,
                    startUs: 1, requests: isBusy ? second * (900 + UInt64(slot)) : 7,
                    bytesOut: isBusy ? second * 77_777 : 7,
                    connections: isBusy ? (second * 7 + UInt64(slot)) % 90 : 3)
            }
            return LogTreeStatus(
                createdUs: 1, isDead: false, isOfEarlierBoot: false, takenNs: Int64(second) * 1_000_000_000,
                slots: slots, requests: [])
        }
        for (isBusy, limit) in [(false, 60), (true, 960)] {
            var view = TopView(database: "access.db")
            var buffer = ScreenBuffer()
            var sent = 0
            for second in UInt64(10)..<30 {
                view.take([tree(second, isBusy: isBusy)])
                let lines = view.lines(
                    TerminalSize(columns: 80, rows: 24), isColoured: true,
                    nowUs: FixtureLog.noonUs + Int64(second) * 1_000_000)
                let bytes = buffer.update(lines).utf8.count
                if second >= 20 { sent = max(sent, bytes) }
            }
            #expect(sent <= limit, "\(sent) bytes in a second")
        }
    }
}
