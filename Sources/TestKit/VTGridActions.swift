import Screen

extension VTGrid {
    mutating func perform(_ action: VTAction) {
        switch action {
        case .print(let scalar): print(scalar)
        case .control(let byte): control(byte)
        case .escape(let intermediates, let final): escape(intermediates, final)
        case .csi(let marker, let values, let intermediates, let final): csi(marker, values, intermediates, final)
        case .osc(let text): osc(text)
        case .dcs(let text): errors.append("DCS \(text)")
        case .broken(let bytes): errors.append("broken \(bytes)")
        }
    }

    private mutating func print(_ scalar: Unicode.Scalar) {
        var width = 0
        scalarWidth(scalar, &width)
        lastPrinted = scalar
        if width == 0 {
            let index = cursor.row * size.columns + (wrapPending ? cursor.column : max(0, cursor.column - 1))
            let target = cells[index].width == 0 ? index - 1 : index
            cells[target].text.unicodeScalars.append(scalar)
            return
        }
        if wrapPending || cursor.column + width > size.columns {
            cursor.column = 0
            wrapPending = false
            lineFeed()
        }
        let index = cursor.row * size.columns + cursor.column
        free(index)
        if width == 2 { free(index + 1) }
        cells[index] = Cell(text: String(scalar), width: width, style: style, link: link)
        if width == 2 { cells[index + 1] = Cell(text: "", width: 0, style: style, link: link) }
        cursor.column += width
        if cursor.column >= size.columns {
            cursor.column = size.columns - 1
            wrapPending = true
        }
    }

    /// The other half of a wide character that is written over becomes a space.
    private mutating func free(_ index: Int) {
        if cells[index].width == 0, index > 0 { cells[index - 1] = Cell(style: cells[index - 1].style) }
        if cells[index].width == 2, index + 1 < cells.count { cells[index + 1] = Cell(style: cells[index + 1].style) }
    }

    private mutating func control(_ byte: UInt8) {
        switch byte {
        case 0x07: bells += 1
        case 0x08: move(to: Point(cursor.column - 1, cursor.row))
        case 0x0A, 0x0B, 0x0C: lineFeed()
        case 0x0D: move(to: Point(0, cursor.row))
        case 0x09: move(to: Point((cursor.column / 8 + 1) * 8, cursor.row))
        case 0x00, 0x0E, 0x0F: break
        default: errors.append("control \(byte)")
        }
    }

    private mutating func lineFeed() {
        wrapPending = false
        if cursor.row == region.upperBound - 1 {
            scroll(region, by: 1)
        } else if cursor.row < size.rows - 1 {
            cursor.row += 1
        }
    }

    private var blank: Cell {
        Cell(style: erasesWithColour ? Style(foreground: .default, background: style.background) : Self.plain)
    }

    /// Up by `count` rows; down when it is negative.
    private mutating func scroll(_ rows: Range<Int>, by count: Int) {
        let before = cells
        for row in rows {
            let from = row + count
            for column in 0..<size.columns {
                cells[row * size.columns + column] = rows.contains(from) ? before[from * size.columns + column] : blank
            }
        }
    }

    private mutating func move(to point: Point) {
        wrapPending = false
        cursor = Point(max(0, min(size.columns - 1, point.column)), max(0, min(size.rows - 1, point.row)))
    }

    private mutating func erase(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        free(range.lowerBound)
        free(range.upperBound - 1)
        for index in range { cells[index] = blank }
    }

    private mutating func escape(_ intermediates: [UInt8], _ final: UInt8) {
        switch (intermediates.first, final) {
        case (nil, UInt8(ascii: "7")): savedCursor = (cursor, style)
        case (nil, UInt8(ascii: "8")): (cursor, style) = savedCursor
        case (nil, UInt8(ascii: "D")): lineFeed()
        case (nil, UInt8(ascii: "E")):
            move(to: Point(0, cursor.row))
            lineFeed()
        case (nil, UInt8(ascii: "M")):
            if cursor.row == region.lowerBound { scroll(region, by: -1) } else { move(to: Point(cursor.column, cursor.row - 1)) }
        case (nil, UInt8(ascii: "c")): self = VTGrid(size, modern: isModern)
        case (nil, UInt8(ascii: "=")), (nil, UInt8(ascii: ">")), (nil, UInt8(ascii: "\\")): break
        case (UInt8(ascii: "("), _), (UInt8(ascii: ")"), _): break
        default: errors.append("ESC \(intermediates) \(Character(Unicode.Scalar(final)))")
        }
    }

