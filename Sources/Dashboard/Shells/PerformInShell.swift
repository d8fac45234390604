import Domain
import Screen

extension Dashboard {
    mutating func performInShell(_ intent: Intent) -> [DashboardEffect] {
        switch intent {
        case .shellNew: return startShell(replacing: nil)
        case .shellTurn(let step): turnShell(step)
        case .shellClose: return closeShell()
        case .shellLeave: ui.shells.typing = nil
        case .shellSend:
            // The key that leaves, for the program itself; then the person is in it again.
            guard let shell = shownShell, shell.isRunning else { break }
            ui.shells.typing = shell.id
            return [.shell(shell.id, .key(shellLeaveKey))]
        case .shellScroll(let pages): scrollShell(by: -pages * max(1, detailRoom - 3))
        default: break
        }
        return []
    }

    /// Enter on the tab: into the terminal, which is started if there is none or it has ended.
    mutating func enterShell(_ now: Now) -> [DashboardEffect] {
        if let why = WhyNot.shell(self) {
            say(.warning, "a terminal: not now", remedy: why, now)
            return []
        }
        guard let shell = shownShell else { return startShell(replacing: nil) }
        guard shell.isRunning else { return startShell(replacing: shell.id) }
        ui.shells.typing = shell.id
        ui.shells.scrolled = 0
        return []
    }

    private mutating func startShell(replacing old: ShellID?) -> [DashboardEffect] {
        guard let agent = selectedAgent, let place = model.place(of: agent) else { return [] }
        ui.tab = .term
        ui.focus = .detail
        ui.shells.lastID += 1
        let shell = Shell(ShellID(ui.shells.lastID), of: agent.id)
        var effects: [DashboardEffect] = []
        if let old, let index = ui.shells.byAgent[agent.id]?.firstIndex(where: { $0.id == old }) {
            ui.shells.byAgent[agent.id]?[index] = shell
            effects.append(.shell(old, .end))
        } else {
            ui.shells.byAgent[agent.id, default: []].append(shell)
        }
        ui.shells.chosen[agent.id] = shell.id
        ui.shells.typing = shell.id
        ui.shells.scrolled = 0
        let size = ShellLayout(detailLayout().content).grid.size
        return effects + [.shell(shell.id, .start(agent: agent.id, directory: place.directory, size: size))]
    }

    private mutating func turnShell(_ step: Int) {
        guard let agent = ui.selected, let shown = shownShell else { return }
        let all = ui.shells.shells(of: agent)
        let index = all.firstIndex { $0.id == shown.id } ?? 0
        chooseShell(all[(index + step + all.count) % all.count].id)
    }

    mutating func chooseShell(_ id: ShellID) {
        guard let agent = ui.selected else { return }
        ui.shells.chosen[agent] = id
        ui.shells.scrolled = 0
    }

    private mutating func closeShell() -> [DashboardEffect] {
        guard let shell = shownShell else { return [] }
        if shell.isRunning { return [.shell(shell.id, .close)] }
        return endShell(shell.id)
    }

    /// Takes it from the tab; what is left of it ends.
    mutating func endShell(_ id: ShellID) -> [DashboardEffect] {
        ui.shells.remove(id)
        return [.shell(id, .end)]
    }

    /// Up is below 0.
    mutating func scrollShell(by lines: Int) {
        guard let screen = shownShell?.screen else { return }
        ui.shells.scrolled = max(0, min(screen.above, ui.shells.scrolled - lines))
    }

    // MARK: Typing

    /// Everything but the keys of the table goes to the program inside. When there is none any more, nothing is done: keys that were meant for it are
    /// not to become commands.
    mutating func pressInShell(_ key: Key, _ now: Now) -> [DashboardEffect] {
        if let command = keyMap.command(for: key, in: .shell) { return run(command, now) }
        if key == shellLeaveKey { return performInShell(.shellLeave) }
        guard let shell = shownShell, shell.id == ui.shells.typing else {
            say(.warning, "the terminal is gone", remedy: keyName(shellLeaveKey) + " leaves it", now)
            return []
        }
        if shell.isRunning { return [.shell(shell.id, .key(key))] }
        if key == .enter { return startShell(replacing: shell.id) }
        if key == .escape { ui.shells.typing = nil }
        return []
    }

    mutating func pasteInShell(_ text: String) -> [DashboardEffect] {
        guard let shell = shownShell, shell.id == ui.shells.typing, shell.isRunning else { return [] }
        return [.shell(shell.id, .paste(text))]
    }

    /// The mouse over the terminal: to the program, if the person is in it and it wants that; nil: as everywhere.
    mutating func pointInShell(_ mouse: Mouse) -> [DashboardEffect]? {
        guard let shell = shownShell, shell.isRunning, ui.dialog == nil, ui.queue == nil, ui.shells.typing == shell.id, let screen = shell.screen else {
            return nil
        }
        let rect = ShellLayout(detailLayout().content).grid
        let isInside = rect.contains(mouse.position)
        var inner = mouse
        inner.position = Point(
            max(0, min(rect.columns - 1, mouse.position.column - rect.column)), max(0, min(rect.rows - 1, mouse.position.row - rect.row)))
        let isWheel = mouse.action == .wheelUp || mouse.action == .wheelDown
        switch mouse.action {
        case .drag, .release, .move: return screen.wantsMouse ? [.shell(shell.id, .mouse(inner))] : []
        case .press, .wheelUp, .wheelDown, .wheelLeft, .wheelRight:
            guard isInside else { return nil }
            if screen.wantsMouse { return [.shell(shell.id, .mouse(inner))] }
            // As terminals do for programs that know no mouse: a pager scrolls.
            if isWheel, screen.isAlternate { return Array(repeating: .shell(shell.id, .key(mouse.action == .wheelUp ? .up : .down)), count: 3) }
            return isWheel ? nil : []
        }
    }
}
