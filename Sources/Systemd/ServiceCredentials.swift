import Glibc

/// The credentials that the service manager put into `$CREDENTIALS_DIRECTORY` (`systemd.exec(5)`).
public struct ServiceCredentials: Sendable {
    /// Bytes that a credential may have.
    public static let maximumBytes = 64 * 1024

    /// The directory, nil when the service manager set up none.
    public let directory: String?

    /// Notes where the credentials are.
    ///
    /// - Parameter environment: The environment of this process.
    public init(environment: [String: String]) {
        directory = environment["CREDENTIALS_DIRECTORY"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Reads one credential.
    ///
    /// - Parameter name: Its name, as in `LoadCredential=`.
    /// - Returns: Its text without the last line break, or nil when there is no such credential.
    /// - Throws: ``SystemdError`` naming the file when it cannot be read, is too large or is not UTF-8.
    public func credential(named name: String) throws(SystemdError) -> String? {
        guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(where: { $0 == 0x2F || $0 == 0 })
        else {
            throw SystemdError(.credentialInvalid, "“\(name)” is not a name for a credential")
        }
        guard let directory, let bytes = try Self.contents(of: "\(directory)/\(name)") else {
            return nil
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SystemdError(.credentialInvalid, "credential \(directory)/\(name) is not UTF-8 text")
        }
        return text
    }

    /// Reads a file whole.
    ///
    /// - Parameter path: The file.
    /// - Returns: Its bytes without one last line break, or nil when there is no such file.
    /// - Throws: ``SystemdError`` naming the file.
    private static func contents(of path: String) throws(SystemdError) -> [UInt8]? {
        // O_NONBLOCK: a FIFO in this place must not hold the start up for ever.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            let number = errno
            if number == ENOENT || number == ENOTDIR {
                return nil
            }
            throw unreadable(path, errnoText(number))
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else {
            throw unreadable(path, errnoText(errno))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw unreadable(path, "not a regular file")
        }
        // One byte more than allowed, so that a file of just the limit can be told from a longer one.
        var bytes = [UInt8](repeating: 0, count: maximumBytes + 1)
        var count = 0
        while count < bytes.count {
            let start = count
            let result = bytes.withUnsafeMutableBytes { buffer in
                read(file, buffer.baseAddress?.advanced(by: start), buffer.count - start)
            }
            if result < 0 {
                let number = errno
                guard number == EINTR else {
                    throw unreadable(path, errnoText(number))
                }
                continue
            }
            if result == 0 {
                break
            }
            count += result
        }
        guard count <= maximumBytes else {
            throw SystemdError(.credentialInvalid, "credential \(path) has more than \(maximumBytes) bytes")
        }
        bytes.removeSubrange(count...)
        if bytes.last == 0x0A {
            bytes.removeLast()
        }
        return bytes
    }

    private static func unreadable(_ path: String, _ reason: String) -> SystemdError {
        SystemdError(.credentialUnreadable, "cannot read credential \(path): \(reason)")
    }
}
