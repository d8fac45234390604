/// The size of a screen or of a part of it, in cells.
package struct Size: Hashable, Sendable {
    package var columns: Int
    package var rows: Int

    package init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }

    package static let zero = Size(columns: 0, rows: 0)
}

/// A cell's place: column and row, counted from 0 at the top left.
package struct Point: Hashable, Sendable {
    package var column: Int
    package var row: Int

    package init(_ column: Int, _ row: Int) {
        self.column = column
        self.row = row
    }
}

/// A rectangle of cells. Never negative: what would be is empty.
package struct Rect: Hashable, Sendable {
    package var column: Int
    package var row: Int
    package var columns: Int
    package var rows: Int

    package init(_ column: Int, _ row: Int, _ columns: Int, _ rows: Int) {
        self.column = column
        self.row = row
        self.columns = max(0, columns)
        self.rows = max(0, rows)
    }

    package init(_ size: Size) {
        self.init(0, 0, size.columns, size.rows)
    }

    package var size: Size { Size(columns: columns, rows: rows) }
    package var origin: Point { Point(column, row) }
    /// The first column right of the rectangle.
    package var right: Int { column + columns }
    /// The first row below the rectangle.
    package var bottom: Int { row + rows }
    package var isEmpty: Bool { columns == 0 || rows == 0 }

    package func contains(_ point: Point) -> Bool {
        point.column >= column && point.column < right && point.row >= row && point.row < bottom
    }

    package func intersection(_ other: Rect) -> Rect {
        let left = max(column, other.column)
        let top = max(row, other.row)
        return Rect(left, top, min(right, other.right) - left, min(bottom, other.bottom) - top)
    }

    /// The rectangle without its margins.
    package func inset(left: Int = 0, top: Int = 0, right: Int = 0, bottom: Int = 0) -> Rect {
        let left = min(left, columns)
        let top = min(top, rows)
        return Rect(column + left, row + top, columns - left - right, rows - top - bottom)
    }

    package func inset(_ margin: Int) -> Rect {
        inset(left: margin, top: margin, right: margin, bottom: margin)
    }

    /// One row of it, counted from 0 at its top; empty when there is none.
    package func line(_ index: Int) -> Rect {
        index >= 0 && index < rows ? Rect(column, row + index, columns, 1) : Rect(column, bottom, columns, 0)
    }

    /// Cuts `count` columns off the left side.
    package func splitLeft(_ count: Int) -> (left: Rect, rest: Rect) {
        let count = max(0, min(count, columns))
        return (Rect(column, row, count, rows), Rect(column + count, row, columns - count, rows))
    }

    /// Cuts `count` columns off the right side.
    package func splitRight(_ count: Int) -> (rest: Rect, right: Rect) {
        let count = max(0, min(count, columns))
        return (Rect(column, row, columns - count, rows), Rect(right - count, row, count, rows))
    }

    /// Cuts `count` rows off the top.
    package func splitTop(_ count: Int) -> (top: Rect, rest: Rect) {
        let count = max(0, min(count, rows))
        return (Rect(column, row, columns, count), Rect(column, row + count, columns, rows - count))
    }

    /// Cuts `count` rows off the bottom.
    package func splitBottom(_ count: Int) -> (rest: Rect, bottom: Rect) {
        let count = max(0, min(count, rows))
        return (Rect(column, row, columns, rows - count), Rect(column, bottom - count, columns, count))
    }

    /// A rectangle of at most `size` in the middle of this one.
    package func centred(_ size: Size) -> Rect {
        let wide = min(size.columns, columns)
        let high = min(size.rows, rows)
        return Rect(column + (columns - wide) / 2, row + (rows - high) / 2, wide, high)
    }
}
