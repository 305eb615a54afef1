import Glibc

/// Reads what the user names on the command line.
enum FileReader {
    /// Reads a whole file, or standard input for `-`.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - limit: How many bytes at most are read; a longer file gives one byte more.
    /// - Returns: The bytes.
    /// - Throws: `CommandFailure` when it cannot be read.
    static func bytes(_ path: String, limit: Int) throws(CommandFailure) -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer {
            if path != "-" {
                close(descriptor)
            }
        }
        var bytes: [UInt8] = []
        while bytes.count <= limit {
            let room = min(1 << 20, limit + 1 - bytes.count)
            let (count, number) = withUnsafeTemporaryAllocation(byteCount: room, alignment: 16) { chunk in
                let count = read(descriptor, chunk.baseAddress, room)
                let number = count < 0 ? errno : 0
                if count > 0 {
                    bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: chunk[..<count]))
                }
                return (count, number)
            }
            if count == 0 {
                break
            }
            guard count > 0 || number != EINTR else {
                // The one signal that is caught is Ctrl-C.
                throw CommandFailure(.interrupted, "\(name(path)) was not read to its end.")
            }
            guard count > 0 else { throw failure(path, number) }
        }
        return bytes
    }

    /// Reads a text, its last line feed left out.
    static func text(_ path: String, limit: Int) throws(CommandFailure) -> String {
        let bytes = try bytes(path, limit: limit)
        guard bytes.count <= limit else {
            throw CommandFailure(.usage, "\(name(path)) has more than \(limit) bytes.")
        }
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(.usage, "\(name(path)) is not UTF-8 text.")
        }
        if text.last?.isNewline == true {
            text.removeLast()
        }
        return text
    }

    private static func name(_ path: String) -> String {
        path == "-" ? "Standard input" : "The file \(path)"
    }

    private static func failure(_ path: String, _ number: Int32 = errno) -> CommandFailure {
        let reason = strerror(number).map { String(cString: $0) } ?? "error \(number)"
        return CommandFailure(.usage, "\(name(path)) cannot be read: \(reason).")
    }
}
