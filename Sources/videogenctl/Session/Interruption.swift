import Glibc
import Synchronization

/// Turns Ctrl-C into a descriptor that becomes readable, so that a wait can end in order.
enum Interruption {
    /// Where the signal handler writes to, -1 until there is one; a handler may touch nothing but an atomic.
    private static let signalled = Atomic<Int32>(-1)

    /// Takes over the first SIGINT; a second one ends the process as usual.
    ///
    /// - Returns: The descriptor, or `nil` when there is none to be had: then Ctrl-C does what it did before.
    static func install() -> Int32? {
        // A shell script's background job ignores SIGINT, and is to go on doing so.
        var before = sigaction()
        guard sigaction(SIGINT, nil, &before) == 0,
            unsafeBitCast(before.__sigaction_handler.sa_handler, to: Int.self)
                != unsafeBitCast(SIG_IGN, to: Int.self)
        else { return nil }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            // Best effort: a pipe that a child inherits or that blocks after 64 Ki signals does no harm.
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        signalled.store(ends[1], ordering: .sequentiallyConsistent)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in
            var byte: UInt8 = 1
            _ = write(Interruption.signalled.load(ordering: .sequentiallyConsistent), &byte, 1)
        }
        action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
        guard sigaction(SIGINT, &action, nil) == 0 else { return nil }
        return ends[0]
    }
}
