/// Cells of one row that differ between two frames.
package struct ChangedRun: Hashable, Sendable {
    package var row: Int
    /// Columns; never starts or ends inside a wide character of the new frame.
    package var columns: Range<Int>
}

/// Which cells must be drawn to turn `old` into `new`, row after row. Frames of another size or atlas differ everywhere.
package func difference(from old: Frame?, to new: Frame) -> [ChangedRun] {
    guard let old, old.size == new.size, old.atlas === new.atlas else {
        return (0..<new.size.rows).map { ChangedRun(row: $0, columns: 0..<new.size.columns) }
    }
    var runs: [ChangedRun] = []
    let columns = new.size.columns
    old.cells.withUnsafeBufferPointer { before in
        new.cells.withUnsafeBufferPointer { after in
            for row in 0..<new.size.rows {
                let range = row * columns..<(row + 1) * columns
                if !sameCells(before, after, range) {
                    addRuns(row, .init(rebasing: before[range]), .init(rebasing: after[range]), &runs)
                }
            }
        }
    }
    return runs
}

/// Compares cells as the 8-byte words they are, which is most of the work of an unchanged screen.
private func sameCells(_ before: UnsafeBufferPointer<Cell>, _ after: UnsafeBufferPointer<Cell>, _ range: Range<Int>) -> Bool {
    let before = UnsafeRawBufferPointer(before)
    let after = UnsafeRawBufferPointer(after)
    for index in range
    where before.load(fromByteOffset: index * 8, as: UInt64.self) != after.load(fromByteOffset: index * 8, as: UInt64.self) {
        return false
    }
    return true
}

private func addRuns(_ row: Int, _ before: UnsafeBufferPointer<Cell>, _ after: UnsafeBufferPointer<Cell>, _ runs: inout [ChangedRun]) {
    var start: Int?
    for column in 0...after.count {
        let differs = column < after.count && (before[column] != after[column])
        if differs {
            if start == nil { start = column }
        } else if let first = start {
            runs.append(widen(row, first..<column, after))
            start = nil
        }
    }
}

/// A run takes both halves of a wide character.
private func widen(_ row: Int, _ columns: Range<Int>, _ cells: UnsafeBufferPointer<Cell>) -> ChangedRun {
    let first = cells[columns.lowerBound].width == 0 ? columns.lowerBound - 1 : columns.lowerBound
    let end = columns.upperBound < cells.count && cells[columns.upperBound].width == 0 ? columns.upperBound + 1 : columns.upperBound
    return ChangedRun(row: row, columns: max(0, first)..<end)
}

extension Frame {
    /// Nothing of it is on a screen any more: what comes next differs everywhere. Its modes stay.
    package mutating func invalidate() {
        // No glyph has this number.
        for index in cells.indices { cells[index].glyph = .max }
    }
}
