package import Screen

/// A terminal as far as tests need one: bytes in, a grid of cells out. Pure. What it does not know is recorded in `errors`, so that nothing
/// we send goes unnoticed. Behaves like xterm; questions are answered in `replies`.
package struct VTGrid {
    package struct Cell: Equatable, Sendable {
        package var text = " "
        /// 0: right half of the wide one before it.
        package var width = 1
        package var style = VTGrid.plain
        /// Where a click leads (OSC 8).
        package var link = ""
    }

    package static let plain = Style(foreground: .default, background: .default)

    package private(set) var size: Size
    package internal(set) var cells: [Cell]
    package internal(set) var cursor = Point(0, 0)
    package internal(set) var cursorVisible = true
    /// DECSCUSR's number.
    package internal(set) var cursorShape = 0
    package internal(set) var title = ""
    /// Private modes that are set (`CSI ? n h`): 1049 alternate screen, 1002 mouse, 2004 paste, 1004 focus, ….
    package internal(set) var privateModes: Set<Int> = []
    /// Kitty keyboard flags, the present ones last.
    package internal(set) var keyboardFlags: [Int] = []
    /// The link that is open.
    package internal(set) var link = ""
    /// OSC sequences other than titles and links (`9;…`, `777;…`, `52;…`).
    package internal(set) var commands: [String] = []
    package internal(set) var bells = 0
    package internal(set) var errors: [String] = []
    /// What a terminal would have answered.
    package var replies: [UInt8] = []
    /// All bytes that were fed.
    package private(set) var bytesFed = 0
    /// Whether it answers questions of newer terminals (kitty's keys, synchronized output).
    package var isModern: Bool
    /// Erased cells take the current background; false on the oldest.
    package var erasesWithColour = true

    /// What the next character is drawn with.
    package internal(set) var style = VTGrid.plain
    /// The cursor stands behind the last column; the next character wraps.
    var wrapPending = false
    var region: Range<Int>
    var savedCursor = (point: Point(0, 0), style: VTGrid.plain)
    var otherScreen: (cells: [Cell], cursor: Point)?
    /// Titles that were put away (XTWINOPS 22).
    package internal(set) var titles: [String] = []
    var lastPrinted: Unicode.Scalar?
    var parser = VTParser()

    package init(_ size: Size, modern: Bool = true) {
        self.size = size
        isModern = modern
        cells = Array(repeating: Cell(), count: size.columns * size.rows)
        region = 0..<size.rows
    }

    package mutating func feed(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            bytesFed += 1
            guard let action = parser.take(byte) else { continue }
            perform(action)
        }
    }

    package mutating func feed(_ text: String) { feed(text.utf8) }

    /// As xterm does: rows and columns are cut off or added at the right and the bottom.
    package mutating func resize(_ new: Size) {
        var next = Array(repeating: Cell(), count: new.columns * new.rows)
        for row in 0..<min(size.rows, new.rows) {
            for column in 0..<min(size.columns, new.columns) { next[row * new.columns + column] = cells[row * size.columns + column] }
        }
        size = new
        cells = next
        if otherScreen != nil { otherScreen?.cells = Array(repeating: Cell(), count: new.columns * new.rows) }
        region = 0..<new.rows
        cursor = Point(min(cursor.column, new.columns - 1), min(cursor.row, new.rows - 1))
        wrapPending = false
    }

    package subscript(_ column: Int, _ row: Int) -> Cell { cells[row * size.columns + column] }

    package var isAlternate: Bool { otherScreen != nil }

    /// A line a row, without trailing spaces.
    package var lines: [String] {
        (0..<size.rows).map { row in
            var line = ""
            for column in 0..<size.columns where self[column, row].width > 0 { line += self[column, row].text }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    /// A line a row, `|` at each end, as `Frame.text`.
    package var text: String {
        (0..<size.rows).map { row in
            (0..<size.columns).filter { self[$0, row].width > 0 }.map { self[$0, row].text }.joined() + "|\n"
        }.joined()
    }

    /// With `{fg on bg+bold:…}` around what is not plain.
    package var styledText: String {
        var result = ""
        for row in 0..<size.rows {
            var current = Self.plain
            for column in 0..<size.columns where self[column, row].width > 0 {
                let cell = self[column, row]
                if cell.style != current {
                    if current != Self.plain { result += "}" }
                    current = cell.style
                    if current != Self.plain { result += "{" + current.mark + ":" }
                }
                result += cell.text
            }
            result += current == Self.plain ? "|\n" : "}|\n"
        }
        return result
    }

    package func contains(_ text: String) -> Bool { lines.contains { $0.contains(text) } }
}
