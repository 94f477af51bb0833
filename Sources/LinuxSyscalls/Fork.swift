// The one fork: it refuses unless this process has exactly one thread.
internal import CLinux
internal import Glibc
public import SystemPackage

/// Why a process was not forked.
public enum ForkError: Error, Equatable, Sendable {
    /// The process has more than one thread, so a child could wait for ever for a lock that nobody holds.
    case notSingleThreaded(threads: Int)
    /// The kernel refused: EAGAIN at a limit of processes, ENOMEM without memory.
    case system(Errno)
}

/// What `fork` answered.
public enum ForkResult: ~Copyable {
    /// This is the child.
    case child
    /// This is the parent, which owns the descriptor of its child.
    case parent(ChildProcess)
}

/// Copies this process. The corresponding C functions are `fork` and `pidfd_open`.
///
/// - Throws: ``ForkError/notSingleThreaded(threads:)`` when `/proc/self/task` has more than one entry.
public func forkProcess() throws(ForkError) -> ForkResult {
    let threads = threadCount()
    guard threads == 1 else { throw .notSingleThreaded(threads: threads) }
    do throws(Errno) {
        // What stdio holds back would leave twice.
        fflush(nil)
        let process = try checked { fork() }
        if process == 0 { return .child }
        do throws(Errno) {
            let descriptor = Descriptor(owning: try checked { clinux_pidfd_open(process) })
            return .parent(ChildProcess(processID: process, descriptor: descriptor))
        } catch {
            // Without a descriptor the child could not be watched: it must not live on.
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
            throw error
        }
    } catch {
        throw .system(error)
    }
}

/// Threads of this process, from `/proc/self/task`; 1 where there is no such directory.
public func threadCount() -> Int {
    // Linux counts each thread as a link to the directory, beside its two own: one call instead of ten. Where that is
    // not so, the entries are counted.
    var status = stat()
    if unsafe stat("/proc/self/task", &status) == 0, status.st_nlink == 3 { return 1 }
    guard let directory = try? Directory("/proc/self/task"), let entries = try? directory.entries() else { return 1 }
    return entries.count
}

/// How a process ended.
public enum ProcessEnd: Equatable, Sendable {
    /// It left by itself with this status, 0…255.
    case exited(status: Int32)
    /// A signal ended it.
    case signalled(Signal)
}

/// A child, held by a descriptor that no other process can ever stand for.
public struct ChildProcess: ~Copyable, Sendable {
    /// Its number, for people; signals go through the descriptor.
    public let processID: Int32
    private let descriptor: Descriptor

    init(processID: Int32, descriptor: consuming Descriptor) {
        self.processID = processID
        self.descriptor = descriptor
    }

    /// Readable once the child has ended.
    public var rawValue: CInt { descriptor.rawValue }

    /// Sends a signal; one to a child that has ended already is no error. The C function is `pidfd_send_signal`.
    public borrowing func send(_ signal: Signal) throws(Errno) {
        let pidfd = descriptor.rawValue
        do {
            _ = try checked { clinux_pidfd_send_signal(pidfd, signal.rawValue) }
        } catch Errno.noSuchProcess {
            return
        }
    }

    /// How it ended, collecting it; nil while it runs. The corresponding C function is `waitid(P_PIDFD)`.
    public borrowing func collect() throws(Errno) -> ProcessEnd? {
        try wait(keeping: false)
    }

    /// How it ended, without collecting it, so that its number stays its own; nil while it runs. The corresponding C
    /// function is `waitid(P_PIDFD, WNOWAIT)`.
    public borrowing func end() throws(Errno) -> ProcessEnd? {
        try wait(keeping: true)
    }

    private borrowing func wait(keeping: Bool) throws(Errno) -> ProcessEnd? {
        var exited: CInt = 0
        var status: CInt = 0
        var signal: CInt = 0
        let pidfd = descriptor.rawValue
        let ended = try checked { unsafe clinux_pidfd_wait(pidfd, keeping ? 1 : 0, &exited, &status, &signal) }
        guard ended == 1 else { return nil }
        return exited == 1 ? .exited(status: status) : .signalled(Signal(rawValue: signal))
    }
}
