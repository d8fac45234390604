extension Frame {
    /// A picture of the frame that any browser shows, a cell being 8.4 by 18 pixels. Everything in it is text of ours or escaped.
    package func svg(_ theme: Theme) -> String {
        let width = tenths(size.columns * 84), height = size.rows * 18
        var text =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" viewBox=\"0 0 \(width) \(height)\" "
            + "font-family=\"ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace\" font-size=\"14\">\n"
            + "<rect width=\"100%\" height=\"100%\" fill=\"\(hex(theme[.bg], theme))\"/>\n"
        for row in 0..<size.rows { addRow(row, theme, &text) }
        return text + "</svg>\n"
    }

    /// Runs of one style: surfaces first, so that no glyph is cut by its neighbour's.
    private func addRow(_ row: Int, _ theme: Theme, _ text: inout String) {
        let line = cells[row * size.columns..<(row + 1) * size.columns]
        var runs: [(columns: Range<Int>, style: UInt16, text: String)] = []
        for (column, cell) in line.enumerated() {
            let scalars = cell.width == 0 ? "" : String(String.UnicodeScalarView(atlas.scalars(of: cell.glyph)))
            if let last = runs.last, last.style == cell.style {
                runs[runs.count - 1].columns = last.columns.lowerBound..<column + 1
                runs[runs.count - 1].text += scalars
            } else {
                runs.append((column..<column + 1, cell.style, scalars))
            }
        }
        for run in runs {
            let fill = hex(colours(run.style, theme).background, theme)
            guard fill != hex(theme[.bg], theme) else { continue }
            text +=
                "<rect x=\"\(tenths(run.columns.lowerBound * 84))\" y=\"\(row * 18)\" width=\"\(tenths(run.columns.count * 84))\" height=\"18\" fill=\"\(fill)\"/>\n"
        }
        for run in runs where run.text.contains(where: { $0 != " " }) {
            let attributes = atlas.style(run.style).attributes
            // Words apart: a browser whose font is a little wider must not shift what follows.
            for (offset, word) in words(run.text) {
                let escaped = word.map { $0 == "<" ? "&lt;" : $0 == ">" ? "&gt;" : $0 == "&" ? "&amp;" : String($0) }.joined()
                text +=
                    "<text x=\"\(tenths((run.columns.lowerBound + offset) * 84))\" y=\"\(row * 18 + 14)\" fill=\"\(hex(colours(run.style, theme).foreground, theme))\""
                text += " textLength=\"\(tenths(displayWidth(word) * 84))\" lengthAdjust=\"spacingAndGlyphs\""
                if attributes.contains(.bold) { text += " font-weight=\"bold\"" }
                if attributes.contains(.italic) { text += " font-style=\"italic\"" }
                if attributes.contains(.underline) { text += " text-decoration=\"underline\"" }
                text += ">\(escaped)</text>\n"
            }
        }
    }

    /// What stands between spaces, with the cells before it.
    private func words(_ text: String) -> [(Int, String)] {
        var found: [(Int, String)] = []
        var column = 0, isOpen = false
        for character in text {
            if character == " " {
                isOpen = false
            } else if isOpen {
                found[found.count - 1].1.append(character)
            } else {
                found.append((column, String(character)))
                isOpen = true
            }
            column += displayWidth(String(character))
        }
        return found
    }

    private func colours(_ number: UInt16, _ theme: Theme) -> (foreground: Colour, background: Colour) {
        let style = atlas.style(number)
        let (front, back) = (theme.colour(style.foreground), theme.colour(style.background))
        return style.attributes.contains(.reverse) ? (back, front) : (front, back)
    }

    private func hex(_ colour: Colour, _ theme: Theme) -> String {
        let (red, green, blue) = theme.colour(colour).components(dark: theme.isDark)
        return "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// A number of tenths, written with a point.
    private func tenths(_ value: Int) -> String { value % 10 == 0 ? "\(value / 10)" : "\(value / 10).\(value % 10)" }
}
