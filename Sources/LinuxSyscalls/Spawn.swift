// Starts another program by posix_spawn, so that no Swift code runs between fork and exec.
internal import CLinux
internal import Glibc
public import SystemPackage

/// A program to start, with all that it is given: nothing else is inherited.
public struct ProgramLaunch: Sendable {
    /// Where the program lies.
    public let path: FilePath
    /// What it is told, without its own name, in bytes of any kind but NUL.
    public var arguments: [[UInt8]] = []
    /// Its whole environment, each entry `NAME=value`.
    public var environment: [[UInt8]] = []
    /// Where it starts; nil for the directory of this process.
    public var directory: FilePath?
    /// The descriptors that become its standard input, output and error.
    public let standardStreams: (input: CInt, output: CInt, error: CInt)
    /// The descriptors that become its numbers 3, 4, …: as socket activation hands them over.
    public var inheritedDescriptors: [CInt] = []

    /// A program without arguments and environment.
    public init(_ path: FilePath, input: CInt, output: CInt, error: CInt) {
        self.path = path
        standardStreams = (input, output, error)
    }

    /// Starts the program in a process group of its own, whose number is its process number, with no signal blocked or
    /// ignored and every descriptor closed but the three and those it inherits. The C functions are `posix_spawn` and
    /// `pidfd_open`.
    ///
    /// - Throws: EINVAL for a NUL in a text, else what the kernel says.
    public func start() throws(Errno) -> ChildProcess {
        // A C string ends at its first NUL: what was checked must be what the program gets.
        for text in arguments + environment where text.contains(0) { throw Errno.invalidArgument }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        // Copies above the new numbers first: a descriptor that has one of them itself must not be overwritten before
        // it is used.
        let streams = [standardStreams.input, standardStreams.output, standardStreams.error] + inheritedDescriptors
        let end = CInt(streams.count)
        var copies: [CInt] = []
        defer { for copy in copies { close(copy) } }
        for stream in streams { copies.append(try checked { fcntl(stream, F_DUPFD_CLOEXEC, end) }) }
        for (number, copy) in copies.enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, copy, CInt(number))
        }
        unsafe clinux_spawn_close_from(&actions, end)
        unsafe directory?.withPlatformString { _ = unsafe clinux_spawn_change_directory(&actions, $0) }

        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        var every = sigset_t()
        unsafe sigfillset(&every)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &every)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

        var process: pid_t = 0
        let code = unsafe path.withPlatformString { pathText in
            unsafe withCStrings(pathText, arguments) { argumentList in
                unsafe withCStrings(nil, environment) { environmentList in
                    unsafe posix_spawn(&process, pathText, &actions, &attributes, argumentList, environmentList)
                }
            }
        }
        if code != 0 { throw Errno(rawValue: code) }
        let started = process
        do throws(Errno) {
            return ChildProcess(
                processID: started, descriptor: Descriptor(owning: try checked { clinux_pidfd_open(started) }))
        } catch {
            // Without a descriptor the child could not be watched: it must not live on.
            kill(-started, SIGKILL)
            waitpid(started, nil, 0)
            throw error
        }
    }
}

/// Calls `body` with a list of C strings that ends with a null pointer, `first` in front if there is one.
private func withCStrings<Result>(
    _ first: UnsafePointer<CChar>?, _ texts: [[UInt8]],
    _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var list: [UnsafeMutablePointer<CChar>?] = unsafe first.map { unsafe [strdup($0)] } ?? []
    for text in texts {
        unsafe (text + [0]).withUnsafeBytes {
            unsafe list.append(strdup($0.baseAddress!.assumingMemoryBound(to: CChar.self)))
        }
    }
    unsafe list.append(nil)
    defer { unsafe list.forEach { unsafe free($0) } }
    return unsafe list.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress!) }
}
