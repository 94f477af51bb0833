// How much a ring of the file can hold.

extension LogRingFile {
    /// Bytes of records that a slot's ring has room for; compare with ``LogSlotStatus/backlogBytes``.
    public var ringBytes: Int { layout.ringBytes }
}
