// Drives a real log writer: `bench-reporting fill` makes a database, `delay` measures how soon rows are stored.
import LinuxSyscalls
import SystemPackage

let usage = """
    usage: bench-reporting fill FILE [ROWS=1000000] [ROWS-PER-DAY=142857] [FIRST-DAY=0]
           bench-reporting delay FILE [SECONDS=10]
    """
let arguments = CommandLine.arguments.dropFirst()
let numbers = arguments.dropFirst(2).compactMap { Int($0) }
guard arguments.count >= 2, numbers.count == arguments.count - 2, numbers.allSatisfy({ $0 >= 0 }) else {
    print(usage)
    CurrentProcess.exit(status: 64)
}
func number(_ index: Int, _ usual: Int) -> Int { index < numbers.count ? numbers[index] : usual }
let database = FilePath(arguments[2])
switch arguments[1] {
case "fill":
    try Filling(
        database: database, rows: max(1, number(0, 1_000_000)), perDay: max(1, number(1, 142_857)),
        firstDay: number(2, 0)
    ).run()
case "delay": try StorageDelay(database: database, seconds: number(0, 10)).run()
default:
    print(usage)
    CurrentProcess.exit(status: 64)
}
