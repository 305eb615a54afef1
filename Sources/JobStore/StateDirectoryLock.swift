import Glibc
import Synchronization

/// Holds the state directory for one process.
///
/// The kernel lets go of a `flock` when the process ends, however it ends; the file stays.
final class StateDirectoryLock: Sendable {
    private let descriptor: Mutex<Int32?>

    /// Takes the lock.
    ///
    /// - Parameter path: The lock file.
    /// - Throws: `JobStoreError` `locked` when another process has it.
    init(_ path: String) throws(JobStoreError) {
        try StateDirectory.createFile(path)
        // O_CLOEXEC: a program that we start must not keep the lock after our end.
        let file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw JobStoreError(action: "open", file: path) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            let holder = Self.text(of: file)
            close(file)
            guard number == EWOULDBLOCK else {
                throw JobStoreError(action: "lock", file: path, errno: number)
            }
            throw JobStoreError(
                .locked,
                "another process\(holder.isEmpty ? "" : " (pid \(holder))") uses the state directory: "
                    + "it holds \(path)"
            )
        }
        // Only for the message above, so a disk that is too full for it does not matter.
        let pid = Array("\(getpid())\n".utf8)
        if ftruncate(file, 0) == 0 {
            _ = pwrite(file, pid, pid.count, 0)
        }
        descriptor = Mutex(file)
    }

    deinit {
        release()
    }

    /// Lets go.
    func release() {
        descriptor.withLock { file in
            if let open = file {
                // Not by closing alone: a child between fork and exec has the same file open.
                flock(open, LOCK_UN)
                close(open)
            }
            file = nil
        }
    }

    private static func text(of file: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = pread(file, &bytes, bytes.count, 0)
        return String(decoding: bytes[..<max(0, count)].prefix { $0 > 32 }, as: UTF8.self)
    }
}
