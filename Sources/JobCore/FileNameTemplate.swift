/// The template of a published file's name (CONTRACT section 2, `output.file_name`).
///
/// `{date} {time} {model} {label} {id} {owner}` are replaced; `/` makes subdirectories; what could leave the output
/// directory or trouble a shell is replaced by `_`.
public struct FileNameTemplate: Hashable, Sendable {
    /// The template's text.
    public let text: String

    /// The placeholders that are known.
    public static let placeholders = ["date", "time", "model", "label", "id", "owner"]

    /// The longest path component in bytes that a name can have before its suffixes and extension.
    private static let maximumComponentBytes = 255
    /// Room for `.json`, `.webm`, and a number behind the chosen name.
    private static let reservedBytes = 24

    /// Checks a template.
    ///
    /// - Parameter text: The template, with or without a final `.mp4`.
    /// - Throws: `JobFault` `params.invalid` that names what is wrong.
    public init(_ text: String) throws(JobFault) {
        func fault(_ what: String) -> JobFault {
            JobFault(
                .paramsInvalid,
                "file name template '\(text)' \(what)",
                field: "file_name",
                hint: "for example '{date}-{model}-{id}.mp4'"
            )
        }
        guard !text.isEmpty, text.utf8.count <= 1024 else { throw fault("must have 1 to 1024 bytes") }
        guard !text.hasPrefix("/") else { throw fault("must be relative to the output directory") }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw fault("holds a control character")
        }
        for component in text.split(separator: "/", omittingEmptySubsequences: false) {
            guard !component.isEmpty else { throw fault("has an empty path component") }
            guard component != ".", component != ".." else { throw fault("holds '\(component)'") }
        }
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else {
                throw fault("has a '{' without a '}'")
            }
            let name = rest[rest.index(after: open)..<close]
            guard Self.placeholders.contains(String(name)) else {
                throw fault("has the unknown placeholder '{\(name)}'")
            }
            rest = rest[rest.index(after: close)...]
        }
        self.text = text
    }

    /// Takes a template that was checked when the job was accepted.
    init(unchecked text: String) {
        self.text = text
    }

    /// The name for a job, relative to the output directory, without extension.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - suffix: What follows the name, for several videos, late runs and taken names.
    /// - Returns: One or more safe path components, separated by `/`.
    public func name(of job: Job, suffix: String = "") -> String {
        let time = CivilTime(job.createdAt)
        let values: [String: String] = [
            "date": "\(time.year.padded(4))-\(time.month.padded(2))-\(time.day.padded(2))",
            "time": "\(time.hour.padded(2))\(time.minute.padded(2))\(time.second.padded(2))",
            "model": job.request.model,
            "label": job.label ?? "",
            "id": job.id.description,
            "owner": job.owner.user ?? String(job.owner.uid),
        ]
        // Each value is put in once: what looks like a placeholder inside a value stays as it is.
        var components = text.split(separator: "/").map { component in
            var expanded = ""
            var rest = component[...]
            while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
                expanded += rest[..<open]
                expanded += Self.safe(values[String(rest[rest.index(after: open)..<close])] ?? "")
                rest = rest[rest.index(after: close)...]
            }
            return Self.safe(expanded + rest)
        }
        var last = components.popLast() ?? ""
        for ending in [".mp4", ".webm"] where last.lowercased().hasSuffix(ending) {
            last.removeLast(ending.count)
        }
        if last.isEmpty {
            last = job.id.description
        }
        // A placeholder without a value makes no directory.
        components = components.filter { !$0.isEmpty }.map { Self.cut($0, to: Self.maximumComponentBytes) }
        let room = Self.maximumComponentBytes - Self.reservedBytes - suffix.utf8.count
        components.append(Self.cut(last, to: room) + suffix)
        return components.joined(separator: "/")
    }

    /// Replaces what a path component must not hold, and leading dots, which hide files.
    private static func safe(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "/", "\\", "\"", "'", "`", "$", ":", "*", "?", "<", ">", "|", "&", ";", "\u{7F}":
                scalars.append("_")
            case "\0"..<" ": scalars.append("_")
            default: scalars.append(scalar)
            }
        }
        // By scalars: a dot with an accent behind it is one character, and hides a file like a plain one.
        if let first = scalars.first, [".", "-", " "].contains(first) {
            scalars.replaceSubrange(scalars.startIndex...scalars.startIndex, with: ["_"])
        }
        return String(scalars)
    }

    private static func cut(_ text: String, to bytes: Int) -> String {
        guard text.utf8.count > bytes else { return text }
        // By scalars: one long grapheme must not leave an empty name.
        var result = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            count += UTF8.width(scalar)
            if count > bytes { break }
            result.append(scalar)
        }
        return String(result)
    }
}
