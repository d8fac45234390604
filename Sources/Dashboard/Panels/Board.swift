import Domain
import Screen

/// The columns of the board, from what needs a person to what rests.
enum BoardColumn: CaseIterable {
    case needy, working, done, resting

    init(_ status: Status) {
        switch status {
        case .waiting, .failed: self = .needy
        case .provisioning, .starting, .running, .limited, .quiet, .moving: self = .working
        case .done: self = .done
        case .paused, .stopped, .unknown: self = .resting
        }
    }

    var title: String {
        switch self {
        case .needy: "Needs you"
        case .working: "Working"
        case .done: "Done"
        case .resting: "Resting"
        }
    }

    var token: Token {
        switch self {
        case .needy: .wait
        case .working: .run
        case .done: .done
        case .resting: .off
        }
    }
}

extension Dashboard {
    /// The list's agents by column; each keeps the list's order.
    var board: [[Listing.Row]] {
        var columns = BoardColumn.allCases.map { _ in [Listing.Row]() }
        for row in listing.shown { columns[BoardColumn.allCases.firstIndex(of: BoardColumn(row.agent.status)) ?? 0].append(row) }
        return columns
    }

    /// Where the selected agent's card is; nil: no agent is selected, or the list does not show it.
    func placeOnBoard(_ board: [[Listing.Row]]) -> (column: Int, row: Int)? {
        for (column, rows) in board.enumerated() { if let row = rows.firstIndex(where: { $0.agent.id == ui.selected }) { return (column, row) } }
        return nil
    }

    /// The same agents as the list, by status.
    func drawBoard(_ painter: inout Painter, _ rect: Rect) {
        drawListHead(&painter, rect)
        let board = board, chosen = placeOnBoard(board)
        let area = rect.inset(left: 2, top: 2, right: 1)
        // As many columns as have room for a title; the chosen one is always among them.
        let count = max(1, min(board.count, (area.columns + 2) / 24))
        let first = max(0, min(board.count - count, (chosen?.column ?? 0) - count / 2))
        let width = (area.columns + 2) / count - 2
        for index in first..<first + count {
            let column = Rect(area.column + (index - first) * (width + 2), area.row, width, area.rows)
            draw(&painter, board[index], BoardColumn.allCases[index], column, chosen: chosen?.column == index ? chosen?.row : nil)
        }
        if model.isLost { painter.frame.restyle(rect.inset(top: 2)) { if $0.foreground != .token(.accent) { $0.foreground = .token(.faint) } } }
    }

    private func draw(_ painter: inout Painter, _ rows: [Listing.Row], _ column: BoardColumn, _ rect: Rect, chosen: Int?) {
        let used = painter.put(column.title, rect.column, rect.row, rows.isEmpty ? .faint : column.token, .bold, width: rect.columns)
        if !rows.isEmpty { painter.put("\(rows.count)", rect.column + used + 2, rect.row, .muted, width: rect.columns - used - 2) }
        painter.put(String(repeating: painter.look.ascii ? "-" : "─", count: rect.columns), rect.column, rect.row + 1, .line)
        let room = max(1, (rect.rows - 2) / 4)
        let top = max(0, min(rows.count - room, (chosen ?? 0) - room + 1))
        for (index, row) in rows[top...].prefix(room).enumerated() {
            drawCard(&painter, row, Rect(rect.column, rect.row + 2 + index * 4, rect.columns, min(3, rect.rows - 2 - index * 4)))
        }
        if top + room < rows.count {
            painter.put(painter.signs.down + " \(rows.count - top - room) more", rect.column, rect.bottom - 1, .faint, width: rect.columns)
        }
    }

    private func drawCard(_ painter: inout Painter, _ shown: Listing.Row, _ rect: Rect) {
        let agent = shown.agent, isSelected = agent.id == ui.selected
        painter.region(rect, .agent(agent.id))
        if isSelected {
            let card = Rect(rect.column - 1, rect.row, rect.columns + 1, rect.rows)
            painter.frame.clear(card, ui.focus == .agents || ui.filter.isEditing ? .sel : .raised)
            painter.bar(Rect(card.column, card.row, 1, card.rows), .accent)
        }
        let glyph = ui.marks.contains(agent.id) ? painter.signs.mark : painter.signs.glyph(agent.status)
        painter.put(glyph, rect.column, rect.row, ui.marks.contains(agent.id) ? .accent : agent.status.token, .bold)
        painter.put(
            agent.title, rect.column + 2, rect.row, .text, isSelected || agent.status.needsPerson || agent.unseen ? .bold : [], width: rect.columns - 2)
        guard rect.rows > 1 else { return }
        drawDoing(&painter, agent, rect.column + 2, rect.row + 1, rect.columns - 2)
        guard rect.rows > 2 else { return }
        let age = painter.right(painter.now.age(of: agent.since), rect.right, rect.row + 2, .muted)
        let whereabouts = shown.project + " " + painter.signs.dot + " " + (shown.place?.rawValue ?? "no place")
        painter.put(whereabouts, rect.column + 2, rect.row + 2, isSelected ? .muted : .faint, width: rect.columns - 3 - age)
    }

    // MARK: Moving about

    mutating func moveOnBoard(by step: Int) {
        let board = board
        guard let place = placeOnBoard(board) else { return select(board.lazy.compactMap(\.first).first?.agent.id) }
        let rows = board[place.column]
        select(rows[max(0, min(rows.count - 1, place.row + step))].agent.id)
    }

    /// To the next column that has agents; false: there is none on that side.
    mutating func moveAcrossBoard(by step: Int) -> Bool {
        let board = board
        guard let place = placeOnBoard(board) else { return false }
        var column = place.column + step
        while board.indices.contains(column), board[column].isEmpty { column += step }
        guard board.indices.contains(column) else { return false }
        select(board[column][min(place.row, board[column].count - 1)].agent.id)
        return true
    }
}
