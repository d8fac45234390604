import CTerm
import Screen

/// What a terminal draws with: numbers of colours (`Pens`) and attributes.
struct Rendition: Equatable {
    var foreground = 0
    var background = 0
    var attributes: Attributes = []

    /// Attributes that show on a space.
    static let onBlanks: Attributes = [.underline, .strike, .reverse]
    var showsOnBlanks: Bool { !attributes.isDisjoint(with: Self.onBlanks) }
}

/// What the terminal's description allows.
struct TerminalAbilities {
    /// False for terminals that may only know `0` for switching attributes off.
    var knowsOffCodes = true
    /// It has CHA.
    var addressesColumns = true
    /// It has ECH, and what is erased takes the background.
    var erases = true
    /// A character in the last cell of all would scroll the screen.
    var scrollsAtTheEnd = false
}

/// What the terminal has now, and the shortest way from there: colours, moves, text.
struct ScreenState {
    var able = TerminalAbilities()
    /// Numbers of colours.
    var colours: [Colour] = [.default]
    /// Where links lead, by their numbers; empty: this terminal knows none.
    var links: [String] = []
    /// Nil when we cannot know.
    private(set) var rendition: Rendition?
    /// Where the cursor is, from 0, as far as that is known.
    var row: Int?
    var column: Int?

    /// Somebody else may have written to the terminal.
    mutating func forget() {
        rendition = nil
        row = nil
        column = nil
    }

    // MARK: Colours

    /// Writes the shortest SGR from what is to `target`.
    mutating func become(_ target: Rendition, _ out: inout [UInt8]) {
        guard rendition != target else { return }
        out.append(0x1B)
        out.append(UInt8(ascii: "["))
        let start = out.count
        var now = rendition ?? Rendition()
        let gone = now.attributes.subtracting(target.attributes)
        if rendition == nil || target == Rendition() || (!gone.isEmpty && !able.knowsOffCodes) {
            now = Rendition()
            append(0, &out)
        } else if !gone.isEmpty {
            for (attribute, off) in Self.offCodes where !gone.isDisjoint(with: attribute) {
                append(off, &out)
                now.attributes.subtract(attribute)
            }
        }
        if now.attributes != target.attributes {
            for (attribute, on) in Self.onCodes where target.attributes.contains(attribute) && !now.attributes.contains(attribute) { append(on, &out) }
        }
        if now.foreground != target.foreground { append(colours[target.foreground], 30, &out) }
        if now.background != target.background { append(colours[target.background], 40, &out) }
        rendition = target
        // A lone 0 is said by saying nothing.
        if out.count == start + 2, out[start] == UInt8(ascii: "0") { out.removeLast(2) } else { out.removeLast() }
        out.append(UInt8(ascii: "m"))
    }

    /// For a space only lines, reverse and background count.
    mutating func becomeBlank(_ target: Rendition, _ out: inout [UInt8]) {
        guard let now = rendition, !now.attributes.contains(.reverse), !target.attributes.contains(.reverse) else { return become(target, &out) }
        let lines = target.attributes.intersection(Rendition.onBlanks)
        let rest = now.attributes.subtracting(Rendition.onBlanks)
        become(Rendition(foreground: now.foreground, background: target.background, attributes: rest.union(lines)), &out)
    }

    /// For what erases only the background counts.
    mutating func becomeBackground(of target: Rendition, _ out: inout [UInt8]) {
        guard var now = rendition else { return become(target, &out) }
        now.background = target.background
        become(now, &out)
    }

    /// Bold and dim share a code.
    private static let offCodes: [(Attributes, Int)] = [
        ([.bold, .dim], 22), (.italic, 23), (.underline, 24), (.reverse, 27), (.strike, 29),
    ]
    private static let onCodes: [(Attributes, Int)] = [
        (.bold, 1), (.dim, 2), (.italic, 3), (.underline, 4), (.reverse, 7), (.strike, 9),
    ]

    private func append(_ colour: Colour, _ base: Int, _ out: inout [UInt8]) {
        switch colour {
        case .default, .token: append(base + 9, &out)
        case .ansi(let value) where value < 8: append(base + Int(value), &out)
        case .ansi(let value) where value < 16: append(base + 52 + Int(value), &out)
        case .ansi(let value):
            append(base + 8, &out)
            append(5, &out)
            append(Int(value), &out)
        case .rgb(let value):
            append(base + 8, &out)
            append(2, &out)
            append(Int(value >> 16 & 255), &out)
            append(Int(value >> 8 & 255), &out)
            append(Int(value & 255), &out)
        }
    }

    // MARK: Moves

