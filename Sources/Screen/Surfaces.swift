extension Frame {
    /// Empties a rectangle: spaces on `background`.
    package mutating func clear(_ rect: Rect, _ background: Token = .bg) {
        fill(rect, Style(background: .token(background)))
    }

    /// Fills a rectangle with one character (a space unless told) in one style.
    package mutating func fill(_ rect: Rect, _ style: Style, with character: Unicode.Scalar = " ") {
        let area = rect.intersection(clip)
        guard !area.isEmpty else { return }
        let cell = Cell(glyph: character.value, style: atlas.number(of: style), width: 1)
        for row in area.row..<area.bottom {
            freeHalves(row: row, from: area.column, to: area.right)
            let start = row * size.columns
            cells.withUnsafeMutableBufferPointer { $0[start + area.column..<start + area.right].update(repeating: cell) }
        }
    }

    /// Takes a rectangle over from another frame of the same size and atlas, where it begins in row `row`.
    package mutating func copy(_ rect: Rect, from other: Frame, row: Int) {
        precondition(other.size == size && other.atlas === atlas, "Only frames of the same size and atlas share cells.")
        let area = rect.intersection(clip)
        guard area == rect, !area.isEmpty else { return }
        let columns = size.columns
        other.cells.withUnsafeBufferPointer { source in
            cells.withUnsafeMutableBufferPointer { target in
                for line in 0..<area.rows {
                    let from = (row + line) * columns + area.column, to = (area.row + line) * columns + area.column
                    _ = UnsafeMutableBufferPointer(rebasing: target[to..<to + area.columns]).update(fromContentsOf: source[from..<from + area.columns])
                }
            }
        }
    }

    /// Gives what is there another background; text, colours and attributes stay.
    package mutating func restyle(_ rect: Rect, background: Token) {
        restyle(rect) { $0.background = .token(background) }
    }

    /// Changes the styles of what is there. Both halves of a wide character look like its left one.
    package mutating func restyle(_ rect: Rect, _ change: (inout Style) -> Void) {
        let area = rect.intersection(clip)
        guard !area.isEmpty else { return }
        var known: (from: UInt16, to: UInt16)?
        for row in area.row..<area.bottom {
            let start = row * size.columns
            for index in start + area.column..<start + area.right where cells[index].width > 0 {
                let old = cells[index].style
                if known?.from != old {
                    var style = atlas.style(old)
                    change(&style)
                    known = (old, atlas.number(of: style))
                }
                guard let new = known?.to else { continue }
                cells[index].style = new
                if cells[index].width == 2 { cells[index + 1].style = new }
            }
        }
    }

    /// Steps back behind a dialog: no weights, no states, two surfaces.
    package mutating func dim(_ rect: Rect? = nil) {
        restyle(rect ?? bounds) { style in
            if style.foreground != .token(.line) { style.foreground = .token(.faint) }
            if style.background != .token(.panel) { style.background = .token(.bg) }
            style.attributes = []
        }
    }

    /// A thin upright bar (`▌`) along the left side of `rect`: selection, cards. ASCII terminals show `|`.
    package mutating func bar(_ rect: Rect, _ foreground: Token) {
        for row in rect.row..<rect.bottom { write("▌", at: Point(rect.column, row), Paint(foreground)) }
    }

    /// A horizontal rule.
    package mutating func rule(_ rect: Rect, _ foreground: Token = .line, with character: Unicode.Scalar = "─") {
        let area = rect.line(0).intersection(clip)
        if !area.isEmpty { stamp(row: area.row, area.column..<area.right, Paint(foreground)) { _ in character.value } }
    }

    /// An upright rule.
    package mutating func upright(column: Int, from row: Int, rows: Int, _ foreground: Token = .line) {
        for row in row..<row + max(0, rows) {
            put(0x2502, width: 1, column: column, row: row, Paint(foreground))
        }
    }

    /// Writing over one half of a wide character leaves a space in place of the other.
    mutating func freeHalves(row: Int, from: Int, to: Int) {
        let start = row * size.columns
        if cells[start + from].width == 0, from > 0 { cells[start + from - 1] = .space(cells[start + from - 1].style) }
        if to < size.columns, cells[start + to].width == 0 { cells[start + to] = .space(cells[start + to].style) }
    }
}
