/// How wide a text is on a terminal, in cells.
enum Cells {
    static func width(of text: String) -> Int {
        var count = 0
        for byte in text.utf8 {
            guard byte < 0x80 else { return text.reduce(0) { $0 + width(of: $1) } }
            count += 1
        }
        return count
    }

    /// A cluster takes the cells of its widest part.
    private static func width(of character: Character) -> Int {
        character.unicodeScalars.reduce(0) { max($0, width(of: $1)) }
    }

    private static func width(of scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x20...0x7E: return 1
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default:
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark, .format, .control: return 0
            default: return 1
            }
        }
    }

    /// At most so many cells; what was cut is shown by `mark`.
    static func cut(_ text: String, to limit: Int, mark: String = "…") -> String {
        guard width(of: text) > limit else { return text }
        let room = limit - width(of: mark)
        guard room >= 0 else { return "" }
        var result = "", used = 0
        for character in text {
            let cells = width(of: character)
            guard used + cells <= room else { break }
            result.append(character)
            used += cells
        }
        return result + mark
    }

    static func pad(_ text: String, to cells: Int) -> String { text + String(repeating: " ", count: max(0, cells - width(of: text))) }
}

/// Text of strangers (agents, files, servers) on its way to a terminal: shown, never obeyed.
enum Visible {
    /// On one line: control characters as `^[`, line ends as `⏎`, what turns the direction of writing as its number.
    static func line(_ text: String, unicode: Bool = true) -> String { convert(text) { $0 == "\n" ? (unicode ? "⏎" : "^J") : nil } }

    /// With its lines and tabs; a carriage return before a line end goes.
    static func block(_ text: String) -> String {
        convert(text.utf8.contains(0x0D) ? text.replacing("\r\n", with: "\n") : text) { $0 == "\n" || $0 == "\t" ? String($0) : nil }
    }

    private static func convert(_ text: String, _ special: (Unicode.Scalar) -> String?) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if let replacement = special(scalar) {
                result += replacement
            } else if isHarmless(scalar) {
                result.unicodeScalars.append(scalar)
            } else {
                result += sign(of: scalar)
            }
        }
        return result
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: false
        // Marks that turn, isolate or hide text, and the byte order mark.
        case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x206F, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE007F: false
        default: true
        }
    }

    private static func sign(of scalar: Unicode.Scalar) -> String {
        switch scalar.value {
        case 0..<0x20: "^" + String(UnicodeScalar(UInt8(scalar.value + 0x40)))
        case 0x7F: "^?"
        default: "<" + String(scalar.value, radix: 16, uppercase: true) + ">"
        }
    }
}
