import Glibc

/// Screens as they are wanted, in `Tests/EndToEndTests/Screens`; `VIDEOGEND_WRITE_SCREENS=1` writes them anew.
enum Screens {
    /// A captured screen with what differs from run to run made the same, in the same width.
    static func steady(_ lines: [String]) -> String {
        var text =
            lines.map { line in
                String(line.reversed().drop { $0 == " " }.reversed())
            }.joined(separator: "\n") + "\n"
        var names: [Substring: String] = [:]
        text.replace(#/\b0[0-9a-hjkmnp-tv-z]{15}\b/#.wordBoundaryKind(.simple)) { match in
            if names[match.output] == nil {
                names[match.output] = "job-\(names.count + 1)-id-id-id-id-id".prefix(16).description
            }
            return names[match.output] ?? ""
        }
        text.replace(#//tmp/vg-[A-Za-z0-9]{6}/#) { _ in "/tmp/vg-folder" }
        text.replace(#/\d{4}-\d{2}-\d{2}/#) { _ in "2026-01-01" }
        text.replace(#/\b\d:\d\d\b/#) { _ in "0:00" }
        text.replace(#/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/#) { _ in "⠋" }
        text.replace(#/[█░]{10} +\d+%/#) { _ in "█████░░░░░  50%" }
        text.replace(#/\d+%/#) { _ in "50%" }
        text.replace(#/\b[1-9]?\ds\b/#) { _ in "0s" }
        text.replace(#/  +0s/#) { _ in "  0s" }
        return text
    }

    /// Compares a screen with the one that is wanted.
    ///
    /// - Parameters:
    ///   - lines: What was captured.
    ///   - name: The file's name.
    /// - Returns: What differs; nothing when all is well.
    /// - Throws: When a screen cannot be written.
    static func difference(_ lines: [String], _ name: String) throws -> String? {
        let folder =
            "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false)
            .dropLast(2).joined(separator: "/") + "/Screens"
        let path = "\(folder)/\(name).txt"
        let seen = steady(lines)
        if getenv("VIDEOGEND_WRITE_SCREENS") != nil {
            mkdir(folder, 0o755)
            guard let file = fopen(path, "w") else { throw EndToEndError("\(path): errno \(errno)") }
            fputs(seen, file)
            fclose(file)
            return nil
        }
        let wanted = TestFolder.text(of: path)
        return seen == wanted ? nil : "\(name) shows\n\(seen)--- instead of\n\(wanted)---"
    }
}
