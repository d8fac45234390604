/// What a column of a layout wants, in cells.
package struct ColumnWish: Hashable, Sendable {
    /// Below this it is left out.
    package var minimum: Int
    /// What it takes when there is room.
    package var ideal: Int
    /// How much of what is left over it takes, against the others; 0 stays at its ideal.
    package var share: Int

    package init(minimum: Int, ideal: Int, share: Int = 0) {
        self.minimum = minimum
        self.ideal = max(minimum, ideal)
        self.share = share
    }
}

/// The widths of columns side by side with `gap` cells between them. When not all minima fit, columns are left out (0) from the last on;
/// between minima and ideals all grow alike; what is left goes to those with a share. The sum with gaps never exceeds `width`.
package func columnWidths(_ wishes: [ColumnWish], in width: Int, gap: Int = 0) -> [Int] {
    var kept = wishes.count
    func gaps(_ count: Int) -> Int { max(0, count - 1) * gap }
    while kept > 0, wishes[..<kept].reduce(0, { $0 + $1.minimum }) + gaps(kept) > width { kept -= 1 }
    guard kept > 0 else { return wishes.map { _ in 0 } }
    var widths = wishes[..<kept].map(\.minimum)
    var left = width - gaps(kept) - widths.reduce(0, +)
    let wanted = wishes[..<kept].reduce(0) { $0 + $1.ideal - $1.minimum }
    if wanted > 0 {
        let given = min(left, wanted)
        var done = 0
        var seen = 0
        for index in 0..<kept {
            // Cumulative rounding: the parts add up exactly.
            seen += wishes[index].ideal - wishes[index].minimum
            let upTo = given * seen / wanted
            widths[index] += upTo - done
            done = upTo
        }
        left -= given
    }
    let shares = wishes[..<kept].reduce(0) { $0 + $1.share }
    if shares > 0, left > 0 {
        var done = 0
        var seen = 0
        for index in 0..<kept {
            seen += wishes[index].share
            let upTo = left * seen / shares
            widths[index] += upTo - done
            done = upTo
        }
    }
    return widths + Array(repeating: 0, count: wishes.count - kept)
}

extension Rect {
    /// Columns side by side; those that were left out are empty.
    package func columns(_ wishes: [ColumnWish], gap: Int = 0) -> [Rect] {
        var column = self.column
        return columnWidths(wishes, in: columns, gap: gap).map { width in
            let rect = Rect(min(column, right), row, width, rows)
            if width > 0 { column += width + gap }
            return rect
        }
    }
}
