import Dispatch
import Glibc
import Synchronization

/// Tells when something happened to a directory: removed, moved, made, its mode changed, or any mount changed.
///
/// inotify(7) for the directory and the one above it, and poll(2) on /proc/self/mountinfo (proc_pid_mountinfo(5):
/// `POLLPRI` after each change of the mounts) because inotify is silent about what is mounted over a directory and
/// about a change to read-only. The thread sleeps in the kernel until then.
final class DirectoryEvents: Sendable {
    private struct Watches {
        var directory: Int32 = -1
        var parent: Int32 = -1
    }

    private let path: String
    private let parentPath: String
    private let name: [UInt8]
    private let inotify: Descriptor
    private let mounts: Descriptor?
    private let stopReader: Descriptor
    private let stopWriter: Descriptor
    private let watches = Mutex(Watches())

    /// Prepares to watch a directory, which need not exist.
    ///
    /// - Parameters:
    ///   - path: Its absolute path.
    ///   - watchesMounts: Whether changes of the mounts count; tests leave them out, other programs make them, too.
    /// - Throws: When the kernel grants no inotify instance.
    init(path: String, watchesMounts: Bool = true) throws(SystemCallError) {
        self.path = path
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        parentPath = slash == path.startIndex ? "/" : String(path[..<slash])
        name = Array(path[slash...].utf8.dropFirst())
        inotify = try Descriptor.inotify()
        (stopReader, stopWriter) = try Descriptor.pipe()
        do throws(SystemCallError) {
            mounts = watchesMounts ? try Descriptor.open("/proc/self/mountinfo", O_RDONLY) : nil
        } catch {
            // Without /proc, changes of mounts show at the next publication.
            mounts = nil
        }
    }

    /// Watches what is at the path now; to be called after each event, before the directory is looked at.
    func refresh() {
        let directoryMask = IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB | IN_ONLYDIR
        let parentMask =
            IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR
        watches.withLock { watches in
            let directory = inotify_add_watch(inotify.raw, path, UInt32(directoryMask))
            let parent = inotify_add_watch(inotify.raw, parentPath, UInt32(parentMask))
            // A directory that was moved away is watched on until its watch is removed; the kernel has removed it
            // already where the directory is gone.
            for old in [watches.directory, watches.parent]
            where old >= 0 && old != directory && old != parent {
                _ = inotify_rm_watch(inotify.raw, old)
            }
            watches = Watches(directory: directory, parent: parent)
        }
    }

    /// Starts the thread; it ends at `stop()`.
    ///
    /// - Parameter onEvent: Called on that thread.
    func start(_ onEvent: @escaping @Sendable () -> Void) {
        // A serial queue of its own has a thread of its own, so nothing else waits for it.
        DispatchQueue(label: "videogend.directory-events").async {
            while let isRelevant = self.wait() {
                if isRelevant {
                    onEvent()
                }
            }
        }
    }

    /// Ends the thread.
    func stop() {
        // The reader sees the end of the pipe.
        stopWriter.close()
    }

    /// Sleeps until something happens.
    ///
    /// - Parameter milliseconds: How long at most; for tests, which must not wait for ever.
    /// - Returns: Whether it has to do with the directory; nil when it is time to end.
    func wait(milliseconds: Int32 = -1) -> Bool? {
        var polled = [
            pollfd(fd: stopReader.raw, events: Int16(POLLIN), revents: 0),
            pollfd(fd: inotify.raw, events: Int16(POLLIN), revents: 0),
            pollfd(fd: mounts?.raw ?? -1, events: Int16(POLLPRI), revents: 0),
        ]
        guard poll(&polled, nfds_t(polled.count), milliseconds) >= 0 else {
            return errno == EINTR ? false : nil
        }
        guard polled[0].revents == 0 else { return nil }
        let events = polled[1].revents != 0 && readEvents()
        return events || polled[2].revents != 0
    }

    private func readEvents() -> Bool {
        let watches = watches.withLock { $0 }
        var isRelevant = false
        withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 8) { buffer in
            let count = read(inotify.raw, buffer.baseAddress, buffer.count)
            var position = 0
            let head = MemoryLayout<inotify_event>.size
            while position + head <= count {
                let event = buffer.load(fromByteOffset: position, as: inotify_event.self)
                let rest = buffer[(position + head)..<min(count, position + head + Int(event.len))]
                let name = rest.prefix { $0 != 0 }
                position += head + Int(event.len)
                if event.mask & UInt32(IN_Q_OVERFLOW) != 0 {
                    isRelevant = true
                } else if name.isEmpty {
                    isRelevant = true
                } else if event.wd == watches.parent {
                    isRelevant = isRelevant || name.elementsEqual(self.name)
                }
            }
        }
        return isRelevant
    }
}

extension Descriptor {
    fileprivate static func inotify() throws(SystemCallError) -> Descriptor {
        let number = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard number >= 0 else { throw SystemCallError(number: errno, operation: "set up", path: "inotify") }
        return Descriptor(number: number, path: "inotify")
    }

    fileprivate static func pipe() throws(SystemCallError) -> (reader: Descriptor, writer: Descriptor) {
        var numbers: [Int32] = [-1, -1]
        guard Glibc.pipe(&numbers) == 0 else {
            throw SystemCallError(number: errno, operation: "make", path: "a pipe")
        }
        let ends = (
            Descriptor(number: numbers[0], path: "pipe"), Descriptor(number: numbers[1], path: "pipe")
        )
        for number in numbers {
            _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        }
        return ends
    }
}