    private mutating func csi(_ marker: UInt8, _ values: [[Int?]], _ intermediates: [UInt8], _ final: UInt8) {
        let first = values[0][0]
        if marker != 0 || !intermediates.isEmpty {
            privateSequence(marker, values, intermediates, final)
            return
        }
        let count = max(1, first ?? 1)
        let row = cursor.row * size.columns
        let index = row + cursor.column
        let end = row + size.columns
        switch final {
        case UInt8(ascii: "A"): move(to: Point(cursor.column, cursor.row - count))
        case UInt8(ascii: "B"), UInt8(ascii: "e"): move(to: Point(cursor.column, cursor.row + count))
        case UInt8(ascii: "C"), UInt8(ascii: "a"): move(to: Point(cursor.column + count, cursor.row))
        case UInt8(ascii: "D"): move(to: Point(cursor.column - count, cursor.row))
        case UInt8(ascii: "E"): move(to: Point(0, cursor.row + count))
        case UInt8(ascii: "F"): move(to: Point(0, cursor.row - count))
        case UInt8(ascii: "G"), UInt8(ascii: "`"): move(to: Point(count - 1, cursor.row))
        case UInt8(ascii: "d"): move(to: Point(cursor.column, count - 1))
        case UInt8(ascii: "H"), UInt8(ascii: "f"): move(to: Point(max(1, (values.count > 1 ? values[1][0] : nil) ?? 1) - 1, count - 1))
        case UInt8(ascii: "J"):
            let ranges = [0: index..<cells.count, 1: 0..<index + 1, 2: 0..<cells.count, 3: 0..<0]
            erase(ranges[first ?? 0] ?? 0..<0)
        case UInt8(ascii: "K"):
            let ranges = [0: index..<end, 1: row..<index + 1, 2: row..<end]
            erase(ranges[first ?? 0] ?? 0..<0)
        case UInt8(ascii: "X"): erase(index..<min(end, index + count))
        case UInt8(ascii: "P"), UInt8(ascii: "@"): shift(final == UInt8(ascii: "P") ? count : -count, from: index, to: end)
        case UInt8(ascii: "L"), UInt8(ascii: "M"):
            if region.contains(cursor.row) { scroll(cursor.row..<region.upperBound, by: final == UInt8(ascii: "M") ? count : -count) }
        case UInt8(ascii: "S"): scroll(region, by: count)
        case UInt8(ascii: "T"): scroll(region, by: -count)
        case UInt8(ascii: "b"): for _ in 0..<count { if let lastPrinted { print(lastPrinted) } }
        case UInt8(ascii: "r"):
            let bottom = (values.count > 1 ? values[1][0] : nil) ?? size.rows
            region = max(0, count - 1)..<max(count, min(size.rows, bottom))
            move(to: Point(0, 0))
        case UInt8(ascii: "m"): sgr(values)
        case UInt8(ascii: "c"): replies += Array("\u{1B}[?62;22c".utf8)
        case UInt8(ascii: "n") where first == 6: replies += Array("\u{1B}[\(cursor.row + 1);\(cursor.column + 1)R".utf8)
        case UInt8(ascii: "t"): windowSequence(values)
        case UInt8(ascii: "h"), UInt8(ascii: "l"):
            if first != 4 && first != 34 { errors.append("mode \(first ?? 0)") }
        default: errors.append("CSI \(values) \(Character(Unicode.Scalar(final)))")
        }
    }

    /// Characters of a line to the left (`count` > 0) or to the right.
    private mutating func shift(_ count: Int, from: Int, to end: Int) {
        let before = cells
        for index in from..<end {
            cells[index] = (from..<end).contains(index + count) ? before[index + count] : blank
        }
        wrapPending = false
    }

    private mutating func windowSequence(_ values: [[Int?]]) {
        switch values[0][0] {
        case 22: titles.append(title)
        case 23: if let last = titles.popLast() { title = last }
        default: errors.append("window \(values)")
        }
    }

    private mutating func osc(_ text: String) {
        let parts = text.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
        switch (parts.first, parts.count > 1 ? parts[1] : "") {
        case ("0", let value), ("2", let value): title = String(value)
        case ("10", "?"): replies += Array("\u{1B}]10;rgb:d8d8/dede/eaea\u{1B}\\".utf8)
        case ("11", "?"): replies += Array("\u{1B}]11;rgb:1010/1313/1919\u{1B}\\".utf8)
        // Parameters, then the address.
        case ("8", let value): link = value.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first.map(String.init) ?? ""
        default: commands.append(text)
        }
    }

