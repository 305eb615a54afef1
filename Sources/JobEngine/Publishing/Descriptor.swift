import CLinux
import Glibc
import Synchronization

/// An open file or directory; every call goes through it, so that names are resolved one component at a time.
///
/// Names given to its methods are single components: a symbolic link in their place is never followed.
final class Descriptor: Sendable {
    /// Where it was opened, for messages.
    let path: String
    private let number: Atomic<Int32>

    /// Takes over a number that was opened elsewhere.
    init(number: Int32, path: String) {
        self.number = Atomic(number)
        self.path = path
    }

    deinit {
        close()
    }

    /// Opens an absolute path; symbolic links in it are the administrator's and are followed.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - flags: Of open(2); close-on-exec is added.
    /// - Returns: What was opened.
    /// - Throws: When it cannot be opened.
    static func open(_ path: String, _ flags: Int32) throws(SystemCallError) -> Descriptor {
        let number = retrying { Glibc.open(path, flags | O_CLOEXEC) }
        guard number >= 0 else { throw SystemCallError(number: errno, operation: "open", path: path) }
        return Descriptor(number: number, path: path)
    }

    /// Opens one name in this directory.
    ///
    /// - Parameters:
    ///   - name: A single component.
    ///   - flags: Of open(2); close-on-exec and no-follow are added.
    ///   - mode: Of a file that is made.
    /// - Returns: What was opened.
    /// - Throws: When it cannot be opened.
    func open(_ name: String, _ flags: Int32, mode: mode_t = 0o600) throws(SystemCallError) -> Descriptor {
        let opened = retrying { openat(raw, name, flags | O_CLOEXEC | O_NOFOLLOW, mode) }
        guard opened >= 0 else { throw failure("open", name) }
        return Descriptor(number: opened, path: "\(path)/\(name)")
    }

    /// Opens one name in this directory for reading and writing, and refuses what is no plain file of ours alone.
    ///
    /// - Parameters:
    ///   - name: A single component.
    ///   - creating: Whether to make it when it is missing, with mode 0600.
    /// - Returns: What was opened.
    /// - Throws: When it cannot be opened.
    func openFile(_ name: String, creating: Bool) throws(SystemCallError) -> Descriptor {
        let file = try open(name, O_RDWR | O_NONBLOCK | (creating ? O_CREAT : 0))
        let status = try file.status()
        guard status.isRegularFile, status.st_nlink == 1 else {
            throw SystemCallError(
                number: EINVAL,
                operation: "use",
                path: file.path,
                reason: "it is not a plain file of its own"
            )
        }
        if status.permissions != 0o600 {
            try file.setMode(0o600)
        }
        return file
    }

    /// Closes it; later calls fail with `EBADF`.
    func close() {
        let closed = number.exchange(-1, ordering: .sequentiallyConsistent)
        if closed >= 0 {
            // What matters was synced before; nothing can be done about a failure here.
            _ = Glibc.close(closed)
        }
    }

    /// The number, for calls that have no method here; do not keep it.
    var raw: Int32 {
        number.load(ordering: .relaxed)
    }

    private func failure(_ operation: String, _ name: String? = nil) -> SystemCallError {
        SystemCallError(number: errno, operation: operation, path: name.map { "\(path)/\($0)" } ?? path)
    }

    // MARK: The thing itself

    /// What fstat(2) says.
    func status() throws(SystemCallError) -> stat {
        var status = stat()
        guard fstat(raw, &status) == 0 else { throw failure("look at") }
        return status
    }

    /// What fstatvfs(3) says.
    func volume() throws(SystemCallError) -> statvfs {
        var volume = statvfs()
        guard retrying({ fstatvfs(raw, &volume) }) == 0 else { throw failure("look at the file system of") }
        return volume
    }

    /// Waits until the disk has it.
    func sync() throws(SystemCallError) {
        guard retrying({ fsync(raw) }) == 0 else { throw failure("sync") }
    }

    /// Cuts the file.
    func truncate(to length: Int64) throws(SystemCallError) {
        guard retrying({ ftruncate(raw, off_t(length)) }) == 0 else { throw failure("cut") }
    }

