// How malloc(3) takes memory from the kernel.
internal import CLinux

/// The memory of this process that malloc(3) hands out.
public enum Heap {
    /// Blocks of this size and greater are mapped one by one; the greatest number that glibc permits.
    private static let mappedBytes: Int32 = 32 << 20

    /// How much more than what is wanted is taken from the kernel, and kept when it is given back.
    private static let stepBytes: Int32 = 4 << 20

    /// What a short report takes: its pages are made in one call.
    private static let readyBytes: Int32 = 2 << 20

    /// Has what is freed used again instead of given back, and more memory taken in large steps.
    ///
    /// An array that grows is a greater block each time. By itself glibc maps and unmaps each of them until it has seen
    /// some freed; every page of them is a page fault of 2 µs then. For programs that read much and soon end.
    ///
    /// - Returns: whether glibc permits it.
    ///
    /// mallopt(3)
    @discardableResult
    public static func growInLargeSteps() -> Bool {
        clinux_set_heap_steps(mappedBytes, stepBytes, readyBytes) == 1
    }
}