    /// To a cell, by the shortest of: address, column in this row, some steps.
    mutating func move(toRow row: Int, column: Int, _ out: inout [UInt8]) {
        defer { (self.row, self.column) = (row, column) }
        guard let here = self.row else { return address(row, column, &out) }
        if here == row { return moveInRow(row, column, &out) }
        // Straight up and down, or to the margin of a row near by.
        guard let from = self.column, from == column || column == 0 else { return address(row, column, &out) }
        sequence(abs(row - here), row > here ? "B" : "A", &out)
        if from != column { out.append(0x0D) }
    }

    private func moveInRow(_ row: Int, _ column: Int, _ out: inout [UInt8]) {
        guard let from = self.column else { return toColumn(row, column, &out) }
        let step = column - from
        if step == 0 { return }
        if step < 0, step >= -3 {
            for _ in step..<0 { out.append(0x08) }
        } else if column == 0 {
            out.append(0x0D)
        } else if step > 0 {
            sequence(step, "C", &out)
        } else {
            toColumn(row, column, &out)
        }
    }

    private func address(_ row: Int, _ column: Int, _ out: inout [UInt8]) {
        out.append(0x1B)
        out.append(UInt8(ascii: "["))
        if row > 0 || column > 0 {
            append(row + 1, &out)
            if column > 0 { append(column + 1, &out) }
            out.removeLast()
        }
        out.append(UInt8(ascii: "H"))
    }

    private func toColumn(_ row: Int, _ column: Int, _ out: inout [UInt8]) {
        if able.addressesColumns { sequence(column + 1, "G", &out) } else { address(row, column, &out) }
    }

    /// `CSI n X`; one is not said.
    func sequence(_ number: Int, _ final: Unicode.Scalar, _ out: inout [UInt8]) {
        out.append(0x1B)
        out.append(UInt8(ascii: "["))
        if number > 1 {
            append(number, &out)
            out.removeLast()
        }
        out.append(UInt8(ascii: final))
    }

    /// A number and a semicolon.
    func append(_ number: Int, _ out: inout [UInt8]) {
        if number >= 1_000 { out.append(UInt8(0x30 + number / 1_000 % 10)) }
        if number >= 100 { out.append(UInt8(0x30 + number / 100 % 10)) }
        if number >= 10 { out.append(UInt8(0x30 + number / 10 % 10)) }
        out.append(UInt8(0x30 + number % 10))
        out.append(UInt8(ascii: ";"))
    }

    // MARK: Text

    /// Characters from where the cursor is. `size` tells where a row ends: behind its last cell the cursor's place is nobody's to know.
    mutating func write(_ cells: UnsafeBufferPointer<Cell>, of size: Size, _ out: inout [UInt8]) {
        // Open from one cell to the next, never from one piece to another: what is drawn in between is no link.
        var link: UInt8 = 0
        let mask: UInt8 = links.isEmpty ? 0 : 0xFF
        for cell in cells {
            if cell.link & mask != link {
                link = cell.link & mask
                open(link, &out)
            }
            if cell.glyph >= 0x20, cell.glyph < 0x7F {
                out.append(UInt8(truncatingIfNeeded: cell.glyph))
            } else if cell.width > 0 {
                encode(cell, &out)
            }
        }
        if link != 0 { open(0, &out) }
        advance(by: cells.count, size)
    }

    /// OSC 8. With an id, so that the pieces of a link that was wrapped are one to the terminal.
    private func open(_ link: UInt8, _ out: inout [UInt8]) {
        out += "\u{1B}]8;".utf8
        if link > 0, Int(link) < links.count { out += "id=d\(link);\(links[Int(link)])".utf8 } else { out.append(UInt8(ascii: ";")) }
        out += [0x1B, UInt8(ascii: "\\")]
    }

    /// Spaces of the present background.
    mutating func blank(_ count: Int, of size: Size, _ out: inout [UInt8]) {
        guard able.erases, count > 4, let column else {
            for _ in 0..<count { out.append(0x20) }
            return advance(by: count, size)
        }
        if column + count >= size.columns { sequence(1, "K", &out) } else { sequence(count, "X", &out) }
    }

    private mutating func advance(by count: Int, _ size: Size) {
        column = column.flatMap { $0 + count < size.columns ? $0 + count : nil }
    }

    /// As curses would show it: what the two of us do not measure alike is a question mark.
    private func encode(_ cell: Cell, _ out: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { buffer in
            var cell = cterm_cell(glyph: cell.glyph, style: cell.style, width: cell.width, spare: 0)
            let count = cterm_encode(&cell, buffer.baseAddress)
            out.append(contentsOf: buffer[..<count])
        }
    }
}
