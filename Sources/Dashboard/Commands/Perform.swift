import Domain
import Query
import Screen

extension Dashboard {
    /// Carries out what a key, a click or a line of the palette meant. `whyNot` was asked before.
    mutating func perform(_ intent: Intent, _ now: Now) -> [DashboardEffect] {
        switch intent {
        case .move(let step): move(by: step)
        case .page(let step): page(step)
        case .edge(let side): edge(side)
        case .open: return open(now)
        case .back: back()
        case .focusLeft: focusLeft()
        case .focusRight: return focusRight(now)
        case .tab(let tab): return show(tab, now)
        case .turnTab(let step): return show(neighbour(of: ui.tab, step), now)
        case .turnFile(let step): turnFile(step)
        case .turnHunk, .diffSides, .diffSpaces, .diffSource, .diffFold, .diffShift: performDiff(intent)
        case .scrollCard(let lines): if ui.queue != nil { scrollQueueCard(by: lines) } else { _ = scrollCard(by: lines) }
        case .zoom:
            ui.isZoomed.toggle()
            if ui.isZoomed { ui.focus = .detail }
        case .board:
            ui.isBoard.toggle()
            (ui.isZoomed, ui.focus) = (false, .agents)
        case .density: ui.density = UI.Density(rawValue: (ui.density.rawValue + 1) % 4) ?? .automatic
        case .order:
            let all = Order.allCases
            ui.order = all[((all.firstIndex(of: ui.order) ?? 0) + 1) % all.count]
        case .kinds(let step):
            let all = ActivityView.Kinds.allCases
            ui.activity = ActivityView(kinds: all[((all.firstIndex(of: ui.activity.kinds) ?? 0) + step + all.count) % all.count])
        case .find, .findNext, .findKeep, .findClear: performFind(intent)
        case .filter:
            ui.filter.isEditing = true
            ui.filter.origin = ui.selected
            ui.isZoomed = false
            ui.focus = .agents
            ui.filter.editor.moveToEnd()
        case .feed: return toggleFeed()
        case .keepView: askForView()
        case .palette: ui.dialogs.append(.palette(PaletteDialog()))
        case .help: ui.dialogs.append(.help(HelpDialog()))
        case .queue:
            ui.queue = QueueView()
            ui.feed = nil
            ui.watch.hasGone = true
        case .nextNeedy: nextNeedy(now)
        case .projects:
            ui.isZoomed = false
            ui.focus = ui.focus == .projects ? .agents : .projects
        case .overview: select(nil)
        case .compose, .composeSend, .composeLeave, .composeEditor, .composeMode, .composeModel, .composeRecall, .completeTake, .completeMove, .completeClose,
            .filterKeep, .filterClear:
            return performTyping(intent, now)
        case .answer, .reject, .option, .ownWords, .submit, .markAlike, .openAgent: return performAnswer(intent, now)
        case .takeBack: takeBack(now)
        case .shellNew, .shellTurn, .shellClose, .shellLeave, .shellSend, .shellScroll: return performInShell(intent)
        case .new, .stop, .resume, .retry, .rename, .archive, .remove, .undo, .attach, .editPlace, .mark, .markAll, .copy, .unqueue:
            return performOnAgents(intent, now)
        case .quit: return sendHeld() + [.quit]
        case .suspend: return [.suspend]
        case .redraw: return [.redraw]
        case .theme:
            ui.dialogs.append(.pick(PickDialog(.theme(before: ""))))
            return [.listThemes]
        case .pressed: ui.dialogs.append(.pressed(PressedDialog()))
        case .mute:
            ui.notify.isMuted.toggle()
            let back = "\(key("mute")) turns them on again"
            say(.info, ui.notify.isMuted ? "no notifications until you want them" : "notifications are on", remedy: ui.notify.isMuted ? back : "", now)
        }
        return []
    }

    // MARK: Moving

