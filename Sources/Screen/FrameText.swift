extension Frame {
    /// The frame as text: a line a row, `|` at each row's end, so that trailing spaces are seen. For goldens.
    package var text: String {
        var scalars = String.UnicodeScalarView()
        for row in 0..<size.rows {
            for cell in cells[row * size.columns..<(row + 1) * size.columns] where cell.width > 0 {
                scalars.append(contentsOf: atlas.scalars(of: cell.glyph))
            }
            scalars.append(contentsOf: "|\n".unicodeScalars)
        }
        return String(scalars)
    }

    /// The same with marks where the style changes: `{accent+bold on panel:…}`; the plain style (`text` on `bg`) has none.
    package var styledText: String {
        var result = ""
        for row in 0..<size.rows {
            var current: UInt16 = 0
            for column in 0..<size.columns {
                let cell = cells[row * size.columns + column]
                if cell.width == 0 { continue }
                if cell.style != current {
                    if current != 0 { result += "}" }
                    current = cell.style
                    if current != 0 { result += "{" + atlas.style(current).mark + ":" }
                }
                result.unicodeScalars.append(contentsOf: atlas.scalars(of: cell.glyph))
            }
            result += current == 0 ? "|\n" : "}|\n"
        }
        return result
    }

    /// One row as text, without the trailing spaces.
    package func line(_ row: Int) -> String {
        var scalars = String.UnicodeScalarView()
        guard row >= 0, row < size.rows else { return "" }
        for cell in cells[row * size.columns..<(row + 1) * size.columns] where cell.width > 0 {
            scalars.append(contentsOf: atlas.scalars(of: cell.glyph))
        }
        while scalars.last == " " { scalars.removeLast() }
        return String(scalars)
    }
}

extension Style {
    /// `accent+bold on panel`; the background is left out when it is `bg`.
    package var mark: String {
        var text = foreground.mark
        for (attribute, name) in Attributes.names where attributes.contains(attribute) { text += "+" + name }
        if background != .token(.bg) { text += " on " + background.mark }
        return text
    }
}

extension Colour {
    var mark: String {
        switch self {
        case .default: "default"
        case .token(let token): token.rawValue
        case .rgb(let value): "#" + hex(value)
        case .ansi(let number): "ansi\(number)"
        }
    }
}

extension Attributes {
    static let names: [(Attributes, String)] = [
        (.bold, "bold"), (.dim, "dim"), (.italic, "italic"), (.underline, "underline"), (.reverse, "reverse"), (.strike, "strike"),
    ]
}

/// Six hexadecimal digits.
func hex(_ value: UInt32) -> String {
    let digits = String(value & 0xFF_FFFF, radix: 16)
    return String(repeating: "0", count: 6 - digits.count) + digits
}
