import Glibc

/// What a watcher of a directory is told (inotify(7)), with every event that there is.
final class DirectoryObserver {
    struct Event: Hashable, CustomStringConvertible {
        let mask: UInt32
        let name: String

        var description: String {
            "\(name) 0x\(String(mask, radix: 16))"
        }
    }

    /// `IN_ALL_EVENTS`, which Swift does not see.
    private static let allEvents: UInt32 = 0xFFF
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard inotify_add_watch(descriptor, path, Self.allEvents) >= 0 else {
            close(descriptor)
            throw EndToEndError("inotify_add_watch \(path): errno \(errno)")
        }
    }

    deinit {
        close(descriptor)
    }

    /// All events so far that are about an entry of the directory, or change the directory itself.
    ///
    /// A directory that is opened to be fsynced is told to its watchers, too; nothing changes by that.
    func events() -> [Event] {
        var events: [Event] = []
        let harmless = UInt32(IN_OPEN | IN_ACCESS | IN_CLOSE_NOWRITE)
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
            var offset = 0
            buffer.withUnsafeBytes { bytes in
                while offset < count {
                    let mask = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
                    let length = Int(bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
                    let name = bytes[(offset + 16)..<(offset + 16 + length)].prefix { $0 != 0 }
                    offset += 16 + length
                    if name.isEmpty && mask & harmless != 0 {
                        continue
                    }
                    events.append(Event(mask: mask, name: String(decoding: name, as: UTF8.self)))
                }
            }
        }
        return events
    }
}
