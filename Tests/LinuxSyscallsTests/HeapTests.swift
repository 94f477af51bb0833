// The heap takes the numbers that it is given.
import LinuxSyscalls
import Testing

struct HeapTests {
    @Test func heap_growsInLargeSteps() {
        #expect(Heap.growInLargeSteps())
    }
}
