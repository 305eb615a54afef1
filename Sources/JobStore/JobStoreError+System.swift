import GRDB
import Glibc

extension JobStoreError {
    /// Names what SQLite reported about a file.
    ///
    /// Statement arguments stay out of the message: they hold prompts.
    ///
    /// - Parameters:
    ///   - error: What was thrown.
    ///   - action: What was tried, as in "cannot *commit to* PATH".
    ///   - file: The file's path.
    init(_ error: any Error, action: String, file: String) {
        if let error = error as? JobStoreError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.failed, "cannot \(action) \(file): \(error)", cause: error)
            return
        }
        // SQLite speaks of a shared-memory file that cannot grow as an input/output error; the reason is a
        // full file system (unixShmMap, `SQLITE_IOERR_SHMSIZE`).
        let code: Code =
            switch (error.resultCode, error.extendedResultCode) {
            case (.SQLITE_FULL, _), (_, .SQLITE_IOERR_SHMSIZE): .diskFull
            case (.SQLITE_READONLY, _): .readOnly
            case (.SQLITE_IOERR, _), (.SQLITE_CANTOPEN, _): .ioFailed
            case (.SQLITE_CORRUPT, _), (.SQLITE_NOTADB, _): .corrupt
            case (.SQLITE_BUSY, _), (.SQLITE_LOCKED, _): .busy
            default: .failed
            }
        let words = error.message ?? "no further words"
        self.init(
            code,
            "cannot \(action) \(file): \(words) (SQLite \(error.extendedResultCode.rawValue))",
            cause: error
        )
    }

    /// Names what the system reported about a file; `errno` must not have been touched since.
    ///
    /// - Parameters:
    ///   - action: What was tried, as in "cannot *create* PATH".
    ///   - file: The file's path.
    ///   - number: The errno value.
    init(action: String, file: String, errno number: Int32 = errno) {
        let code: Code =
            switch number {
            case ENOSPC, EDQUOT: .diskFull
            case EROFS, EACCES, EPERM: .readOnly
            default: .ioFailed
            }
        self.init(code, "cannot \(action) \(file): \(errnoText(number))")
    }
}

/// The C library's words for an error number.
///
/// `strerror` shares one buffer between threads; `strerror_r` writes into ours.
func errnoText(_ number: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(number, &buffer, buffer.count - 1) == 0 else {
        return "errno \(number)"
    }
    let end = buffer.firstIndex(of: 0) ?? buffer.endIndex
    return String(decoding: buffer[..<end].map(UInt8.init(bitPattern:)), as: UTF8.self)
}
