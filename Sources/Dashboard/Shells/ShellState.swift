package import Domain
import Screen

/// Which shells there are, which of each agent is the chosen one, and whether the person types into it.
package struct Shells: Equatable, Sendable {
    package internal(set) var byAgent: [AgentID: [Shell]] = [:]
    package internal(set) var chosen: [AgentID: ShellID] = [:]
    /// All keys go there, whatever happens, until the person leaves it.
    package internal(set) var typing: ShellID?
    /// Lines that the chosen one is scrolled back.
    package internal(set) var scrolled = 0
    var lastID = 0

    package init() {}

    package func shells(of agent: AgentID?) -> [Shell] { agent.flatMap { byAgent[$0] } ?? [] }

    package func chosen(of agent: AgentID?) -> Shell? {
        let all = shells(of: agent)
        return all.first { $0.id == agent.flatMap { chosen[$0] } } ?? all.last
    }

    mutating func change(_ id: ShellID, _ body: (inout Shell) -> Void) {
        for (agent, shells) in byAgent {
            if let index = shells.firstIndex(where: { $0.id == id }) { body(&byAgent[agent, default: []][index]) }
        }
    }

    func find(_ id: ShellID) -> Shell? { byAgent.values.lazy.joined().first { $0.id == id } }

    mutating func remove(_ id: ShellID) {
        guard let agent = find(id)?.agent else { return }
        let index = byAgent[agent]?.firstIndex { $0.id == id } ?? 0
        byAgent[agent]?.remove(at: index)
        let left = byAgent[agent] ?? []
        if left.isEmpty { byAgent[agent] = nil }
        chosen[agent] = left.isEmpty ? nil : left[min(index, left.count - 1)].id
        if typing == id { typing = nil }
        scrolled = 0
    }
}

extension Dashboard {
    /// The shell of the Term tab; nil when there is none, or the tab is another.
    var shownShell: Shell? { ui.tab == .term ? ui.shells.chosen(of: ui.selected) : nil }

    /// The shell whose screen is to be told.
    private var shellView: ShellView? {
        guard let shell = shownShell, ui.queue == nil, ui.size.columns >= Layout.least.columns, ui.size.rows >= Layout.least.rows else { return nil }
        if case .failed = shell.state { return nil }
        let rect = ShellLayout(detailLayout().content).grid
        return rect.isEmpty || Layout(ui.size, ui).detail.isEmpty ? nil : ShellView(shell.id, rect.size, scrolled: ui.shells.scrolled)
    }

    /// Tells the program which one is seen, when that has changed.
    mutating func watchShell() -> [DashboardEffect] {
        let view = shellView
        guard view != ui.watch.shell else { return [] }
        ui.watch.shell = view
        return [.showShell(view)]
    }

    mutating func take(_ news: ShellNews, of id: ShellID, _ now: Now) {
        switch news {
        case .started(let name):
            ui.shells.change(id) { ($0.state, $0.name) = (.running, name) }
        case .screen(let screen):
            ui.shells.change(id) { $0.screen = screen }
            if ui.watch.shell?.id == id {
                ui.shells.scrolled = screen.scrolled
                ui.watch.shell?.scrolled = screen.scrolled
            }
        case .ended(let end): ui.shells.change(id) { $0.state = .ended(end) }
        case .failed(let words): ui.shells.change(id) { $0.state = .failed(words) }
        case .closed: ui.shells.remove(id)
        case .busy:
            guard let shell = ui.shells.find(id) else { break }
            ui.dialogs.append(.confirm(closing([shell], title: "Close the terminal of " + name(shell.agent), effects: [.shell(id, .end)])))
        }
    }

    /// The screen was to be closed, and something runs in these.
    mutating func askBeforeQuitting(_ ids: [ShellID]) {
        let shells = ids.compactMap(ui.shells.find)
        ui.dialogs.append(.confirm(closing(shells, title: "Close the screen", effects: sendHeld() + [.quitNow])))
    }

    private func closing(_ shells: [Shell], title: String, effects: [DashboardEffect]) -> ConfirmDialog {
        var dialog = ConfirmDialog(
            title: title, subjects: shells.map { $0.title + "   " + name($0.agent) },
            consequences: ["what runs in " + (shells.count == 1 ? "this terminal" : "these terminals") + " is ended"], verb: "close", isDangerous: false,
            orders: [],
            words: "")
        dialog.effects = effects
        return dialog
    }

    /// The agents are gone, and their directories may be, too.
    mutating func forgetShells(of agents: some Sequence<AgentID>) -> [DashboardEffect] {
        var effects: [DashboardEffect] = []
        for agent in agents {
            for shell in ui.shells.shells(of: agent) { effects.append(.shell(shell.id, .end)) }
            ui.shells.byAgent[agent] = nil
            ui.shells.chosen[agent] = nil
        }
        return effects
    }
}

extension UI {
    /// The same to the eye: when a key was pressed last is not seen.
    package func looksLike(_ other: UI) -> Bool {
        var other = other
        other.notify.touched = notify.touched
        return self == other
    }
}
