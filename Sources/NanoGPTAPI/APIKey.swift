/// The key that the provider charges by; it prints as a placeholder wherever a value can be printed.
///
/// Only this module reads its text, and only to put it into the `x-api-key` header and to keep it out of messages.
public struct APIKey: Sendable, Equatable {
    /// The key itself.
    let text: String

    /// Takes a key as it stands in a file or in the environment; white space around it does not count.
    ///
    /// - Parameter text: For example `sk-nano-…` or a plain UUID (FACTS section 2); the form is not checked, since
    ///   the provider may change it.
    /// - Throws: `NanoGPTAPIError` when it is empty or cannot be sent as a header; the message does not show it.
    public init(_ text: String) throws(NanoGPTAPIError) {
        let bytes = Array(text.utf8)
        let isBlank: (UInt8) -> Bool = { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        let start = bytes.firstIndex { !isBlank($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start
        let key = bytes[start..<end]
        guard !key.isEmpty else {
            throw NanoGPTAPIError(.keyInvalid, "the API key is empty")
        }
        guard key.count <= 4096 else {
            throw NanoGPTAPIError(.keyInvalid, "the API key is longer than 4096 bytes")
        }
        guard key.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw NanoGPTAPIError(
                .keyInvalid,
                "the API key holds spaces, line ends or characters that are not printable ASCII"
            )
        }
        self.text = String(decoding: key, as: UTF8.self)
    }

    /// The part after `sk-nano-`, which the provider accepts alone in older keys and may quote alone.
    var withoutPrefix: String {
        let prefix = "sk-nano-"
        return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
    }
}

extension APIKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A placeholder.
    public var description: String {
        "[API key]"
    }

    /// A placeholder.
    public var debugDescription: String {
        description
    }

    /// A mirror without children, so that `dump` shows nothing either.
    public var customMirror: Mirror {
        Mirror(self, children: [] as [Mirror.Child], displayStyle: .struct)
    }
}
