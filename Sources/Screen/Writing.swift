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
        if let plain = placePlain(text, at: point, paint, room: room, ellipsis: ellipsis) {
            used = plain
        } else if ellipsis, text.utf8.count > room, displayWidth(text, atMost: room) > room {
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
        if room == 0 { return 0 }
        var column = point.column
        // No text takes more cells than it has bytes.
        if !ellipsis || spans.reduce(0, { $0 + $1.text.utf8.count }) <= room {
            for span in spans where room > 0 {
                let used = put(span, at: Point(column, point.row), room: room)
                column += used
                room -= used
            }
            return column - point.column
        }
        var left = spans.width
        for span in spans where room > 0 {
            let mine = span.width
            // The ellipsis stands where the line is cut, which may be the end of a span that would just fit.
            let cut = left > room && mine >= room
            let used = put(span, at: Point(column, point.row), room: cut ? room - 1 : room)
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

    private mutating func put(_ span: Span, at point: Point, room: Int) -> Int {
        let used = placePlain(span.text, at: point, span.paint, room: room, ellipsis: false) ?? place(span.text, at: point, span.paint, room: room)
        if let target = span.link { link(Rect(point.column, point.row, used, 1), target) }
        return used
    }

    /// Writes text that ends just before column `right`; returns the cells used. What is longer than `maxWidth` is cut at its end.
    @discardableResult
    package mutating func writeRight(_ text: String, endingAt right: Int, row: Int, _ paint: Paint = .muted, maxWidth: Int = .max) -> Int {
        let wide = min(displayWidth(text), max(0, maxWidth))
        return write(text, at: Point(right - wide, row), paint, maxWidth: wide, ellipsis: true)
    }

    @discardableResult
    package mutating func writeRight(_ spans: [Span], endingAt right: Int, row: Int, maxWidth: Int = .max) -> Int {
        let wide = min(spans.width, max(0, maxWidth))
        return write(spans, at: Point(right - wide, row), maxWidth: wide, ellipsis: true)
    }

    /// Glyphs into cells until `room` is used up.
    private mutating func place(_ text: String, at point: Point, _ paint: Paint, room: Int) -> Int {
        guard room > 0, point.row >= clip.row, point.row < clip.bottom else { return min(max(0, room), displayWidth(text, atMost: max(0, room))) }
        if let sign = singleSign(text) {
            put(sign, width: 1, column: point.column, row: point.row, paint)
            return 1
        }
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

    /// Plain ASCII as far as it is seen: no glyph is looked at twice and the style is asked for once. Nil for any other text.
    private mutating func placePlain(_ text: String, at point: Point, _ paint: Paint, room: Int, ellipsis: Bool) -> Int? {
        text.utf8.withContiguousStorageIfAvailable { bytes -> Int? in
            let isCut = bytes.count > room
            guard isPlain(bytes, isCut ? room + 1 : bytes.count) else { return nil }
            let used = isCut ? room : bytes.count
            let first = max(point.column, clip.column), end = min(point.column + used, clip.right)
            guard first < end, point.row >= clip.row, point.row < clip.bottom else { return used }
            stamp(row: point.row, first..<end, paint) { UInt32(bytes[$0 - point.column]) }
            if isCut, ellipsis { cells[point.row * size.columns + end - 1].glyph = 0x2026 }
            return used
        } ?? nil
    }

    /// One narrow glyph a cell, all in one paint.
    @inline(__always)
    mutating func stamp(row: Int, _ columns: Range<Int>, _ paint: Paint, _ glyph: (Int) -> UInt32) {
        let start = row * size.columns
        if cells[start + columns.lowerBound].width != 1 || cells[start + columns.upperBound - 1].width != 1 {
            freeHalves(row: row, from: columns.lowerBound, to: columns.upperBound)
        }
        let atlas = atlas
        cells.withUnsafeMutableBufferPointer { cells in
            var surface = cells[start + columns.lowerBound].style
            var style = atlas.number(of: paint, over: surface)
            for column in columns {
                let old = cells[start + column].style
                if old != surface {
                    surface = old
                    style = atlas.number(of: paint, over: old)
                }
                cells[start + column] = Cell(glyph: glyph(column), style: style, width: 1)
            }
        }
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

/// The only scalar of a text if it is a narrow one: the signs and bars that most rows begin with.
private func singleSign(_ text: String) -> UInt32? {
    let count = text.utf8.count
    guard count == 2 || count == 3 else { return nil }
    return text.utf8.withContiguousStorageIfAvailable { bytes -> UInt32? in
        let first = UInt32(bytes[0]), second = UInt32(bytes[1] & 0x3F)
        let value: UInt32
        if count == 2, first >= 0xC0, first < 0xE0 {
            value = (first & 0x1F) << 6 | second
        } else if count == 3, first >= 0xE0, first < 0xF0 {
            value = (first & 0x0F) << 12 | second << 6 | UInt32(bytes[2] & 0x3F)
        } else {
            return nil
        }
        guard let scalar = Unicode.Scalar(value), scalarKind(scalar) == .narrow else { return nil }
        return value
    } ?? nil
}
