import Domain
import Screen

extension Dashboard {
    /// The border between two columns at this place.
    private func border(at point: Point) -> UI.Drag.Border? {
        let layout = Layout(ui.size, ui)
        guard layout.body.contains(point), ui.dialog == nil, ui.queue == nil, ui.feed == nil, !ui.isZoomed else { return nil }
        if layout.mode == .three, point.column == layout.projects.right - 1 { return .projects }
        if layout.mode != .one, !layout.detail.isEmpty, !layout.agents.isEmpty, point.column == layout.detail.column { return .detail }
        return nil
    }

    /// The mouse on a border. Nil: it is about something else.
    mutating func drag(_ mouse: Mouse, _ now: Now) -> [DashboardEffect]? {
        switch (mouse.action, ui.drag) {
        case (.press, _) where mouse.button == .left:
            guard let border = border(at: mouse.position) else {
                ui.drag = nil
                return nil
            }
            ui.drag = UI.Drag(border: border, from: mouse.position)
            return []
        case (.drag, let drag?):
            ui.drag?.hasMoved = true
            switch drag.border {
            case .projects: ui.columns.projects = max(1, mouse.position.column + 1)
            case .detail: ui.columns.detail = max(1, ui.size.columns - mouse.position.column)
            }
            // What the screen has no room for is not wanted.
            let layout = Layout(ui.size, ui)
            if drag.border == .projects { ui.columns.projects = layout.projects.columns } else { ui.columns.detail = layout.detail.columns }
            return []
        case (.release, let drag?):
            ui.drag = nil
            if drag.hasMoved { return [.keepColumns(ui.columns)] }
            return view(now: now).hit(at: mouse.position).map { click($0, now) } ?? []
        default: return nil
        }
    }
}
