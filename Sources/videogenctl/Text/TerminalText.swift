/// Makes text from elsewhere safe to show.
enum TerminalText {
    /// The text on one line: white space becomes single blanks, and what could steer a terminal is left out.
    static func oneLine(_ text: String) -> String {
        var result = ""
        var pendingBlank = false
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace {
                pendingBlank = !result.isEmpty
                continue
            }
            guard !steersTerminal(scalar) else { continue }
            if pendingBlank {
                result.append(" ")
                pendingBlank = false
            }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    /// The text's lines, what could steer a terminal left out.
    static func lines(_ text: String) -> [String] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line in
            var result = ""
            for scalar in line.unicodeScalars {
                if scalar == "\t" {
                    result.append(" ")
                } else if !steersTerminal(scalar) {
                    result.unicodeScalars.append(scalar)
                }
            }
            return result
        }
    }

    /// Control characters, and the marks that turn the direction of writing around.
    private static func steersTerminal(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
