import Domain
import Screen

extension Dashboard {
    /// A click is what the key for the thing below it would be; the wheel scrolls what is under the pointer.
    mutating func point(_ mouse: Mouse, _ now: Now) -> [DashboardEffect] {
        if let effects = drag(mouse, now) { return effects }
        if let effects = pointInShell(mouse) { return effects }
        switch mouse.action {
        case .wheelUp, .wheelDown: wheel(mouse.action == .wheelUp ? -3 : 3, at: mouse.position, now)
        case .press where mouse.button == .left:
            if let hit = view(now: now).hit(at: mouse.position) { return click(hit, now) }
        case .wheelLeft, .wheelRight: if ui.dialog == nil, context == .diff { shiftDiff(by: mouse.action == .wheelLeft ? -4 : 4) }
        case .press, .release, .drag, .move: break
        }
        return []
    }

    private mutating func wheel(_ lines: Int, at point: Point, _ now: Now) {
        guard case .pane(let pane)? = view(now: now).hit(at: point, where: { if case .pane = $0 { true } else { false } }) else { return }
        switch pane {
        case .agents:
            ui.isListFree = true
            ui.listTop = max(0, ui.listTop + lines)
        case .projects, .behind: break
        case .detail: if ui.selected != nil { scrollDetail(by: lines) }
        case .queue:
            guard let queue = ui.queue, !listing.queue.isEmpty else { break }
            ui.queue?.selected = listing.queue[max(0, min(listing.queue.count - 1, queue.selectedRow + lines.signum()))]
        case .feed: moveInFeed(by: lines)
        case .dialog:
            switch ui.dialogs.popLast() {
            case .help(var help):
                help.top = max(0, min(help.top + lines, helpLastTop(help)))
                ui.dialogs.append(.help(help))
            case .palette(var palette):
                palette.selected = max(0, min(paletteEntries(palette.editor.text).count - 1, palette.selected + lines.signum()))
                ui.dialogs.append(.palette(palette))
            case let other?: ui.dialogs.append(other)
            case nil: break
            }
        }
    }

    mutating func click(_ hit: Hit, _ now: Now) -> [DashboardEffect] {
        if case .completion(let row) = hit {
            ui.completion?.selected = row
            performCompleting(.completeTake)
            return []
        }
        if ui.dialog != nil { return clickInDialog(hit, now) }
        if case .command = hit {} else if case .composer = hit {} else { leaveTyping() }
        switch hit {
        case .agent(let id):
            // The second click opens.
            if ui.selected == id, Layout(ui.size, ui).mode == .one || ui.focus == .agents { ui.focus = .detail } else { ui.focus = .agents }
            select(id)
            ui.watch.hasGone = true
        case .scope(let scope):
            ui.scope = scope
            ui.focus = .projects
        case .tab(let tab): return show(tab, now)
        case .command(let name): return Command.named(name).map { run($0, now) } ?? []
        case .request(let id):
            ui.queue?.selected = id
            ui.watch.hasGone = true
        case .block(let id):
            ui.focus = .detail
            if ui.activity.chosen == id { toggle(id) } else { ui.activity.chosen = id }
        case .option(let index): return Command.named("answer.\(index + 1)").map { run($0, now) } ?? []
        case .file(let index):
            showFile(index)
            ui.focus = .detail
        case .fold(let index):
            foldFile(index)
            ui.focus = .detail
        case .shell(let id):
            // The first click chooses, the next goes into it.
            guard ui.focus == .detail, shownShell?.id == id else {
                ui.focus = .detail
                chooseShell(id)
                break
            }
            return enterShell(now)
        case .feedEntry(let number):
            // The second click opens.
            let entries = shownFeed
            if !entries.isEmpty, entries[chosenRow(in: entries)].number == number { openFromFeed(now) } else { ui.feed?.chosen = number }
        case .feedAgent(let id): open(fromFeed: id, now)
        case .composer: return run(.compose, now)
        case .pane(.behind): ui.focus = .agents
        case .pane(.agents): ui.focus = .agents
        case .pane(.detail): if ui.selected != nil { ui.focus = .detail }
        case .pane(.projects): ui.focus = .projects
        case .pane(.queue), .pane(.feed), .pane(.dialog), .dialogRow, .dialogCancel, .completion: break
        }
        return []
    }

    private mutating func leaveTyping() {
        ui.isComposing = false
        ui.find?.isEditing = false
        ui.shells.typing = nil
        ui.filter.isEditing = false
        if ui.filter.error != nil { _ = perform(.filterKeep, now) }
    }

    private mutating func clickInDialog(_ hit: Hit, _ now: Now) -> [DashboardEffect] {
        switch (hit, ui.dialog) {
        case (.dialogCancel, _): return pressInDialog(.escape, now)
        case (.pane(.behind), .help?), (.pane(.behind), .palette?): ui.dialogs.removeLast()
        case (.dialogRow(let row), .palette(var palette)?):
            palette.selected = row
            ui.dialogs[ui.dialogs.count - 1] = .palette(palette)
            return pressInDialog(.enter, now)
        case (.dialogRow(let row), .pick(let dialog)?):
            ui.dialogs.removeLast()
            // A second click takes it.
            if row != dialog.selected { return choose(row, dialog) }
            ui.dialogs.append(.pick(dialog))
            return pressInDialog(.enter, now)
        case (.pane(.behind), .pick?): return pressInDialog(.escape, now)
        case (.dialogRow, .confirm?): return pressInDialog(.enter, now)
        case (.dialogRow(100), .newAgent?): return pressInDialog(.enter, now)
        case (.dialogRow(let row), .newAgent(var form)?):
            guard let field = NewAgentForm.Field(rawValue: row) else { break }
            // A second click on a choice goes to its next value.
            if form.field == field, form.isChoice { return pressInDialog(.right, now) }
            form.field = field
            ui.dialogs[ui.dialogs.count - 1] = .newAgent(form)
        default: break
        }
        return []
    }
}