    private mutating func move(by step: Int) {
        if ui.queue != nil { return moveInQueue(by: step) }
        if ui.feed != nil { return moveInFeed(by: step) }
        switch ui.focus {
        case .projects: moveScope(by: step)
        case .agents: if ui.isBoard { moveOnBoard(by: step) } else { moveRow(by: step) }
        case .detail: moveInDetail(by: step)
        }
    }

    private mutating func moveScope(by step: Int) {
        let scopes = listing.scopes()
        let index = scopes.firstIndex(of: ui.scope) ?? 0
        ui.scope = scopes[max(0, min(scopes.count - 1, index + step))]
    }

    private mutating func moveRow(by step: Int) {
        guard !listing.rows.isEmpty else { return }
        // From the overview, down is the first row and up the last.
        guard ui.selected != nil else { return select(step > 0 ? listing.rows.first : listing.rows.last) }
        let row = listing.rows.firstIndex { $0 == ui.selected } ?? ui.selectedRow
        select(listing.rows[max(0, min(listing.rows.count - 1, row + step))])
        if ui.filter.isEditing { ui.filter.origin = ui.selected }
    }

    private mutating func moveInQueue(by step: Int) {
        guard let queue = ui.queue, !listing.queue.isEmpty else { return }
        ui.queue?.selected = listing.queue[max(0, min(listing.queue.count - 1, queue.selectedRow + step))]
    }

    private mutating func moveInDetail(by step: Int) {
        switch ui.tab {
        case .activity: chooseBlock(by: step)
        case .diff: scrollDiff(to: ui.diff.top + step)
        case .requests, .info: ui.infoTop = max(0, min(infoLastTop, ui.infoTop + step))
        case .term: scrollShell(by: step)
        }
    }

    private mutating func page(_ step: Int) {
        let layout = Layout(ui.size, ui)
        if ui.queue != nil { return moveInQueue(by: step * max(1, QueueLayout(ui.size).visible - 1)) }
        if ui.feed != nil { return moveInFeed(by: step * max(1, FeedLayout(ui.size).list.rows - 2)) }
        switch ui.focus {
        case .projects: moveScope(by: step * 5)
        case .agents where ui.isBoard: moveOnBoard(by: step * 4)
        case .agents: moveRow(by: step * max(1, layout.visibleAgents(ui.density, count: listing.rows.count) - 1))
        case .detail: scrollDetail(by: step * max(1, detailRoom - 2))
        }
    }

    /// The wheel and pages: the window moves, the choice stays.
    mutating func scrollDetail(by lines: Int) {
        switch ui.tab {
        case .activity: scrollActivity(by: lines)
        case .diff: scrollDiff(to: ui.diff.top + lines)
        case .requests, .info: ui.infoTop = max(0, min(infoLastTop, ui.infoTop + lines))
        case .term: scrollShell(by: lines)
        }
    }

    private mutating func edge(_ side: Int) {
        if ui.queue != nil { return moveInQueue(by: side * 1_000_000) }
        if ui.feed != nil { return moveInFeed(by: side * 1_000_000) }
        switch ui.focus {
        case .projects: moveScope(by: side * 1_000_000)
        case .agents where ui.isBoard: moveOnBoard(by: side * 1_000_000)
        case .agents: select(side < 0 ? listing.rows.first : listing.rows.last)
        case .detail:
            switch ui.tab {
            case .activity: edgeOfActivity(side)
            case .diff: scrollDiff(to: side < 0 ? 0 : diffLastTop)
            case .requests, .info: ui.infoTop = side < 0 ? 0 : infoLastTop
            case .term: scrollShell(by: side * 1_000_000)
            }
        }
    }

    private mutating func open(_ now: Now) -> [DashboardEffect] {
        if ui.feed != nil {
            openFromFeed(now)
            return []
        }
        switch ui.focus {
        case .projects: ui.focus = .agents
        case .agents:
            if ui.selected == nil { select(listing.rows.first) } else { ui.focus = .detail }
            ui.watch.hasGone = true
        case .detail:
            if ui.tab == .term { return enterShell(now) }
            if ui.tab == .activity, let chosen = ui.activity.chosen { toggle(chosen) } else if ui.tab == .activity { return run(.compose, now) }
            if ui.tab == .diff { foldFile(ui.diff.file) }
        }
        return []
    }

