// The entry point that libFuzzer calls for each input; `--target=NAME` on its command line says what is checked.
import FuzzTargets

private let target: FuzzTarget = {
    let option = "--target="
    let name = CommandLine.arguments.last { $0.hasPrefix(option) }?.dropFirst(option.count) ?? ""
    guard let target = FuzzTarget(rawValue: String(name)) else { fatalError("no target \(name)") }
    return target
}()

/// Traps when a property is broken: libFuzzer then keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafeRawPointer?, _ count: Int) -> Int32 {
    do throws(BrokenProperty) {
        try unsafe target.check(UnsafeRawBufferPointer(start: start, count: count).bytes)
    } catch {
        fatalError("\(target.rawValue): \(error)")
    }
    return 0
}
