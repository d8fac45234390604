/// A whole screen as a value: the cells, the cursor and the terminal's modes. The terminal shows one frame after the other and sends
/// only what differs; modes belong to the frame so that nobody forgets to switch them back.
package struct Frame {
    package let size: Size
    /// Row after row.
    package internal(set) var cells: ContiguousArray<Cell>
    package let atlas: Atlas
    /// Nothing is written outside of it; see `clipped`.
    package private(set) var clip: Rect

    /// Where the cursor stands; nil hides it.
    package var cursor: Cursor?
    /// The window's title; nil leaves it alone.
    package var title: String?
    /// Clicks, wheel and drags are reported to us instead of to the terminal's own selection.
    package var mouse = true
    /// Pasted text arrives marked as such.
    package var bracketedPaste = true

    package init(_ size: Size, atlas: Atlas = Atlas()) {
        self.size = Size(columns: max(0, size.columns), rows: max(0, size.rows))
        self.atlas = atlas
        clip = Rect(self.size)
        cells = ContiguousArray(repeating: .blank, count: self.size.columns * self.size.rows)
    }

    package init(columns: Int, rows: Int, atlas: Atlas = Atlas()) {
        self.init(Size(columns: columns, rows: rows), atlas: atlas)
    }

    /// The whole of it.
    package var bounds: Rect { Rect(size) }

    /// A cell; nil outside.
    package subscript(_ point: Point) -> Cell? {
        bounds.contains(point) ? cells[point.row * size.columns + point.column] : nil
    }

    /// The style at a cell; the plain one outside.
    package func style(at point: Point) -> Style {
        self[point].map { atlas.style($0.style) } ?? Atlas.plain
    }

    /// Draws with everything outside of `rect` protected.
    package mutating func clipped<Result>(to rect: Rect, _ draw: (inout Frame) -> Result) -> Result {
        let before = clip
        clip = clip.intersection(rect)
        defer { clip = before }
        return draw(&self)
    }
}

package struct Cursor: Hashable, Sendable {
    package enum Shape: Hashable, Sendable { case block, underline, bar }

    package var position: Point
    package var shape: Shape

    package init(_ position: Point, shape: Shape = .bar) {
        self.position = position
        self.shape = shape
    }
}
