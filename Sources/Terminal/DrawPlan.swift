import Screen

/// The order in which a small change is drawn: colour by colour instead of line by line.
///
/// A colour costs 17 to 36 bytes, a jump over a gap 4. A selection that moves over two rows touches seven kinds of text sixteen times when drawn
/// line by line; drawn like this each colour is switched on once. Rows whose background changes are emptied first, so that gaps
/// cost nothing.
struct DrawPlan {
    struct Piece: Equatable {
        var row: Int
        var columns: Range<Int>
    }

    /// What is drawn before curses works out how: pieces of one style.
    struct Pass: Equatable {
        /// A number of the frame's atlas.
        var style: UInt16
        /// Spaces of that style's background instead of what the frame has there.
        var empties: Bool
        var pieces: [Piece]
    }

    /// Larger changes are drawn line by line: there the gain is small and the work is not.
    static let mostCells = 1_000

    private(set) var passes: [Pass] = []

    /// nil when drawing line by line is as good.
    init?(_ runs: [ChangedRun], from old: Frame, to new: Frame, starting style: UInt16?) {
        guard old.size == new.size, old.atlas === new.atlas, runs.reduce(0, { $0 + $1.columns.count }) <= Self.mostCells else { return nil }
        var empty: [Colour: [Piece]] = [:]
        var texts: [UInt16: [Piece]] = [:]
        for run in runs {
            let row = new.cells[run.row * new.size.columns..<(run.row + 1) * new.size.columns]
            for section in Self.sections(run, new, row) {
                let emptied = section.columns.count >= 8 && Self.backgroundChanged(section, old, new)
                if emptied { empty[new.atlas.style(row[row.startIndex + section.columns.lowerBound].style).background, default: []].append(section) }
                Self.addTexts(section, new, row, skippingSpaces: emptied, &texts)
            }
        }
        guard texts.count + empty.count > 1 else { return nil }
        order(empty, texts, new.atlas, from: style ?? 0)
    }

    /// Parts of a run with one background.
    private static func sections(_ run: ChangedRun, _ frame: Frame, _ row: ArraySlice<Cell>) -> [Piece] {
        var result: [Piece] = []
        var start = run.columns.lowerBound
        func background(_ column: Int) -> Colour { frame.atlas.style(row[row.startIndex + column].style).background }
        for column in run.columns where column > start && background(column) != background(start) {
            result.append(Piece(row: run.row, columns: start..<column))
            start = column
        }
        return result + [Piece(row: run.row, columns: start..<run.columns.upperBound)]
    }

    private static func backgroundChanged(_ piece: Piece, _ old: Frame, _ new: Frame) -> Bool {
        let start = piece.row * new.size.columns
        return piece.columns.allSatisfy {
            old.cells[start + $0].glyph == .max
                || new.atlas.style(old.cells[start + $0].style).background != new.atlas.style(new.cells[start + $0].style).background
        }
    }

    private static func addTexts(
        _ section: Piece, _ frame: Frame, _ row: ArraySlice<Cell>, skippingSpaces: Bool, _ texts: inout [UInt16: [Piece]]
    ) {
        var start: Int?
        func close(_ end: Int) {
            guard let first = start else { return }
            texts[row[row.startIndex + first].style, default: []].append(Piece(row: section.row, columns: first..<end))
            start = nil
        }
        for column in section.columns {
            let cell = row[row.startIndex + column]
            let lined = !frame.atlas.style(cell.style).attributes.isDisjoint(with: Rendition.onBlanks)
            if skippingSpaces, cell.glyph == 0x20, !lined {
                close(column)
            } else {
                if let first = start, row[row.startIndex + first].style != cell.style { close(column) }
                if start == nil { start = column }
            }
        }
        close(section.columns.upperBound)
    }

    /// From each pass to the one that changes least; what is emptied is emptied before it is written on.
    private mutating func order(_ empty: [Colour: [Piece]], _ texts: [UInt16: [Piece]], _ atlas: Atlas, from first: UInt16) {
        var left: [Pass] = texts.sorted { $0.key < $1.key }.map { Pass(style: $0.key, empties: false, pieces: $0.value) }
        for (background, pieces) in empty.sorted(by: { $0.value[0].row < $1.value[0].row }) {
            // A plain space needs nothing but the background.
            let blank = atlas.number(of: Style(background: background))
            left.append(Pass(style: blank, empties: true, pieces: pieces))
        }
        var now = atlas.style(first)
        var row = -1
        while !left.isEmpty {
            let waiting = Set(left.filter(\.empties).map { atlas.style($0.style).background })
            let next = left.indices.filter { left[$0].empties || !waiting.contains(atlas.style(left[$0].style).background) }
                .min { Self.cost(now, row, left[$0], atlas) < Self.cost(now, row, left[$1], atlas) }
            guard let next else { return }
            let pass = left.remove(at: next)
            let style = atlas.style(pass.style)
            now = pass.empties ? Style(foreground: now.foreground, background: style.background, attributes: now.attributes) : style
            row = pass.pieces.last?.row ?? row
            passes.append(pass)
        }
    }

    /// Bytes it takes to get to a pass, roughly.
    private static func cost(_ now: Style, _ row: Int, _ pass: Pass, _ atlas: Atlas) -> Int {
        let style = atlas.style(pass.style)
        let before = (now.background == style.background ? 0 : 17) + (pass.pieces.first?.row == row ? 0 : 2)
        if pass.empties { return before }
        return before + (now.foreground == style.foreground ? 0 : 17) + (now.attributes == style.attributes ? 0 : 3)
    }
}
