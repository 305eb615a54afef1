import Glibc

/// Opens the output and the staging directory anew for each use.
///
/// They may be removed, made again, unmounted and mounted at any time. Neither is ever made in a place where the
/// other's file system is not.
struct OutputDirectories: Sendable {
    /// The path of the watched directory.
    let output: String
    /// The path of the staging directory.
    let staging: String
    private let memory = MountMemory()

    /// A name that no file in the staging directory has.
    private static let missingName = ".missing"
    /// The subdirectory for what failed the check.
    static let quarantineName = "quarantine"

    init(output: String, staging: String) {
        self.output = output
        self.staging = staging
    }

    /// Opens the output directory, which is never made here.
    func openOutput() throws(SystemCallError) -> Descriptor {
        let directory = try Descriptor.open(output, O_RDONLY | O_DIRECTORY)
        try memory.check(directory)
        return directory
    }

    /// Opens the staging directory; makes it where it is missing and the output directory is there.
    func openStaging() throws(SystemCallError) -> Descriptor {
        do throws(SystemCallError) {
            let directory = try Descriptor.open(staging, O_RDONLY | O_DIRECTORY)
            try memory.check(directory)
            return directory
        } catch {
            guard error.number == ENOENT else { throw error }
        }
        // A missing output directory may be a disk that is not mounted: then nothing is made in its place.
        let output = try openOutput()
        let (parent, name) = try Self.openParent(of: staging)
        try Self.makePrivateDirectory(name, in: parent)
        let directory = try Descriptor.open(staging, O_RDONLY | O_DIRECTORY)
        do throws(SystemCallError) {
            try Self.checkSameMount(directory, output)
        } catch {
            try parent.removeDirectory(name)
            throw error
        }
        return directory
    }

    /// Opens both and checks that files can be renamed from one to the other.
    func openBoth() throws(SystemCallError) -> (output: Descriptor, staging: Descriptor) {
        let output = try openOutput()
        let staging = try openStaging()
        try Self.checkSameMount(staging, output)
        try memory.remember(output)
        try memory.remember(staging)
        return (output, staging)
    }

    /// Opens the quarantine; makes it where it is missing.
    static func openQuarantine(in staging: Descriptor) throws(SystemCallError) -> Descriptor {
        if try staging.status(of: quarantineName) == nil {
            try makePrivateDirectory(quarantineName, in: staging)
        }
        return try staging.open(quarantineName, O_RDONLY | O_DIRECTORY)
    }

    /// Renames a file that does not exist.
    ///
    /// The kernel compares the mounts, then looks whether they can be written
    /// to, and only then for the file. So nothing is ever made in the watched directory to find this out.
    static func checkSameMount(_ staging: Descriptor, _ output: Descriptor) throws(SystemCallError) {
        do throws(SystemCallError) {
            try staging.renameWithoutReplacing(missingName, into: output, as: missingName)
        } catch {
            switch error.number {
            case ENOENT:
                return
            case EXDEV:
                throw SystemCallError(
                    number: EXDEV,
                    operation: "use",
                    path: output.path,
                    reason: "it is not on one mount with the staging directory \(staging.path)"
                )
            default:
                throw SystemCallError(number: error.number, operation: "write to", path: output.path)
            }
        }
    }

    /// Makes a directory and those above it.
    static func makeDirectories(_ path: String, mode: mode_t) throws(SystemCallError) {
        let (parent, name) = try openParent(of: path)
        try makeDirectory(name, in: parent, mode: mode)
    }

    /// Opens the directory above a path and makes it where it is missing.
    private static func openParent(of path: String) throws(SystemCallError) -> (Descriptor, String) {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let name = String(path[slash...].drop { $0 == "/" })
        let parent = slash == path.startIndex ? "/" : String(path[..<slash])
        do throws(SystemCallError) {
            return (try Descriptor.open(parent, O_RDONLY | O_DIRECTORY), name)
        } catch {
            guard error.number == ENOENT, parent != "/" else { throw error }
        }
        try makeDirectories(parent, mode: 0o755)
        return (try Descriptor.open(parent, O_RDONLY | O_DIRECTORY), name)
    }

    private static func makePrivateDirectory(_ name: String, in parent: Descriptor) throws(SystemCallError) {
        try makeDirectory(name, in: parent, mode: 0o700)
        // The umask may have taken away too much.
        try parent.open(name, O_RDONLY | O_DIRECTORY).setMode(0o700)
    }

    private static func makeDirectory(
        _ name: String,
        in parent: Descriptor,
        mode: mode_t
    ) throws(SystemCallError) {
        do throws(SystemCallError) {
            try parent.makeDirectory(name, mode: mode)
        } catch {
            // Another call of ours may have made it meanwhile.
            guard error.number == EEXIST else { throw error }
        }
        try parent.sync()
    }
}
