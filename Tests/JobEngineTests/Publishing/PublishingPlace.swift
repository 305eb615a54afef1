import Glibc
import JobCore
import JobEngine
import Logging
import TestSupport
import Testing

/// An output and a staging directory of a test's own, side by side.
///
/// With a size, both lie on a tmpfs of their own, which needs root.
struct PublishingPlace: Sendable {
    /// The directory above both; with a size, the mount point.
    let root: String

    var output: String { root + "/videos" }
    var staging: String { root + "/.staging" }

    static let isRoot = geteuid() == 0

    static func with<Value>(
        tmpfs size: String? = nil,
        _ body: (PublishingPlace) async throws -> Value
    ) async throws -> Value {
        var template = Array("/tmp/publishing-XXXXXX".utf8CString)
        let root = String(cString: try #require(mkdtemp(&template)))
        let place = PublishingPlace(root: root)
        if let size {
            try place.mount(size: size)
        }
        try #require(mkdir(place.output, 0o755) == 0)
        defer {
            while umount2(root, Int32(MNT_DETACH)) == 0 {}
            Files.remove(root)
        }
        return try await body(place)
    }

    func mount(size: String) throws {
        try #require(Glibc.mount("tmpfs", root, "tmpfs", 0, "size=\(size)") == 0)
    }

    /// Takes the disk away; lazily also while somebody looks at it, otherwise open files are an error.
    func unmount(lazily: Bool = false) throws {
        try #require(umount2(root, lazily ? Int32(MNT_DETACH) : 0) == 0, "errno \(errno)")
    }

    func remount(readOnly: Bool) throws {
        let flags = UInt(MS_REMOUNT) | (readOnly ? UInt(MS_RDONLY) : 0)
        try #require(Glibc.mount("tmpfs", root, "tmpfs", flags, nil) == 0, "errno \(errno)")
    }

    func configuration(
        limits: FilePublisherConfiguration.Limits = .init(minimumFree: 0)
    ) -> FilePublisherConfiguration {
        FilePublisherConfiguration(
            outputDirectory: output,
            stagingDirectory: staging,
            daemonVersion: "1.2.3",
            limits: limits
        )
    }

    func publisher(
        limits: FilePublisherConfiguration.Limits = .init(minimumFree: 0),
        hook: PublishingHook? = nil
    ) -> FilePublisher {
        FilePublisher(configuration: configuration(limits: limits), logger: Logger(label: "test"), hook: hook)
    }
}

/// What tests do with a publisher again and again.
enum Sample {
    static func job(_ number: Int = 1) throws -> JobID {
        let digits = String(number)
        return try #require(JobID(String(repeating: "0", count: 16 - digits.count) + digits))
    }

    static func key(_ number: Int = 1) throws -> StagingKey {
        StagingKey(job: try job(number), attempt: 0, item: 0)
    }

    static func head(_ bytes: [UInt8], offset: Int64 = 0, validator: String? = "\"a\"") -> DownloadHead {
        DownloadHead(
            offset: offset,
            totalBytes: Int64(bytes.count),
            contentType: "video/mp4",
            validator: validator
        )
    }

    /// Downloads what is missing and finishes.
    static func stage(
        _ bytes: [UInt8],
        _ key: StagingKey,
        with publisher: any VideoPublisher
    ) async throws -> StagedVideo {
        if let video = try await publisher.completeStaging(key) {
            return video
        }
        let file = try await publisher.openStaging(key)
        let offset = file.resumePoint?.offset ?? 0
        do {
            try file.begin(head(bytes, offset: offset))
            let middle = Int(offset) + (bytes.count - Int(offset)) / 2
            try bytes[Int(offset)..<middle].withUnsafeBytes { (part) throws in try file.write(part) }
            try bytes[middle...].withUnsafeBytes { (part) throws in try file.write(part) }
            return try await file.finish()
        } catch {
            await file.suspend()
            throw error
        }
    }

    static func plan(_ key: StagingKey, _ video: StagedVideo, name: String = "film") -> PublicationPlan {
        let receipt = "{\"job_id\":\"\(key.job)\",\"model\":\"m\",\"request\":{\"prompt\":\"a \\\"b\\\"\"}}"
        return PublicationPlan(key: key, video: video, name: name, receipt: Array(receipt.utf8))
    }
}

/// Plain file calls for tests.
enum Files {
    static func names(_ directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." {
                names.append(name)
            }
        }
        return names.sorted()
    }

    static func read(_ path: String) throws -> [UInt8] {
        let file = open(path, O_RDONLY | O_NOFOLLOW)
        try #require(file >= 0, "\(path): errno \(errno)")
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }

    static func write(_ path: String, _ bytes: [UInt8] = [], mode: mode_t = 0o644) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode)
        try #require(file >= 0, "\(path): errno \(errno)")
        defer { close(file) }
        try #require(Glibc.write(file, bytes, bytes.count) == bytes.count)
        try #require(fchmod(file, mode) == 0)
    }

    static func status(_ path: String) throws -> stat {
        var status = stat()
        try #require(lstat(path, &status) == 0, "\(path): errno \(errno)")
        return status
    }

    static func mode(_ path: String) throws -> mode_t {
        try status(path).st_mode & 0o7777
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    static func remove(file path: String) throws {
        try #require(unlink(path) == 0, "\(path): errno \(errno)")
    }

    static func remove(_ path: String) {
        for name in names(path) {
            let inner = "\(path)/\(name)"
            if unlink(inner) != 0 {
                remove(inner)
            }
        }
        rmdir(path)
    }
}

/// What a watcher of a folder sees, but for reading.
final class Watcher {
    private let inotify: Int32

    init(_ directory: String) throws {
        inotify = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        // IN_ALL_EVENTS, a composed macro.
        let mask = 0xFFF & ~(IN_OPEN | IN_ACCESS | IN_CLOSE_NOWRITE)
        try #require(inotify_add_watch(inotify, directory, UInt32(mask)) >= 0)
    }

    deinit {
        close(inotify)
    }

    /// What happened since the last call, as `mask name`.
    func events() -> [String] {
        var events: [String] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(inotify, &buffer, buffer.count)
        var position = 0
        while position + 16 <= count {
            buffer.withUnsafeBytes { bytes in
                let event = bytes.loadUnaligned(fromByteOffset: position, as: inotify_event.self)
                let name = bytes[(position + 16)..<(position + 16 + Int(event.len))].prefix { $0 != 0 }
                events.append("\(Self.word(event.mask)) \(String(decoding: name, as: UTF8.self))")
                position += 16 + Int(event.len)
            }
        }
        return events
    }

    private static func word(_ mask: UInt32) -> String {
        switch mask {
        case UInt32(IN_MOVED_TO): "moved_to"
        case UInt32(IN_MOVED_FROM): "moved_from"
        case UInt32(IN_CREATE | IN_ISDIR): "create_directory"
        default: "0x" + String(mask, radix: 16)
        }
    }
}
