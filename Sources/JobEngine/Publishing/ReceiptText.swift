import JSON
import JobCore

/// The text of the receipt that stands beside a video.
enum ReceiptText {
    /// Adds to the engine's members what only the publisher knows, and makes it readable.
    ///
    /// - Parameters:
    ///   - members: A JSON object.
    ///   - output: The published video.
    ///   - daemonVersion: The daemon's version, unless the members have one.
    /// - Returns: The text with a final newline; nil when the members are no JSON object.
    static func bytes(_ members: [UInt8], output: JobOutput, daemonVersion: String) -> [UInt8]? {
        // The engine wrote it; the caller reports what is no object as a fault of our own.
        guard var object = (try? JSONParser.parse(members))?.objectValue else { return nil }
        let version = object["daemon_version"] ?? .string(daemonVersion)
        for name in ["file", "bytes", "sha256", "daemon_version"] {
            object[name] = nil
        }
        object["file"] = .string(output.file)
        object["bytes"] = .number(JSONNumber(output.bytes))
        object["sha256"] = .string(output.sha256)
        object["daemon_version"] = version
        var text = ""
        append(.object(object), to: &text, indentation: "")
        return Array("\(text)\n".utf8)
    }

    /// Whether a receipt belongs to a job and a video.
    static func isOurs(_ receipt: [UInt8], job: JobID, sha256: String) -> Bool {
        // Somebody else's file may hold anything.
        guard let value = try? JSONParser.parse(receipt) else { return false }
        return value["job_id"]?.stringValue == job.description && value["sha256"]?.stringValue == sha256
    }

    private static func append(_ value: JSONValue, to text: inout String, indentation: String) {
        let inner = indentation + "  "
        switch value {
        case .object(let object) where !object.isEmpty:
            text += "{\n"
            for (index, member) in object.members.enumerated() {
                text += "\(index == 0 ? "" : ",\n")\(inner)\(JSONValue.string(member.name).text): "
                append(member.value, to: &text, indentation: inner)
            }
            text += "\n\(indentation)}"
        case .array(let elements) where !elements.isEmpty:
            text += "[\n"
            for (index, element) in elements.enumerated() {
                text += "\(index == 0 ? "" : ",\n")\(inner)"
                append(element, to: &text, indentation: inner)
            }
            text += "\n\(indentation)]"
        default:
            text += value.text
        }
    }
}