    /// Sets the permissions, whatever the umask.
    func setMode(_ mode: mode_t) throws(SystemCallError) {
        guard retrying({ fchmod(raw, mode) }) == 0 else { throw failure("set the mode of") }
    }

    /// Sets the group.
    func setGroup(_ group: gid_t) throws(SystemCallError) {
        guard retrying({ fchown(raw, uid_t.max, group) }) == 0 else { throw failure("set the group of") }
    }

    /// Reads until the buffer is full or the file ends.
    ///
    /// - Returns: How many bytes were read.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(SystemCallError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = retrying { pread(raw, rest.baseAddress, rest.count, off_t(offset) + off_t(done)) }
            guard count >= 0 else { throw failure("read") }
            guard count > 0 else { break }
            done += count
        }
        return done
    }

    /// Writes all bytes.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(SystemCallError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = retrying { pwrite(raw, rest.baseAddress, rest.count, off_t(offset) + off_t(done)) }
            guard count > 0 else { throw failure("write") }
            done += count
        }
    }

    /// Whether this directory's permissions let us make and remove names in it.
    func checkWritable() throws(SystemCallError) {
        guard retrying({ faccessat(raw, ".", W_OK | X_OK, AT_EACCESS) }) == 0 else {
            throw failure("write to")
        }
    }

    // MARK: Names in this directory

    /// What fstatat(2) says of a name, links not followed; nil when there is nothing.
    func status(of name: String) throws(SystemCallError) -> stat? {
        var status = stat()
        guard retrying({ fstatat(raw, name, &status, AT_SYMLINK_NOFOLLOW) }) != 0 else { return status }
        guard errno == ENOENT else { throw failure("look at", name) }
        return nil
    }

    /// Makes a directory.
    func makeDirectory(_ name: String, mode: mode_t) throws(SystemCallError) {
        guard retrying({ mkdirat(raw, name, mode) }) == 0 else { throw failure("make the directory", name) }
    }

    /// Removes a file; one that is missing is fine.
    func remove(_ name: String) throws(SystemCallError) {
        guard retrying({ unlinkat(raw, name, 0) }) != 0, errno != ENOENT else { return }
        throw failure("remove", name)
    }

    /// Removes an empty directory.
    func removeDirectory(_ name: String) throws(SystemCallError) {
        guard retrying({ unlinkat(raw, name, AT_REMOVEDIR) }) == 0 else { throw failure("remove", name) }
    }

    /// Renames, replacing what is in the way.
    func rename(_ name: String, into directory: Descriptor, as newName: String) throws(SystemCallError) {
        guard retrying({ renameat(raw, name, directory.raw, newName) }) == 0 else {
            throw failure("rename", name)
        }
    }

    /// Renames and fails with `EEXIST` when something is in the way.
    func renameWithoutReplacing(
        _ name: String,
        into directory: Descriptor,
        as newName: String
    ) throws(SystemCallError) {
        let flags = UInt32(CLINUX_RENAME_NOREPLACE)
        guard retrying({ clinux_renameat2(raw, name, directory.raw, newName, flags) }) == 0 else {
            throw failure("rename", name)
        }
    }

    /// The names in this directory, without `.` and `..`; those that are not UTF-8 are left out.
    func names() throws(SystemCallError) -> [String] {
        // A descriptor of its own, because readdir(3) moves the offset and closedir(3) closes.
        let own = retrying { openat(raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard own >= 0 else { throw failure("list") }
        guard let stream = fdopendir(own) else {
            let error = failure("list")
            _ = Glibc.close(own)
            throw error
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
            let text = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
            guard let name = String(validatingCString: text), name != ".", name != ".." else { continue }
            names.append(name)
        }
        return names
    }
}

/// Repeats a call that a signal interrupted.
private func retrying<Number: SignedInteger>(_ call: () -> Number) -> Number {
    while true {
        let result = call()
        if result != -1 || errno != EINTR {
            return result
        }
    }
}

extension stat {
    /// Whether it is a plain file.
    var isRegularFile: Bool {
        st_mode & S_IFMT == S_IFREG
    }

    /// The permission bits.
    var permissions: mode_t {
        st_mode & 0o7777
    }
}