    private mutating func privateSequence(_ marker: UInt8, _ values: [[Int?]], _ intermediates: [UInt8], _ final: UInt8) {
        let first = values[0][0] ?? 0
        switch (marker, intermediates.first, final) {
        case (UInt8(ascii: "?"), nil, UInt8(ascii: "h")), (UInt8(ascii: "?"), nil, UInt8(ascii: "l")):
            for value in values { setMode(value[0] ?? 0, final == UInt8(ascii: "h")) }
        case (UInt8(ascii: "?"), UInt8(ascii: "$"), UInt8(ascii: "p")):
            if isModern { replies += Array("\u{1B}[?\(first);\(first == 2026 ? 2 : 0)$y".utf8) }
        case (UInt8(ascii: "?"), nil, UInt8(ascii: "u")):
            if isModern { replies += Array("\u{1B}[?\(keyboardFlags.last ?? 0)u".utf8) }
        case (UInt8(ascii: ">"), nil, UInt8(ascii: "u")): keyboardFlags.append(first)
        case (UInt8(ascii: "<"), nil, UInt8(ascii: "u")): _ = keyboardFlags.popLast()
        case (0, UInt8(ascii: " "), UInt8(ascii: "q")): cursorShape = first
        case (UInt8(ascii: ">"), nil, UInt8(ascii: "q")): replies += Array("\u{1B}P>|VTGrid\u{1B}\\".utf8)
        case (UInt8(ascii: "?"), nil, UInt8(ascii: "c")): break  // the Linux console's cursor
        case (0, UInt8(ascii: "!"), UInt8(ascii: "p")): style = Self.plain
        default: errors.append("CSI \(marker) \(values) \(intermediates) \(Character(Unicode.Scalar(final)))")
        }
    }

    private mutating func setMode(_ mode: Int, _ on: Bool) {
        if on { privateModes.insert(mode) } else { privateModes.remove(mode) }
        switch mode {
        case 25: cursorVisible = on
        case 1049:
            if on, otherScreen == nil {
                otherScreen = (cells, cursor)
                cells = Array(repeating: Cell(), count: cells.count)
            } else if !on, let other = otherScreen {
                (cells, cursor) = other
                otherScreen = nil
            }
        case 1, 7, 12, 1000, 1002, 1003, 1004, 1006, 1034, 2004, 2026: break
        default: errors.append("mode ?\(mode)")
        }
    }

    private mutating func sgr(_ values: [[Int?]]) {
        var rest = values[...]
        while let value = rest.popFirst() {
            switch value[0] ?? 0 {
            case 0: style = Self.plain
            case 1: style.attributes.insert(.bold)
            case 2: style.attributes.insert(.dim)
            case 3: style.attributes.insert(.italic)
            case 4: style.attributes.insert(.underline)
            case 7: style.attributes.insert(.reverse)
            case 9: style.attributes.insert(.strike)
            case 22: style.attributes.subtract([.bold, .dim])
            case 23: style.attributes.remove(.italic)
            case 24: style.attributes.remove(.underline)
            case 27: style.attributes.remove(.reverse)
            case 29: style.attributes.remove(.strike)
            case let code where (30...37).contains(code): style.foreground = .ansi(UInt8(code - 30))
            case let code where (40...47).contains(code): style.background = .ansi(UInt8(code - 40))
            case let code where (90...97).contains(code): style.foreground = .ansi(UInt8(code - 82))
            case let code where (100...107).contains(code): style.background = .ansi(UInt8(code - 92))
            case 38: if let colour = extendedColour(&rest) { style.foreground = colour }
            case 48: if let colour = extendedColour(&rest) { style.background = colour }
            case 39: style.foreground = .default
            case 49: style.background = .default
            case let code: errors.append("SGR \(code)")
            }
        }
    }

    private mutating func extendedColour(_ rest: inout ArraySlice<[Int?]>) -> Colour? {
        let numbers = rest.prefix(4).map { $0[0] ?? 0 }
        if numbers.first == 5, numbers.count > 1 {
            rest = rest.dropFirst(2)
            return .ansi(UInt8(truncatingIfNeeded: numbers[1]))
        }
        if numbers.first == 2, numbers.count > 3 {
            rest = rest.dropFirst(4)
            return .rgb(UInt32(numbers[1] << 16 | numbers[2] << 8 | numbers[3]))
        }
        errors.append("SGR 38/48 \(numbers)")
        return nil
    }

    private func scalarWidth(_ scalar: Unicode.Scalar, _ width: inout Int) {
        width = isCombining(scalar) ? 0 : displayWidth(String(scalar))
    }

    /// Marks are drawn over the character before them. (`displayWidth` shows a lone one as a dot.)
    private func isCombining(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: true
        default: (0x1160...0x11FF).contains(scalar.value)
        }
    }
}
