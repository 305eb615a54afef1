import Glibc
import JobCore

/// The state directory and the modes of what lies in it.
///
/// Everything is for our own user only (CONTRACT section 2), whatever the umask: prompts lie here.
struct StateDirectory {
    /// The absolute path without symbolic links.
    let path: String
    /// What was found too open, one sentence each.
    private(set) var warnings: [String] = []

    /// Makes the directory and its missing parents, or tightens the one that is there.
    init(preparing path: String) throws(JobStoreError) {
        try Self.makeDirectories(path)
        guard let canonical = realpath(path, nil) else {
            throw JobStoreError(action: "resolve", file: path)
        }
        defer { free(canonical) }
        self.path = String(cString: canonical)
        try tighten(self.path, kind: S_IFDIR, to: 0o700)
    }

    /// The directory of the copies.
    var backups: String {
        path + "/backups"
    }

    /// The file that says who uses the directory.
    var lock: String {
        path + "/lock"
    }

    /// The journal's files.
    var journal: JournalFiles {
        JournalFiles(directory: path)
    }

    /// Tightens the files, also those that others put there, and the copies; removes copies that were not finished.
    mutating func tightenContents() throws(JobStoreError) {
        for name in try Self.names(in: path) {
            let file = path + "/" + name
            let isJournal = name == "lock" || name.hasPrefix(JournalFiles.name)
            if isJournal || FileStatus(file)?.kind == S_IFREG {
                try tighten(file, kind: S_IFREG, to: 0o600)
            }
        }
        guard FileStatus(backups) != nil else { return }
        try tighten(backups, kind: S_IFDIR, to: 0o700)
        for name in try Self.names(in: backups) where name.hasPrefix("journal-") {
            let file = backups + "/" + name
            if name.contains(JournalFiles.partialSuffix) {
                // Half a copy, of use to nobody; the journal it was made from is there.
                unlink(file)
            } else {
                try tighten(file, kind: S_IFREG, to: 0o600)
            }
        }
    }

    /// Makes the directory of the copies.
    func makeBackups() throws(JobStoreError) {
        try Self.makeDirectories(backups)
    }

    /// Makes the names in the directory durable.
    func sync() throws(JobStoreError) {
        try Self.sync(path, kind: O_DIRECTORY)
    }

    /// Makes a file's or directory's content durable.
    static func sync(_ path: String, kind: Int32 = 0) throws(JobStoreError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | kind)
        guard descriptor >= 0 else { throw JobStoreError(action: "open", file: path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw JobStoreError(action: "sync", file: path) }
    }

    /// Creates an empty file that only we can read; false when it is there already.
    ///
    /// SQLite gives the files it makes beside a database the database's own mode, so this decides for all.
    @discardableResult
    static func createFile(_ path: String) throws(JobStoreError) -> Bool {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return false }
            throw JobStoreError(action: "create", file: path)
        }
        defer { close(descriptor) }
        // A umask may have taken our own bits away.
        guard fchmod(descriptor, 0o600) == 0 else {
            throw JobStoreError(action: "set the mode of", file: path)
        }
        return true
    }

    /// The names of a directory's entries, sorted.
    static func names(in path: String) throws(JobStoreError) -> [String] {
        guard let directory = opendir(path) else { throw JobStoreError(action: "list", file: path) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(
                    to: CChar.self,
                    capacity: MemoryLayout.size(ofValue: pointer.pointee)
                ) {
                    String(cString: $0)
                }
            }
            if name != "." && name != ".." {
                names.append(name)
            }
        }
        return names.sorted()
    }

    private static func makeDirectories(_ path: String) throws(JobStoreError) {
        guard FileStatus(path, followingLinks: true) == nil else { return }
        let parent = path.split(separator: "/", omittingEmptySubsequences: true).dropLast()
        if !parent.isEmpty {
            try makeDirectories((path.hasPrefix("/") ? "/" : "") + parent.joined(separator: "/"))
        }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw JobStoreError(action: "create", file: path)
        }
        guard chmod(path, 0o700) == 0 else { throw JobStoreError(action: "set the mode of", file: path) }
    }

    private mutating func tighten(_ file: String, kind: mode_t, to mode: mode_t) throws(JobStoreError) {
        guard let status = FileStatus(file) else { return }
        guard status.kind == kind else {
            throw JobStoreError(
                .foreignFile,
                "\(file) is not a \(kind == S_IFDIR ? "directory" : "regular file")"
            )
        }
        guard status.permissions & ~mode != 0 else { return }
        let found = "\(file) was open to others (mode 0\(String(status.permissions, radix: 8)))"
        if chmod(file, mode) == 0 {
            warnings.append("\(found); set to 0\(String(mode, radix: 8))")
        } else {
            warnings.append("\(found) and cannot be tightened: \(errnoText(errno))")
        }
    }
}

/// What `stat` says about a file.
struct FileStatus {
    /// The file type bits.
    let kind: mode_t
    /// The permission bits.
    let permissions: mode_t
    /// The size in bytes.
    let size: Int64

    /// Looks at a file; nil when it is not there or cannot be looked at.
    init?(_ path: String, followingLinks: Bool = false) {
        var status = stat()
        guard (followingLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
        kind = status.st_mode & S_IFMT
        permissions = status.st_mode & 0o777
        size = Int64(status.st_size)
    }
}
