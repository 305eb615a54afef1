import Glibc

/// A directory for one test, with a short path because a socket's has at most 107 bytes.
struct TestFolder {
    let path: String

    /// Makes a directory, and removes it with all that is in it when the closure is over.
    static func with<Result>(_ body: (TestFolder) throws -> Result) throws -> Result {
        var template = Array("/tmp/vg-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw EndToEndError("mkdtemp: errno \(errno)") }
        let folder = TestFolder(path: String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self))
        defer { removeTree(folder.path) }
        return try body(folder)
    }

    /// A path in the directory.
    func callAsFunction(_ name: String) -> String {
        "\(path)/\(name)"
    }

    /// Makes a directory in it.
    func makeDirectory(_ name: String) throws -> String {
        guard mkdir(self(name), 0o700) == 0 else { throw EndToEndError("mkdir \(name): errno \(errno)") }
        return self(name)
    }

    /// Writes a file in it.
    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        try write(name, bytes: Array(text.utf8), mode: mode)
    }

    /// Writes a file of bytes in it.
    @discardableResult
    func write(_ name: String, bytes: [UInt8], mode: mode_t = 0o600) throws -> String {
        let path = self(name)
        guard let file = fopen(path, "w") else { throw EndToEndError("fopen \(path): errno \(errno)") }
        let count = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, count == bytes.count else { throw EndToEndError("\(path): errno \(errno)") }
        chmod(path, mode)
        return path
    }

    /// The names in a directory, sorted; none when it does not exist.
    static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." {
                names.append(name)
            }
        }
        return names.sorted()
    }

    /// What is in a file; empty when it does not exist.
    static func contents(of path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
            bytes += chunk[..<count]
        }
        return bytes
    }

    /// The text of a file; empty when it does not exist.
    static func text(of path: String) -> String {
        String(decoding: contents(of: path), as: UTF8.self)
    }

    /// Removes a file, or a directory with everything in it.
    static func removeTree(_ path: String) {
        guard unlink(path) != 0 else { return }
        for name in names(in: path) {
            removeTree("\(path)/\(name)")
        }
        rmdir(path)
    }
}
