// Reads the requests in flight of a slot while their worker goes on: by copies of the file, never by waiting.
internal import LinuxSyscalls

/// Copies of a slot's entries.
enum EntrySnapshot {
    /// - Parameter running: the request whose handler runs in the slot.
    static func read(_ file: LogRingFile, slot: Int, running: UInt64?) -> [LiveRequest] {
        let layout = file.layout
        let offset = layout.entriesOffset(slot)
        let bytes = layout.entriesPerSlot * FileLayout.entryBytes
        guard let copy = try? File.read(file.descriptorNumber, at: Int64(offset), count: bytes), copy.count == bytes
        else { return [] }
        return (0..<layout.entriesPerSlot).compactMap { entry in
            let start = entry * FileLayout.entryBytes
            guard let state = LogEntryState(rawValue: word(copy, start, .state)), state != .free else { return nil }
            // The id changes before anything else of an entry does, and the state after; so a second look at both
            // tells.
            let again = try? File.read(file.descriptorNumber, at: Int64(offset + start), count: EntryWord.textOffset)
            let isTorn = again.map {
                $0.count < EntryWord.textOffset || word($0, 0, .state) == LogEntryState.free.rawValue
                    || word($0, 0, .requestID) != word(copy, start, .requestID)
            }
            return request(
                copy, start, slot: slot, entry: entry, state: state,
                isRunning: running == word(copy, start, .requestID), isTorn: isTorn ?? true
            )
        }
        .sorted { ($0.startMonotonicNs, $0.entry) < ($1.startMonotonicNs, $1.entry) }
    }

    private static func word(_ bytes: [UInt8], _ start: Int, _ word: EntryWord) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(bytes[start + word.index * 8 + $1]) << UInt64(8 * $1) }
    }

    private static func request(
        _ bytes: [UInt8], _ start: Int, slot: Int, entry: Int, state: LogEntryState, isRunning: Bool, isTorn: Bool
    ) -> LiveRequest {
        let lengths = word(bytes, start, .lengths)
        var place = start + EntryWord.textOffset
        func take(_ shift: UInt64, _ share: Int) -> [UInt8] {
            let count = min(Int(lengths >> shift & 0xffff), share)
            defer { place += count }
            return Array(bytes[place..<place + count])
        }
        let client = take(0, EntryWord.clientShare)
        let method = take(16, EntryWord.methodShare)
        let target = take(32, EntryWord.targetShare)
        let host = take(48, EntryWord.hostShare)
        return LiveRequest(
            slot: slot, entry: entry, state: state, isRunning: isRunning,
            requestID: word(bytes, start, .requestID), connection: word(bytes, start, .connection),
            startUs: Int64(bitPattern: word(bytes, start, .startUs)),
            startMonotonicNs: Int64(bitPattern: word(bytes, start, .startMonotonicNs)),
            status: Int(truncatingIfNeeded: word(bytes, start, .status) & 0xffff), client: client, method: method,
            target: target, host: host, isTorn: isTorn)
    }
}
