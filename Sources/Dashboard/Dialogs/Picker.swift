package import Domain
import Query
import Screen

/// One of a list, by a few letters.
package struct PickDialog: Equatable, Sendable {
    package enum Purpose: Equatable, Sendable {
        /// Each is worn as soon as it is chosen; the one before comes back when the dialog is left.
        case theme(before: String)
        /// For what is sent to this agent from now on.
        case model(AgentID)
    }
    package var purpose: Purpose
    /// Empty until they have been looked up.
    package var names: [String]
    package var search = TextEditor()
    /// A row of those that match.
    package var selected = 0

    package init(_ purpose: Purpose, _ names: [String] = [], selected: String? = nil) {
        self.purpose = purpose
        self.names = names
        self.selected = selected.flatMap(names.firstIndex(of:)) ?? 0
    }

    var title: String {
        switch purpose {
        case .theme: "Theme"
        case .model: "Model"
        }
    }

    /// Those that match what was typed, the best first.
    var shown: [String] {
        let typed = search.text.trimmed
        guard !typed.isEmpty else { return names }
        var scored: [(name: String, score: Int, place: Int)] = []
        for (place, name) in names.enumerated() { if let match = fuzzyMatch(typed, in: name) { scored.append((name, match.score, place)) } }
        return scored.sorted { ($1.score, $0.place) < ($0.score, $1.place) }.map(\.name)
    }
}

extension Dashboard {
    /// What there is, and which of them is worn.
    mutating func take(themes: [String], worn: String) {
        guard case .pick(let dialog)? = ui.dialogs.last, case .theme = dialog.purpose else { return }
        ui.dialogs[ui.dialogs.count - 1] = .pick(PickDialog(.theme(before: worn), themes, selected: worn))
    }

    /// Models for the selected agent; they may have to be asked for first.
    mutating func pickModel(_ now: Now) -> [DashboardEffect] {
        guard let agent = selectedAgent else { return [] }
        let names = model.choices[agent.project]?.models.map(\.id) ?? []
        ui.dialogs.append(.pick(PickDialog(.model(agent.id), names, selected: ui.models[agent.id] ?? agent.model)))
        return names.isEmpty ? [order(.choices(agent.project), origin: .silent)] : []
    }

    /// The models have come.
    mutating func fillPicker(_ project: ProjectID) {
        guard case .pick(let dialog)? = ui.dialogs.last, case .model(let id) = dialog.purpose, dialog.names.isEmpty, model.herd.agents[id]?.project == project
        else { return }
        let names = model.choices[project]?.models.map(\.id) ?? []
        ui.dialogs[ui.dialogs.count - 1] = .pick(PickDialog(dialog.purpose, names, selected: ui.models[id] ?? model.herd.agents[id]?.model))
    }

    mutating func press(_ key: Key, isLeaving: Bool, _ dialog: PickDialog) -> [DashboardEffect] {
        if isLeaving {
            if case .theme(let before) = dialog.purpose, !dialog.names.isEmpty { return [.wearTheme(before)] }
            return []
        }
        var dialog = dialog
        switch key {
        case .down, .ctrl("n"), .tab: return choose(dialog.selected + 1, dialog)
        case .up, .ctrl("p"), .backTab: return choose(dialog.selected - 1, dialog)
        case .enter:
            guard dialog.shown.indices.contains(dialog.selected) else { break }
            return take(dialog.shown[dialog.selected], for: dialog.purpose)
        default: if dialog.search.handle(key, width: 1000) { return choose(0, dialog) }
        }
        ui.dialogs.append(.pick(dialog))
        return []
    }

    private mutating func take(_ name: String, for purpose: PickDialog.Purpose) -> [DashboardEffect] {
        switch purpose {
        case .theme: return [.keepTheme(name)]
        case .model(let id):
            ui.models[id] = name == model.herd.agents[id]?.model ? nil : name
            return []
        }
    }

    mutating func choose(_ row: Int, _ dialog: PickDialog) -> [DashboardEffect] {
        var dialog = dialog
        let shown = dialog.shown
        dialog.selected = max(0, min(shown.count - 1, row))
        ui.dialogs.append(.pick(dialog))
        guard case .theme = dialog.purpose, shown.indices.contains(dialog.selected) else { return [] }
        return [.wearTheme(shown[dialog.selected])]
    }

    func drawPicker(_ dialog: PickDialog, _ painter: inout Painter, _ body: Rect) {
        let rows = max(6, min(max(dialog.names.count, 3) + 4, body.rows - 2))
        let longest = dialog.names.map { displayWidth($0) }.max() ?? 0
        let box = drawBox(&painter, in: body, columns: min(max(40, longest + 12), body.columns - 2), rows: rows, .accent)
        let used = painter.put(dialog.title, box.column, box.row, .text, .bold)
        painter.drawField(
            dialog.search, in: Rect(box.column + used + 3, box.row, max(4, box.columns - used - 3), 1), hasFocus: true, placeholder: "a few letters")
        let list = box.inset(top: 2)
        let shown = dialog.shown
        if shown.isEmpty { painter.put(dialog.names.isEmpty ? "looking for them" : "nothing is called so", list.column, list.row, .muted) }
        let top = max(0, min(dialog.selected - list.rows / 2, shown.count - list.rows))
        for (offset, name) in shown.dropFirst(top).prefix(list.rows).enumerated() {
            let line = Rect(list.column - 2, list.row + offset, list.columns + 3, 1), isSelected = top + offset == dialog.selected
            if isSelected {
                painter.frame.clear(line, .sel)
                painter.put(painter.signs.bar, line.column, line.row, .accent)
            }
            let isTheme = if case .theme = dialog.purpose { true } else { false }
            painter.put(name, line.column + 2, line.row, .text, isSelected ? .bold : [], width: line.columns - (isTheme ? 16 : 4))
            // A taste of it is all around; here are the states that colours tell apart.
            if isSelected, isTheme {
                for (index, status) in [Status.waiting, .failed, .running, .done, .moving].enumerated() {
                    painter.put(painter.signs.glyph(status), line.right - 12 + index * 2, line.row, status.token, .bold)
                }
            }
            painter.region(line, .dialogRow(top + offset))
        }
    }
}
