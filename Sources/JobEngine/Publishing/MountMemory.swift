import Glibc
import Synchronization

/// Remembers on which mount each directory was seen, so that the empty place of an unmounted disk is not taken
/// for the disk.
final class MountMemory: Sendable {
    private struct Place {
        var device: dev_t
        var mountPoint: String?
    }

    private let places = Mutex<[String: Place]>([:])

    /// Checks a directory that was just opened.
    ///
    /// Another disk at the same mount point, or a disk mounted where there was none, is accepted. Refused is a
    /// directory that has come to lie on a mount above the one it was on: that one is gone.
    func check(_ directory: Descriptor) throws(SystemCallError) {
        guard let known = places.withLock({ $0[directory.path] }), let before = known.mountPoint,
            try known.device != directory.status().st_dev
        else { return }
        if let now = directory.mountPoint(), Self.path(before, isBelow: now) {
            throw SystemCallError(
                number: ENODEV,
                operation: "use",
                path: directory.path,
                reason: "the file system at \(before) is not mounted"
            )
        }
    }

    /// Remembers where a directory lies; only to be called when all was well with it, so that a disk that was mounted
    /// over it for a while is not missed afterwards.
    func remember(_ directory: Descriptor) throws(SystemCallError) {
        let device = try directory.status().st_dev
        guard places.withLock({ $0[directory.path]?.device }) != device else { return }
        let place = Place(device: device, mountPoint: directory.mountPoint())
        places.withLock { $0[directory.path] = place }
    }

    static func path(_ path: String, isBelow other: String) -> Bool {
        path != other && path.hasPrefix(other == "/" ? "/" : other + "/")
    }
}

extension Descriptor {
    /// Where the mount that this lies on is mounted, escaped as in `/proc/self/mountinfo`; nil when the kernel does
    /// not tell (see proc_pid_fdinfo(5), proc_pid_mountinfo(5)).
    func mountPoint() -> String? {
        let label = "mnt_id:"
        guard let information = Self.text(of: "/proc/self/fdinfo/\(raw)", limit: 4096),
            let line = information.split(separator: "\n").first(where: { $0.hasPrefix(label) })
        else { return nil }
        let identifier = line.dropFirst(label.count).drop { $0 == "\t" || $0 == " " }
        guard let mounts = Self.text(of: "/proc/self/mountinfo", limit: 4 << 20) else { return nil }
        for mount in mounts.split(separator: "\n") {
            let fields = mount.split(separator: " ", maxSplits: 5)
            if fields.count > 5, fields[0] == identifier {
                return String(fields[4])
            }
        }
        return nil
    }

    /// The text of a file in /proc; nil when it cannot be read.
    static func text(of path: String, limit: Int) -> String? {
        do {
            return String(decoding: try open(path, O_RDONLY).prefix(limit), as: UTF8.self)
        } catch {
            // Without /proc there is only less to compare; the caller says what that means.
            return nil
        }
    }
}
