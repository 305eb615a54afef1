import Glibc
import JSON

/// What has to be known to go on with a download after a restart; lies as `NAME.json` beside `NAME.part`.
struct StagingRecord: Hashable {
    /// The validator that the bytes came with, for `If-Range`; without one only a complete file can be used.
    var validator: String?
    /// The size of the whole file.
    var totalBytes: Int64?
    /// The media type that the server named.
    var contentType: String?
    /// How many bytes are certainly on the disk.
    var syncedBytes: Int64
    /// The boot during which the record was written.
    var boot: String

    /// How many bytes of a file of this length can be trusted.
    ///
    /// What this kernel took it still has, also when our process was killed. After a power cut a file may have its
    /// length without its contents.
    func trustedBytes(of length: Int64, boot current: String) -> Int64 {
        !boot.isEmpty && boot == current ? length : min(length, syncedBytes)
    }

    /// The text of the file.
    var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("validator", validator)
            writer.member("total_bytes", totalBytes)
            writer.member("content_type", contentType)
            writer.member("synced_bytes", syncedBytes)
            writer.member("boot", boot)
        }
        return writer.bytes
    }

    /// The identifier of the running kernel's boot (random(4)); empty when it cannot be read.
    static let currentBoot: String = {
        let text = Descriptor.text(of: "/proc/sys/kernel/random/boot_id", limit: 64) ?? ""
        return String(text.prefix { !$0.isNewline })
    }()
}

extension StagingRecord {
    /// Reads a record; nil when it is not one, and the download then starts anew.
    init?(bytes: [UInt8]) {
        // What cannot be parsed is as good as no record.
        guard let value = try? JSONParser.parse(bytes), let synced = value["synced_bytes"]?.intValue,
            let boot = value["boot"]?.stringValue
        else { return nil }
        validator = value["validator"]?.stringValue
        totalBytes = value["total_bytes"]?.intValue.map(Int64.init)
        contentType = value["content_type"]?.stringValue
        syncedBytes = Int64(synced)
        self.boot = boot
    }

    /// Reads the record of a staging file; nil when there is none.
    static func read(_ name: String, in staging: Descriptor) throws(SystemCallError) -> StagingRecord? {
        guard let status = try staging.status(of: name), status.isRegularFile else { return nil }
        return StagingRecord(bytes: try staging.openFile(name, creating: false).prefix(16 << 10))
    }

    /// Replaces the record of a staging file, all or nothing.
    func write(_ name: String, in staging: Descriptor) throws(SystemCallError) {
        let temporary = name + ".new"
        let file = try staging.openFile(temporary, creating: true)
        try file.setContents(bytes)
        file.close()
        try staging.rename(temporary, into: staging, as: name)
    }
}