    private mutating func focusLeft() {
        switch ui.focus {
        case .projects: break
        case .agents: if !(ui.isBoard && moveAcrossBoard(by: -1)) { ui.focus = .projects }
        case .detail:
            if ui.isZoomed { ui.isZoomed = false } else { ui.focus = .agents }
        }
    }

    private mutating func focusRight(_ now: Now) -> [DashboardEffect] {
        if ui.focus == .detail {
            if ui.tab == .activity, let chosen = ui.activity.chosen { toggle(chosen) }
            return []
        }
        // At the last column the board ends.
        if ui.isBoard, ui.focus == .agents, ui.selected != nil {
            _ = moveAcrossBoard(by: 1)
            return []
        }
        return open(now)
    }

    /// One step back, everywhere: what was opened last is closed first.
    private mutating func back() {
        if ui.queue != nil {
            if ui.queue?.marks.isEmpty == false { ui.queue?.marks = [] } else { ui.queue = nil }
        } else if ui.feed != nil {
            if ui.feed?.chosen != nil { ui.feed?.chosen = nil } else { ui.feed = nil }
        } else if ui.focus == .detail, ui.find != nil {
            ui.find = nil
        } else if ui.focus == .detail, ui.activity.chosen != nil || ui.activity.anchor != nil, ui.tab == .activity {
            ui.activity.chosen = nil
            ui.activity.anchor = nil
        } else if ui.isZoomed {
            ui.isZoomed = false
        } else if ui.focus != .agents {
            ui.focus = .agents
        } else if !ui.marks.isEmpty {
            ui.marks = []
        } else if !ui.filter.editor.isEmpty {
            clearFilter()
        } else if ui.scope != .all {
            ui.scope = .all
        } else {
            select(nil)
        }
    }

    // MARK: View

    private func neighbour(of tab: UI.Tab, _ step: Int) -> UI.Tab {
        let tabs = UI.Tab.allCases
        let index = tabs.firstIndex(of: tab) ?? 0
        return tabs[(index + step + tabs.count) % tabs.count]
    }

    mutating func show(_ tab: UI.Tab, _ now: Now) -> [DashboardEffect] {
        ui.tab = tab
        ui.infoTop = 0
        ui.find = nil
        ui.focus = .detail
        guard tab == .diff, let id = ui.selected, !model.isLost else { return [] }
        ui.diff = ui.diff.atTop
        if case .ready? = model.diffs[id] {} else { model.diffs[id] = .asked }
        return [order(.diff(id), origin: .silent)]
    }

    /// Waiting, failed, quiet; after the last comes the first again. The list's filters do not hide who needs a person.
    private mutating func nextNeedy(_ now: Now) {
        let needy = Order.attention.sorted(model.herd.agents.values.filter { !$0.archived && ($0.status.needsPerson || $0.status == .quiet) }, in: model.herd)
        guard !needy.isEmpty else { return say(.info, "nobody needs you", now) }
        let index = ui.selected.flatMap(needy.firstIndex(of:)).map { ($0 + 1) % needy.count } ?? 0
        ui.queue = nil
        ui.feed = nil
        if !listing.rows.contains(needy[index]) {
            clearFilter()
            ui.scope = .all
        }
        ui.tab = .activity
        select(needy[index])
        ui.watch.hasGone = true
    }

    mutating func clearFilter() {
        if ui.filter.isEditing, let origin = ui.filter.origin, model.herd.agents[origin] != nil { select(origin) }
        ui.filter = UI.Filter()
    }

    /// A command inside another: with its reason why not.
    mutating func run(_ intent: Intent, _ now: Now) -> [DashboardEffect] {
        guard let command = Command.table.first(where: { $0.intent == intent }) else { return perform(intent, now) }
        return run(command, now)
    }
}
