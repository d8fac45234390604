import Domain
import Screen

/// Themes to try on: each is worn as soon as it is chosen.
package struct ThemeDialog: Equatable, Sendable {
    /// Empty until they have been looked up.
    package var names: [String] = []
    package var selected = 0
    /// The one that comes back when the dialog is left.
    package var before = ""
    package init() {}
}

extension Dashboard {
    /// What there is, and which of them is worn.
    mutating func take(themes: [String], worn: String) {
        guard case .theme(var dialog)? = ui.dialogs.last else { return }
        dialog.names = themes
        dialog.selected = themes.firstIndex(of: worn) ?? 0
        dialog.before = worn
        ui.dialogs[ui.dialogs.count - 1] = .theme(dialog)
    }

    mutating func press(_ key: Key, isLeaving: Bool, _ dialog: ThemeDialog) -> [DashboardEffect] {
        if isLeaving { return dialog.names.isEmpty ? [] : [.wearTheme(dialog.before)] }
        switch key {
        case .down, .char("j"), .ctrl("n"), .tab: return choose(dialog.selected + 1, dialog)
        case .up, .char("k"), .ctrl("p"), .backTab: return choose(dialog.selected - 1, dialog)
        case .enter where dialog.names.indices.contains(dialog.selected): return [.keepTheme(dialog.names[dialog.selected])]
        case .enter: return []
        default:
            ui.dialogs.append(.theme(dialog))
            return []
        }
    }

    mutating func choose(_ row: Int, _ dialog: ThemeDialog) -> [DashboardEffect] {
        var dialog = dialog
        dialog.selected = max(0, min(dialog.names.count - 1, row))
        ui.dialogs.append(.theme(dialog))
        return dialog.names.isEmpty ? [] : [.wearTheme(dialog.names[dialog.selected])]
    }

    func drawThemes(_ dialog: ThemeDialog, _ painter: inout Painter, _ body: Rect) {
        let rows = max(5, min(dialog.names.count + 4, body.rows))
        let box = drawBox(&painter, in: body, columns: min(40, body.columns - 2), rows: rows, .accent)
        painter.put("Theme", box.column, box.row, .text, .bold)
        let list = box.inset(top: 2)
        if dialog.names.isEmpty { painter.put("looking for them", list.column, list.row, .muted) }
        let top = max(0, min(dialog.selected - list.rows / 2, dialog.names.count - list.rows))
        for (offset, name) in dialog.names.dropFirst(top).prefix(list.rows).enumerated() {
            let line = Rect(list.column - 2, list.row + offset, list.columns + 3, 1), isSelected = top + offset == dialog.selected
            if isSelected {
                painter.frame.clear(line, .sel)
                painter.put(painter.signs.bar, line.column, line.row, .accent)
            }
            painter.put(name, line.column + 2, line.row, .text, isSelected ? .bold : [], width: line.columns - 16)
            // A taste of it is all around; here are the states that colours tell apart.
            if isSelected {
                for (index, status) in [Status.waiting, .failed, .running, .done, .moving].enumerated() {
                    painter.put(painter.signs.glyph(status), line.right - 12 + index * 2, line.row, status.token, .bold)
                }
            }
            painter.region(line, .dialogRow(top + offset))
        }
    }
}
