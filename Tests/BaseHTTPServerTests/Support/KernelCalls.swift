// The few system calls that only these tests make.
import Foundation
import Testing

/// Makes a FIFO.
func makeFIFO(_ path: String) {
    #expect(unsafe mkfifo(path, 0o600) == 0)
}

/// Makes an empty file under any name.
func makeFile(named bytes: [UInt8]) {
    let file = unsafe open((bytes + [0]).map { CChar(bitPattern: $0) }, O_CREAT | O_WRONLY, 0o600)
    #expect(close(file) == 0)
}

/// Sends what `body` writes to standard error into a file.
func withStandardError<Result>(into path: String, _ body: () throws -> Result) rethrows -> Result {
    let kept = dup(2)
    let file = unsafe open(path, O_WRONLY | O_APPEND)
    #expect(dup2(file, 2) == 2)
    defer {
        dup2(kept, 2)
        close(kept)
        close(file)
    }
    return try body()
}
