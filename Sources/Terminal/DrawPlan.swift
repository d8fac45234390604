import Screen

/// The order in which a change is drawn: colour by colour instead of line by line.
///
/// A colour costs 17 to 36 bytes, a jump over a gap 4. A selection that moves over two rows touches seven kinds of text sixteen times when drawn
/// line by line; drawn like this each colour is switched on once. Rows whose background changes are emptied first, so that gaps cost nothing.
struct DrawPlan {
    struct Piece: Equatable {
        var row: Int
        var columns: Range<Int>
    }

    /// Pieces of one rendition.
    struct Pass: Equatable {
        var rendition: Rendition
        /// Spaces on that background instead of what the frame has there.
        var empties: Bool
        var pieces: [Piece] = []
    }

    /// Larger changes are drawn line by line: there the gain is small and the work is not.
    static let mostCells = 1_000

    private(set) var passes: [Pass] = []

    /// - Parameters:
    ///   - runs: what differs between the cells of `old` and `new`, rows of `columns` cells.
    ///   - looks: how each style number is drawn.
    ///   - first: what the terminal was drawn with last.
    init(
        _ runs: [ChangedRun], from old: UnsafeBufferPointer<Cell>, to new: UnsafeBufferPointer<Cell>, columns: Int, looks: UnsafeBufferPointer<Rendition>,
        starting first: Rendition, byColour: Bool
    ) {
        passes.reserveCapacity(16)
        for run in runs {
            let range = run.row * columns..<(run.row + 1) * columns
            add(run, Row(old: .init(rebasing: old[range]), new: .init(rebasing: new[range]), looks: looks), byColour)
        }
        if byColour, passes.count > 1 { order(from: first) }
    }

    /// One row before and after. Neighbours mostly have one style, so looks are compared only where their numbers change.
    private struct Row {
        let old: UnsafeBufferPointer<Cell>
        let new: UnsafeBufferPointer<Cell>
        let looks: UnsafeBufferPointer<Rendition>

        func look(_ column: Int) -> Rendition { looks[Int(new[column].style)] }
        /// Shows nothing but its background.
        func isBlank(_ column: Int) -> Bool { new[column].glyph == 0x20 && !look(column).showsOnBlanks }

        func backgroundChanged(_ columns: Range<Int>, _ now: Int) -> Bool {
            var known: UInt16?
            for column in columns where old[column].style != known {
                if looks[Int(old[column].style)].background == now { return false }
                known = old[column].style
            }
            return true
        }
    }

    /// Parts of a run with one background each.
    private mutating func add(_ run: ChangedRun, _ row: Row, _ byColour: Bool) {
        var start = run.columns.lowerBound
        while start < run.columns.upperBound {
            let background = row.look(start).background
            var end = start + 1
            while end < run.columns.upperBound, row.new[end].style == row.new[end - 1].style || row.look(end).background == background { end += 1 }
            let emptied = byColour && end - start >= 8 && row.backgroundChanged(start..<end, background)
            if emptied { add(Piece(row: run.row, columns: start..<end), Rendition(background: background), empties: true, byColour) }
            addTexts(start..<end, run.row, row, skippingBlanks: emptied, byColour)
            start = end
        }
    }

    /// Blanks belong to the text before them, those at the start to the text behind them. What was emptied needs only those between words.
    private mutating func addTexts(_ columns: Range<Int>, _ number: Int, _ row: Row, skippingBlanks: Bool, _ byColour: Bool) {
        var column = columns.lowerBound
        while column < columns.upperBound {
            let start = column
            while column < columns.upperBound, row.isBlank(column) { column += 1 }
            guard column < columns.upperBound else {
                if !skippingBlanks {
                    add(Piece(row: number, columns: start..<column), Rendition(background: row.look(start).background), empties: true, byColour)
                }
                return
            }
            let look = row.look(column)
            let first = skippingBlanks || look.showsOnBlanks ? column : start
            if first > start, !skippingBlanks {
                add(Piece(row: number, columns: start..<first), Rendition(background: look.background), empties: true, byColour)
            }
            // As far as the look reaches; short gaps are cheaper written than jumped over.
            var end = column + 1, gap = 0
            var scan = end
            while scan < columns.upperBound, gap < 4 || !skippingBlanks {
                if row.isBlank(scan), !look.showsOnBlanks {
                    gap += 1
                } else if row.new[scan].style == row.new[column].style || row.look(scan) == look {
                    (end, gap) = (scan + 1, 0)
                } else {
                    break
                }
                scan += 1
            }
            // A few blanks at the end go with the text; many are erased.
            if !skippingBlanks, scan == columns.upperBound, gap < 5 { end = scan }
            add(Piece(row: number, columns: first..<end), look, empties: false, byColour)
            column = end
        }
    }

    private mutating func add(_ piece: Piece, _ rendition: Rendition, empties: Bool, _ byColour: Bool) {
        if byColour {
            for index in passes.indices
            where passes[index].empties == empties && passes[index].rendition.background == rendition.background
                && (empties || passes[index].rendition == rendition)
            {
                return passes[index].pieces.append(piece)
            }
        }
        passes.append(Pass(rendition: rendition, empties: empties, pieces: [piece]))
    }

    /// From each pass to the one that costs least; what is emptied is emptied before it is written on.
    private mutating func order(from first: Rendition) {
        var now = first
        var row = -1
        for index in passes.indices {
            var best = (index: index, cost: Int.max)
            for other in index..<passes.count {
                let pass = passes[other]
                if !pass.empties, isToBeEmptied(pass.rendition.background, from: index) { continue }
                let cost = pass.cost(from: now, row: row)
                if cost < best.cost { best = (other, cost) }
            }
            passes.swapAt(index, best.index)
            let pass = passes[index]
            now = pass.empties ? Rendition(foreground: now.foreground, background: pass.rendition.background, attributes: now.attributes) : pass.rendition
            row = pass.pieces[pass.pieces.count - 1].row
        }
    }

    private func isToBeEmptied(_ background: Int, from index: Int) -> Bool {
        for other in index..<passes.count where passes[other].empties && passes[other].rendition.background == background { return true }
        return false
    }
}

extension DrawPlan.Pass {
    /// Bytes it takes to get there, roughly.
    fileprivate func cost(from now: Rendition, row: Int) -> Int {
        let before = (now.background == rendition.background ? 0 : 17) + (pieces[0].row == row ? 0 : 2)
        if empties { return before }
        return before + (now.foreground == rendition.foreground ? 0 : 17) + (now.attributes == rendition.attributes ? 0 : 3)
    }
}
