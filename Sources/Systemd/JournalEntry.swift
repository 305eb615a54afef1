import CSystemd
import Glibc
import Logging

/// One entry for the journal: the fields as `sd_journal_sendv(3)` takes them, `NAME=value` in bytes.
///
/// All fields lie one after the other in one buffer; a value may hold any byte, line breaks included.
struct JournalEntry {
    /// The fields, one after the other.
    private var bytes: [UInt8] = []
    /// Where each field ends in ``bytes``.
    private var ends: [Int] = []

    /// Makes an entry of a log event.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - metadata: All metadata that applies to it, see ``LogText``.
    ///   - identifier: The program, for `journalctl -t`.
    init(event: LogEvent, metadata: Logger.Metadata, identifier: String) {
        bytes.reserveCapacity(512)
        append("MESSAGE", "\(event.message)" + LogText.suffix(of: metadata))
        append("PRIORITY", "\(event.level.syslogPriority)")
        append("SYSLOG_IDENTIFIER", identifier)
        append("CODE_FILE", event.file)
        append("CODE_LINE", "\(event.line)")
        append("CODE_FUNC", event.function)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            append(Self.fieldName(forKey: key), "\(value)")
        }
    }

    /// The fields one by one.
    var fields: [[UInt8]] {
        zip([0] + ends.dropLast(), ends).map { Array(bytes[$0..<$1]) }
    }

    /// Hands the entry to the journal.
    ///
    /// - Returns: 0, or a negative errno. Where there is no journal at all libsystemd says 0 too.
    func send() -> Int32 {
        var copy = bytes
        return copy.withUnsafeMutableBytes { buffer in
            var vectors: [iovec] = []
            vectors.reserveCapacity(ends.count)
            var start = 0
            for end in ends {
                vectors.append(
                    iovec(iov_base: buffer.baseAddress?.advanced(by: start), iov_len: end - start)
                )
                start = end
            }
            return sd_journal_sendv(vectors, Int32(vectors.count))
        }
    }

    private mutating func append(_ name: String, _ value: String) {
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: "="))
        bytes.append(contentsOf: value.utf8)
        ends.append(bytes.count)
    }

    /// The journal's field for a metadata key: `job.id` becomes `VIDEOGEND_JOB_ID`.
    ///
    /// - Parameter key: Any metadata key.
    /// - Returns: A name of `A–Z`, `0–9` and `_` within the journal's limit of 64 characters.
    static func fieldName(forKey key: String) -> String {
        if key == JournalMessageID.metadataKey {
            return "MESSAGE_ID"
        }
        var name = "VIDEOGEND_"
        for byte in key.utf8.prefix(64 - name.utf8.count) {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"):
                name.unicodeScalars.append(Unicode.Scalar(byte - 0x20))
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                name.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                name += "_"
            }
        }
        return name
    }
}
