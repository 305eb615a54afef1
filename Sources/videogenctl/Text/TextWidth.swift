/// How many columns of a terminal a text takes.
enum TextWidth {
    /// The columns of a text without control characters.
    static func columns(of text: String) -> Int {
        var columns = 0
        for character in text {
            columns += self.columns(of: character)
        }
        return columns
    }

    /// The columns of one character as people see it, whatever it is made of.
    static func columns(of character: Character) -> Int {
        // By far the most common case, and all of it is one column wide.
        if character.isASCII {
            return 1
        }
        var widest = 0
        for scalar in character.unicodeScalars {
            // The emoji presentation selector makes a symbol as wide as an emoji.
            if scalar == "\u{FE0F}" {
                return 2
            }
            widest = max(widest, columns(of: scalar))
        }
        return widest
    }

    private static func columns(of scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        case .format: return scalar == "\u{AD}" ? 1 : 0
        default: break
        }
        return scalar.properties.isEmojiPresentation || isWide(scalar.value) ? 2 : 1
    }

    /// Whether East Asian Width is W or F (Unicode Standard Annex 11), emoji left to their own property.
    private static func isWide(_ value: UInt32) -> Bool {
        guard value >= 0x1100 else { return false }
        return wide.contains { $0.contains(value) }
    }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60,
        0xFFE0...0xFFE6, 0x16FE0...0x18D8F, 0x1AFF0...0x1B2FF, 0x1F200...0x1F265, 0x20000...0x2FFFD,
        0x30000...0x3FFFD,
    ]

    /// The start of a text that fits, with an ellipsis where something was left out.
    static func truncated(_ text: String, to width: Int, ellipsis: String) -> String {
        guard columns(of: text) > width else { return text }
        let room = width - columns(of: ellipsis)
        guard room > 0 else { return String(text.prefix(max(0, width))) }
        var kept = ""
        var used = 0
        for character in text {
            let columns = columns(of: character)
            guard used + columns <= room else { break }
            kept.append(character)
            used += columns
        }
        return kept + ellipsis
    }
}
