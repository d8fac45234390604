import Screen

/// The order in which a small change is drawn: colour by colour instead of line by line.
///
/// A colour costs 17 to 36 bytes, a jump over a gap 4. A selection that moves over two rows touches seven kinds of text sixteen times when drawn
/// line by line; drawn like this each colour is switched on once. Rows whose background changes are emptied first, so that gaps
/// cost nothing. Each pass costs curses some 10 µs.
struct DrawPlan {
    struct Piece: Equatable {
        var row: Int
        var columns: Range<Int>
    }

    /// What is drawn before curses works out how: pieces of one style.
    struct Pass: Equatable {
        var style: Style
        /// Spaces on that background instead of what the frame has there.
        var empties: Bool
        var pieces: [Piece] = []
    }

    /// Larger changes are drawn line by line: there the gain is small and the work is not.
    static let mostCells = 1_000

    private(set) var passes: [Pass] = []

    /// nil when drawing line by line is as good. `first` is what the terminal was drawn with last.
    init?(_ runs: [ChangedRun], from old: Frame, to new: Frame, starting first: Style) {
        guard old.size == new.size, old.atlas === new.atlas, runs.reduce(0, { $0 + $1.columns.count }) <= Self.mostCells else { return nil }
        old.cells.withUnsafeBufferPointer { before in
            new.cells.withUnsafeBufferPointer { after in
                for run in runs {
                    let start = run.row * new.size.columns
                    let range = start..<start + new.size.columns
                    let row = Row(number: run.row, old: .init(rebasing: before[range]), new: .init(rebasing: after[range]), atlas: new.atlas)
                    row.add(run.columns, to: &passes)
                }
            }
        }
        guard passes.count > 1 else { return nil }
        order(from: first)
    }

    /// One row before and after. Neighbours mostly have one style, so styles are looked at only where their numbers change.
    private struct Row {
        let number: Int
        let old: UnsafeBufferPointer<Cell>
        let new: UnsafeBufferPointer<Cell>
        let atlas: Atlas

        func style(_ column: Int) -> Style { atlas.style(new[column].style) }

        /// Parts of a run with one background each.
        func add(_ run: Range<Int>, to passes: inout [Pass]) {
            var start = run.lowerBound
            while start < run.upperBound {
                let background = style(start).background
                var end = start + 1
                while end < run.upperBound, new[end].style == new[end - 1].style || style(end).background == background { end += 1 }
                let emptied = end - start >= 8 && backgroundChanged(start..<end, background)
                if emptied { add(start..<end, style(start), empties: true, &passes) }
                addTexts(start..<end, skippingSpaces: emptied, &passes)
                start = end
            }
        }

        private func backgroundChanged(_ columns: Range<Int>, _ now: Colour) -> Bool {
            var known: UInt16?
            for column in columns where old[column].style != known && old[column].glyph != .max {
                if atlas.style(old[column].style).background == now { return false }
                known = old[column].style
            }
            return true
        }

        private func addTexts(_ columns: Range<Int>, skippingSpaces: Bool, _ passes: inout [Pass]) {
            var column = columns.lowerBound
            while column < columns.upperBound {
                let start = column
                let number = new[start].style
                let style = atlas.style(number)
                let skips = skippingSpaces && style.attributes.isDisjoint(with: Rendition.onBlanks)
                while column < columns.upperBound, new[column].style == number, !(skips && new[column].glyph == 0x20) { column += 1 }
                if column > start { add(start..<column, style, empties: false, &passes) }
                while skips, column < columns.upperBound, new[column].style == number, new[column].glyph == 0x20 { column += 1 }
            }
        }

        private func add(_ columns: Range<Int>, _ style: Style, empties: Bool, _ passes: inout [Pass]) {
            let piece = Piece(row: number, columns: columns)
            for index in passes.indices
            where passes[index].empties == empties && passes[index].style.background == style.background && (empties || passes[index].style == style) {
                passes[index].pieces.append(piece)
                return
            }
            passes.append(Pass(style: empties ? Style(background: style.background) : style, empties: empties, pieces: [piece]))
        }
    }

    /// From each pass to the one that costs least; what is emptied is emptied before it is written on.
    private mutating func order(from first: Style) {
        var left = passes
        passes = []
        var now = first
        var row = -1
        while !left.isEmpty {
            var best = (index: 0, cost: Int.max)
            for (index, pass) in left.enumerated() {
                if !pass.empties, left.contains(where: { $0.empties && $0.style.background == pass.style.background }) { continue }
                let cost = pass.cost(from: now, row: row)
                if cost < best.cost { best = (index, cost) }
            }
            let pass = left.remove(at: best.index)
            now = pass.empties ? Style(foreground: now.foreground, background: pass.style.background, attributes: now.attributes) : pass.style
            row = pass.pieces[pass.pieces.count - 1].row
            passes.append(pass)
        }
    }
}

extension DrawPlan.Pass {
    /// Bytes it takes to get there, roughly.
    fileprivate func cost(from now: Style, row: Int) -> Int {
        let before = (now.background == style.background ? 0 : 17) + (pieces[0].row == row ? 0 : 2)
        if empties { return before }
        return before + (now.foreground == style.foreground ? 0 : 17) + (now.attributes == style.attributes ? 0 : 3)
    }
}
