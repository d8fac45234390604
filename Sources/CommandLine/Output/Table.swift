/// Rows in columns that stand under each other. Cells are one line each and free of control characters.
struct Table {
    struct Cell {
        var text: String
        var ink: Style.Ink?
        init(_ text: String, _ ink: Style.Ink? = nil) {
            self.text = text
            self.ink = ink
        }
    }

    struct Column {
        var title: String
        /// Cells at most; 0: as wide as needed.
        var limit = 0
        var isNumber = false
    }

    let columns: [Column]
    var rows: [[Cell]] = []

    init(_ columns: [Column]) { self.columns = columns }

    mutating func add(_ cells: [Cell]) { rows.append(cells) }

    /// Columns in which no row has anything are left out. The last column takes what the terminal leaves.
    func lines(_ style: Style) -> [String] {
        let shown = columns.indices.filter { index in rows.contains { !$0[index].text.isEmpty } }
        let cut = rows.map { row in shown.map { index in limited(row[index], columns[index].limit, style) } }
        let head = shown.map { Cell(columns[$0].title, .dim) }
        let widths = shown.indices.map { place in ([head] + cut).map { Cells.width(of: $0[place].text) }.max() ?? 0 }
        return ([head] + cut).map { line($0, widths, shown, style) }
    }

    private func limited(_ cell: Cell, _ limit: Int, _ style: Style) -> Cell {
        limit == 0 ? cell : Cell(Cells.cut(cell.text, to: limit, mark: style.unicode ? "…" : "..."), cell.ink)
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ shown: [Int], _ style: Style) -> String {
        var text = "", used = 0
        for (place, cell) in cells.enumerated() {
            let isLast = place == cells.count - 1
            var content = cell.text
            if isLast, style.columns > 0 { content = Cells.cut(content, to: max(0, style.columns - used), mark: style.unicode ? "…" : "...") }
            let gap = String(repeating: " ", count: max(0, widths[place] - Cells.width(of: content)))
            let painted = style.paint(content, cell.ink)
            text += columns[shown[place]].isNumber ? gap + painted : isLast ? painted : painted + gap
            if !isLast { text += "  " }
            used += widths[place] + 2
        }
        return text.hasSuffix(" ") ? String(text.reversed().drop { $0 == " " }.reversed()) : text
    }
}
