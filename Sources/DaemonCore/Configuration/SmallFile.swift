import Glibc

/// Why a small file cannot be read.
struct SmallFileError: Error {
    let number: Int32
    let reason: String
}

/// Reads configuration and key files whole.
enum SmallFile {
    /// Reads a regular file.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - limit: How many bytes it may have.
    ///   - privately: Whether its mode must be 0600 or 0400.
    /// - Returns: The content.
    /// - Throws: `SmallFileError`.
    static func read(
        _ path: String,
        atMost limit: Int,
        privately: Bool = false
    ) throws(SmallFileError) -> [UInt8] {
        // O_NONBLOCK: a FIFO in this place must not hold the start up for ever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure("cannot be opened") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("cannot be examined") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw SmallFileError(number: EINVAL, reason: "is not a regular file")
        }
        let mode = status.st_mode & 0o7777
        if privately, mode != 0o600, mode != 0o400 {
            throw SmallFileError(
                number: EPERM,
                reason: "has mode \(mode.octal), not 0600 or 0400; 'chmod 600 \(path)' mends that"
            )
        }
        guard status.st_size <= limit else {
            throw SmallFileError(number: EFBIG, reason: "is larger than \(limit) bytes")
        }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw failure("cannot be read") }
            if got == 0 { break }
            count += got
        }
        guard count <= limit else {
            throw SmallFileError(number: EFBIG, reason: "is larger than \(limit) bytes")
        }
        return Array(bytes.prefix(count))
    }

    private static func failure(_ what: String) -> SmallFileError {
        let number = errno
        return SmallFileError(number: number, reason: "\(what): \(String(cString: strerror(number)))")
    }
}

extension SmallFile {
    /// Replaces a file's content at once: a new file beside it, synced, renamed.
    ///
    /// - Parameters:
    ///   - bytes: The content.
    ///   - path: The file.
    /// - Throws: `SmallFileError`.
    static func write(_ bytes: [UInt8], to path: String) throws(SmallFileError) {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("cannot be written") }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let error = failure("cannot be written")
                close(descriptor)
                throw error
            }
            written += count
        }
        let synced = fsync(descriptor)
        close(descriptor)
        guard synced == 0, rename(temporary, path) == 0 else { throw failure("cannot be written") }
    }
}
