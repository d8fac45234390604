extension Frame {
    /// Writes one line of text from `point` to the right; returns the cells used.
    ///
    /// Nothing is cut in half: a wide character that does not fit becomes a space. Control characters and the like are replaced by
    /// visible ones (`Glyphs`). `maxWidth` is in cells; with `ellipsis` a text that is cut ends in `…`. With `pad` the rest up to `maxWidth` is
    /// filled with spaces.
    @discardableResult
    package mutating func write(
        _ text: String, at point: Point, _ paint: Paint = .text, maxWidth: Int = .max, ellipsis: Bool = false, pad: Bool = false
    ) -> Int {
        let room = max(0, min(maxWidth, clip.right - point.column))
        var used = 0
        if ellipsis, displayWidth(text, atMost: room) > room {
            used = place(text, at: point, paint, room: room - 1)
            if room > 0 {
                put(0x2026, width: 1, column: point.column + used, row: point.row, paint)
                used += 1
            }
        } else {
            used = place(text, at: point, paint, room: room)
        }
        while pad, used < room {
            put(0x20, width: 1, column: point.column + used, row: point.row, paint)
            used += 1
        }
        return used
    }

    /// Writes spans one after the other; returns the cells used.
    @discardableResult
    package mutating func write(_ spans: [Span], at point: Point, maxWidth: Int = .max, ellipsis: Bool = false) -> Int {
        var room = max(0, min(maxWidth, clip.right - point.column))
        var left = spans.width
        var column = point.column
        for span in spans where room > 0 {
            let mine = span.width
            // The ellipsis stands where the line is cut, which may be the end of a span that would just fit.
            let cut = ellipsis && left > room && mine >= room
            let used = place(span.text, at: Point(column, point.row), span.paint, room: cut ? room - 1 : room)
            column += used
            room -= used
            left -= mine
            if cut {
                put(0x2026, width: 1, column: column, row: point.row, span.paint)
                column += 1
                break
            }
        }
        return column - point.column
    }

    /// Writes text that ends just before column `right`; returns the cells used. What is longer than `maxWidth` is cut at its end.
    @discardableResult
    package mutating func writeRight(_ text: String, endingAt right: Int, row: Int, _ paint: Paint = .muted, maxWidth: Int = .max) -> Int {
        writeRight([Span(text, paint)], endingAt: right, row: row, maxWidth: maxWidth)
    }

    @discardableResult
    package mutating func writeRight(_ spans: [Span], endingAt right: Int, row: Int, maxWidth: Int = .max) -> Int {
        let wide = min(spans.width, max(0, maxWidth))
        return write(spans, at: Point(right - wide, row), maxWidth: wide, ellipsis: true)
    }

    /// Glyphs into cells until `room` is used up.
    private mutating func place(_ text: String, at point: Point, _ paint: Paint, room: Int) -> Int {
        guard room > 0, point.row >= clip.row, point.row < clip.bottom else { return min(max(0, room), displayWidth(text, atMost: max(0, room))) }
        var column = point.column
        let end = point.column + room
        forEachGlyph(in: text) { glyph in
            if column + glyph.width > end {
                if column < end, glyph.width == 2 {
                    put(0x20, width: 1, column: column, row: point.row, paint)
                    column += 1
                }
                return false
            }
            put(glyph.number(in: atlas), width: glyph.width, column: column, row: point.row, paint)
            column += glyph.width
            return true
        }
        return column - point.column
    }

    /// One glyph into its cell or two. A wide one half outside of the clip becomes a space.
    mutating func put(_ glyph: UInt32, width: Int, column: Int, row: Int, _ paint: Paint) {
        guard row >= clip.row, row < clip.bottom, column < clip.right, column + width > clip.column else { return }
        let start = row * size.columns
        if width == 2, column < clip.column || column + 1 >= clip.right {
            put(0x20, width: 1, column: column < clip.column ? column + 1 : column, row: row, paint)
            return
        }
        let index = start + column
        if cells[index].width != 1 || (width == 2 && cells[index + 1].width != 1) {
            freeHalves(row: row, from: column, to: column + width)
        }
        let style = atlas.number(of: paint, over: cells[index].style)
        cells[index] = Cell(glyph: glyph, style: style, width: UInt8(width))
        if width == 2 { cells[index + 1] = .rightHalf(style) }
    }
}
