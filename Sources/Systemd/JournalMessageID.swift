public import Logging

/// The fixed ids by which `journalctl MESSAGE_ID=…` and the message catalog know our entries.
///
/// An id is written once and never changed or given to another kind of entry: the catalog
/// (`systemd/videogend.catalog`), scripts and alerts rely on it.
public struct JournalMessageID: RawRepresentable, Hashable, Sendable, CaseIterable {
    /// The metadata key that carries an id; it becomes the field `MESSAGE_ID` and is left out of the text.
    public static let metadataKey = "message.id"

    /// 32 lower-case hexadecimal digits.
    public let rawValue: String

    /// Makes an id.
    ///
    /// - Parameter rawValue: 32 lower-case hexadecimal digits.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The id as a value for ``metadataKey``.
    public var metadataValue: Logger.MetadataValue {
        .string(rawValue)
    }

    /// The daemon is up.
    public static let started = JournalMessageID(rawValue: "f150abb9c9394b08ad278b9d578d656d")
    /// The daemon ended in order.
    public static let stopped = JournalMessageID(rawValue: "c1060a39ab54451291ed68ca1c07d448")
    /// A job was sent and accepted by the provider.
    public static let jobSubmitted = JournalMessageID(rawValue: "4eb5ab976ea34ec8a4bf08496426780c")
    /// A job's video was published.
    public static let jobCompleted = JournalMessageID(rawValue: "355ffe841280420b891406fdb762000d")
    /// A job ended without a video.
    public static let jobFailed = JournalMessageID(rawValue: "3e943414717e4225a0bbd0fb9999c123")
    /// A job needs a person.
    public static let jobHeld = JournalMessageID(rawValue: "d4dd4f59b64c409db1bfac0ddc90941f")
    /// The provider refused the API key.
    public static let credentialRejected = JournalMessageID(rawValue: "91f5b8f7cc1747d2a584d2014347b525")
    /// The output directory cannot be written.
    public static let outputUnavailable = JournalMessageID(rawValue: "1104da916cfa48059d6cd840faccfe02")
    /// The configuration is not valid.
    public static let configurationRejected = JournalMessageID(rawValue: "00021ab3c60b4a42883db99151b81de2")
    /// The job journal was corrupt and was set aside.
    public static let journalSetAside = JournalMessageID(rawValue: "ccaae1d06bec41b7b83bdb4831d2aaf7")

    /// All of them.
    public static let allCases: [JournalMessageID] = [
        .started, .stopped, .jobSubmitted, .jobCompleted, .jobFailed, .jobHeld, .credentialRejected,
        .outputUnavailable, .configurationRejected, .journalSetAside,
    ]
}
