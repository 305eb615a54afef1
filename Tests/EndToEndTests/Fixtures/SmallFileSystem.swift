import Glibc

/// A file system in memory with a size of its own, mounted for the time of a closure; only root may mount one.
struct SmallFileSystem {
    static let isPossible = geteuid() == 0
    static let reason = "only root may mount a file system"

    let path: String
    private let size: String

    static func with(_ path: String, size: String, _ body: (SmallFileSystem) throws -> Void) throws {
        mkdir(path, 0o700)
        let system = SmallFileSystem(path: path, size: size)
        try system.mount()
        defer { system.unmount() }
        try body(system)
    }

    func mount() throws {
        guard Glibc.mount("none", path, "tmpfs", 0, "size=\(size),mode=700") == 0 else {
            throw EndToEndError("mount at \(path): errno \(errno)")
        }
    }

    /// Takes the disk away, however many look at it.
    func unmount() {
        umount2(path, Int32(MNT_DETACH))
    }

    /// Takes up all the room that is left.
    ///
    /// - Parameter spare: How many bytes are left all the same.
    /// - Returns: The file that has to be removed to make room again.
    /// - Throws: When it cannot be filled.
    func fill(sparing spare: Int = 0) throws -> String {
        let name = "\(path)/ballast"
        let file = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw EndToEndError("open \(name): errno \(errno)") }
        defer { close(file) }
        let block = [UInt8](repeating: 1, count: 4096)
        while write(file, block, block.count) == block.count {}
        guard errno == ENOSPC else { throw EndToEndError("write \(name): errno \(errno)") }
        if spare > 0 {
            var status = stat()
            fstat(file, &status)
            ftruncate(file, max(0, status.st_size - off_t(spare)))
        }
        return name
    }
}
