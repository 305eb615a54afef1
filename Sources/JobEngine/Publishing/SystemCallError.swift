import Glibc
import JobCore

/// A system call that failed.
struct SystemCallError: Error, Hashable {
    /// The value of `errno`.
    let number: Int32
    /// What was tried, to be read after "cannot".
    let operation: String
    /// The path it was tried on.
    let path: String
    /// What people have to be told in place of the C library's words.
    var reason: String?

    /// One sentence for people.
    var message: String {
        "cannot \(operation) \(path): \(reason ?? Self.text(number))"
    }

    /// Whether the file system, or our share of it, is full.
    var isFull: Bool {
        number == ENOSPC || number == EDQUOT
    }

    /// `strerror` shares one buffer between threads; `strerror_r` writes into ours.
    static func text(_ number: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard strerror_r(number, &buffer, buffer.count - 1) == 0 else { return "errno \(number)" }
        let end = buffer.firstIndex(of: 0) ?? buffer.endIndex
        return String(decoding: buffer[..<end].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The fault of an output or staging directory that does not take what it should.
    ///
    /// - Parameter charged: Whether what waits for the directory is paid.
    /// - Returns: The fault.
    func outputFault(charged: JobFault.Charged) -> JobFault {
        JobFault(
            isFull ? .outputNoSpace : .outputUnavailable,
            message,
            charged: charged,
            retryable: true,
            hint: outputHint
        )
    }

    private var outputHint: String {
        if isFull {
            return "free some space there; the daemon then goes on by itself"
        }
        if number == EROFS {
            return
                "make it writable for the daemon; as a service it writes only to what ReadWritePaths= of its unit "
                + "names and what was there at its start: restart it then"
        }
        return "make it available and writable for the daemon, which then goes on by itself"
    }

    /// The fault of a state directory that does not take what it should.
    func stateFault() -> JobFault {
        JobFault(
            .stateUnavailable,
            message,
            retryable: true,
            hint: isFull ? "free some space there" : "make it available and writable for the daemon"
        )
    }
}
