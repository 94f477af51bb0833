// The small facts of a request, which table `access` holds in one integer.

/// What fits into column `facts`, from its lowest bit on: 10 bits of the status, 3 of the outcome, 3 for the protocol,
/// 4 of flags, 19 of the worker, 8 of the signal. Schema/log/access_4.sql takes it apart.
struct AccessFacts: Equatable {
    /// The integer.
    let word: Int64

    /// The number of the last worker that can be told; -1, of imported rows, is the first.
    static let lastWorker: Int64 = 1 << 19 - 2

    /// - Parameters:
    ///   - status: three digits; 0: none.
    ///   - protocolNumber: 9, 10, 11, 20 or 30; any other, which no server sends, is not told.
    ///   - flags: 1 has error rows, 2 kept alive, 4 figures of before the send, 8 the lowest bit of the usual number of
    ///     the request.
    ///   - signal: 0: none.
    @inline(__always)
    init(status: Int64, outcome: Int64, protocolNumber: Int64, flags: Int64, worker: Int64, signal: Int64) {
        let version: Int64 =
            switch protocolNumber {
            case 11: 3
            case 10: 2
            case 9: 1
            case 20: 4
            case 30: 5
            default: 0
            }
        word =
            status & 1_023 | (outcome & 7) << 10 | version << 13 | (flags & 15) << 16
            | (max(-1, min(worker, Self.lastWorker)) &+ 1) << 20 | (signal & 255) << 39
    }

    /// Facts that are stored.
    @inline(__always)
    init(word: Int64) {
        self.word = word
    }

    var status: Int64 { word & 1_023 }
    var outcome: Int64 { word >> 10 & 7 }
    /// 0: not told.
    var protocolNumber: Int64 {
        switch word >> 13 & 7 {
        case 3: 11
        case 2: 10
        case 1: 9
        case 4: 20
        case 5: 30
        default: 0
        }
    }
    /// 1 has error rows, 2 kept alive, 4 figures of before the send.
    var flags: Int64 { word >> 16 & 7 }
    var worker: Int64 { word >> 20 & 0x7ffff &- 1 }
}
