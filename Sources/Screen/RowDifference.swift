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

/// Compares cells as the 8-byte words they are, without a branch for each: most of the work of an unchanged screen.
private func sameCells(_ before: UnsafeBufferPointer<Cell>, _ after: UnsafeBufferPointer<Cell>, _ range: Range<Int>) -> Bool {
    before.withMemoryRebound(to: UInt64.self) { before in
        after.withMemoryRebound(to: UInt64.self) { after in
            var differs: UInt64 = 0
            for index in range { differs |= before[index] ^ after[index] }
            return differs == 0
        }
    }
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
