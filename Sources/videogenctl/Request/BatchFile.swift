import Glibc

/// The lines of a batch, read one at a time.
final class BatchFile {
    private let file: UnsafeMutablePointer<FILE>
    private var number = 0

    /// Opens a file, or standard input for `-`.
    init(_ path: String) throws(CommandFailure) {
        let opened = path == "-" ? fdopen(dup(STDIN_FILENO), "r") : fopen(path, "re")
        guard let opened else {
            let reason = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
            throw CommandFailure(.usage, "The file \(path) cannot be read: \(reason).")
        }
        file = opened
    }

    deinit {
        fclose(file)
    }

    /// The next line that is not blank, with its number from 1.
    ///
    /// - Throws: `CommandFailure` after Ctrl-C, which must not be taken for the end of the file.
    func next() throws(CommandFailure) -> (number: Int, bytes: [UInt8])? {
        var line: UnsafeMutablePointer<CChar>?
        var room = 0
        defer { free(line) }
        while true {
            let count = getline(&line, &room, file)
            guard count >= 0, let line else {
                guard ferror(file) == 0 || errno != EINTR else {
                    throw CommandFailure(.interrupted, "The requests were not read to their end.")
                }
                return nil
            }
            number += 1
            let bytes = UnsafeRawBufferPointer(start: line, count: count)
            if bytes.contains(where: { $0 > 0x20 }) {
                return (number, Array(bytes))
            }
        }
    }
}
