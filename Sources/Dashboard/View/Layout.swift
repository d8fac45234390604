package import Screen

/// Where everything stands, from the size alone (and what a person zoomed).
package struct Layout: Equatable, Sendable {
    package enum Mode: Equatable, Sendable { case tooSmall, one, two, three }
    package var mode: Mode
    package var header: Rect
    package var footer: Rect
    /// Empty when not shown. In two columns the projects lie over the list while they have the focus.
    package var projects: Rect
    package var agents: Rect
    package var detail: Rect
    /// Between header and footer.
    package var body: Rect

    package static let least = Size(columns: 40, rows: 10)

    init(_ size: Size, _ ui: UI) {
        let all = Rect(size)
        header = all.line(0)
        footer = all.line(size.rows - 1)
        body = all.inset(top: 1, bottom: 1)
        (projects, agents, detail) = (Rect(0, 1, 0, 0), Rect(0, 1, 0, 0), Rect(0, 1, 0, 0))
        mode = size.columns >= 110 ? .three : size.columns >= 70 ? .two : .one
        guard size.columns >= Self.least.columns, size.rows >= Self.least.rows else {
            mode = .tooSmall
            return
        }
        if ui.isZoomed {
            detail = body
            return
        }
        let isBoard = ui.isBoard && (ui.focus != .detail || size.columns >= Self.boardBesideDetail)
        switch mode {
        case .three:
            let left = body.splitLeft(Self.projectsWidth(size.columns, ui.columns))
            projects = left.left
            if isBoard, size.columns < Self.boardBesideDetail {
                agents = left.rest
                return
            }
            (agents, detail) = left.rest.splitRight(Self.detailWidth(size.columns, ui.columns, beside: projects.columns))
        case .two where isBoard:
            agents = body
            if ui.focus == .projects { projects = body.splitLeft(26).left }
        case .two:
            let wanted = ui.columns.detail ?? (size.columns - size.columns / 2)
            (agents, detail) = body.splitRight(max(34, min(size.columns - 30, wanted)))
            if ui.focus == .projects { projects = body.splitLeft(26).left }
        case .one, .tooSmall:
            switch ui.focus {
            case .projects: projects = body
            case .agents: agents = body
            case .detail: detail = body
            }
        }
    }

    /// From so many columns on the board leaves room for the detail.
    static let boardBesideDetail = 190

    /// 22 cells, or what a person wants, as long as the others keep their room.
    private static func projectsWidth(_ columns: Int, _ wanted: UI.Columns) -> Int { max(14, min(columns / 3, wanted.projects ?? 22)) }

    /// What a person wants, as long as the others keep their room. Else 48 cells, 64 from 150 columns on; of what is more than 170, two thirds go to
    /// the detail: it holds text.
    private static func detailWidth(_ columns: Int, _ wanted: UI.Columns, beside projects: Int) -> Int {
        if let detail = wanted.detail { return max(36, min(columns - projects - 30, detail)) }
        return columns < 150 ? 48 : columns <= 170 ? 64 : 64 + (columns - 170) * 2 / 3
    }

    /// Lines that an agent takes in the list: three while all have room, two while all would have room on two screens, then one.
    func rowHeight(_ density: UI.Density, count: Int) -> Int {
        switch density {
        case .one: 1
        case .two: 2
        case .three: 3
        case .automatic: count * 3 - 1 <= listRows ? 3 : count <= listRows ? 2 : 1
        }
    }

    /// Rows of the list below its heading.
    var listRows: Int { max(0, agents.rows - 2) }

    /// Agents that fit into the list.
    func visibleAgents(_ density: UI.Density, count: Int) -> Int {
        let height = rowHeight(density, count: count)
        return max(1, height == 3 ? (listRows + 1) / 3 : listRows / height)
    }
}
