package import Domain
package import Screen

extension Dashboard {
    /// The screen at this moment. Pure: the same state gives the same cells. Frames that follow each other share `atlas`; given the scene before, what
    /// did not change is copied from there, which gives the same cells, too.
    package func view(look: Look = Look(), atlas: Atlas = Atlas(), now: Now, after before: Scene? = nil) -> Scene {
        var look = look
        look.keys = keyMap
        var painter = Painter(Frame(ui.size, atlas: atlas), look: look, now: now, after: before)
        painter.frame.title = windowTitle
        painter.frame.mouse = preferences.mouse
        let layout = Layout(ui.size, ui)
        if layout.mode == .tooSmall {
            drawTooSmall(&painter)
        } else {
            drawHeader(&painter, layout.header)
            if ui.queue != nil {
                drawQueue(&painter, layout.body)
            } else if ui.feed != nil {
                drawFeed(&painter, layout.body)
            } else {
                drawColumns(&painter, layout)
            }
            drawFooter(&painter, layout.footer)
            if ui.toast != nil { drawToast(&painter, layout) }
            if let dialog = ui.dialog {
                // A theme is looked at on what lies behind.
                if case .pick(let pick) = dialog, case .theme = pick.purpose {
                } else {
                    painter.frame.dim(layout.header)
                    painter.frame.dim(layout.body)
                }
                painter.frame.cursor = nil
                painter.region(Rect(ui.size), .pane(.behind))
                draw(dialog, &painter, layout)
            }
        }
        if let cursor = painter.frame.cursor, !painter.frame.bounds.contains(cursor.position) { painter.frame.cursor = nil }
        return Scene(frame: painter.frame, regions: painter.regions, recipes: isCovered(layout) ? Recipes() : painter.recipes, uncoloured: painter.uncoloured)
    }

    private var windowTitle: String {
        let count = listing.waiting
        return count == 0 ? "drover" : "drover (\(count))"
    }

    private func drawTooSmall(_ painter: inout Painter) {
        let size = ui.size
        guard size.rows > 0, size.columns > 0 else { return }
        let words = ["drover needs 40×10", "here are \(size.columns)×\(size.rows)"]
        let top = max(0, (size.rows - words.count) / 2)
        for (index, line) in words.enumerated() where top + index < size.rows {
            let text = painter.look.ascii ? String(line.map { $0 == "×" ? "x" : $0 }) : line
            painter.put(text, max(0, (size.columns - displayWidth(text)) / 2), top + index, index == 0 ? .text : .muted, width: size.columns)
        }
    }

    private func drawColumns(_ painter: inout Painter, _ layout: Layout) {
        if !layout.agents.isEmpty { drawAgents(&painter, layout.agents, layout) }
        if !layout.detail.isEmpty { drawDetail(&painter, layout.detail) }
        if !layout.projects.isEmpty {
            if layout.mode == .two {
                painter.frame.dim(layout.agents)
                painter.region(layout.agents, .pane(.behind))
            }
            drawProjects(&painter, layout.projects)
        }
    }

    // MARK: Header and footer

    private func drawHeader(_ painter: inout Painter, _ rect: Rect) {
        let isStarting = if case .starting = model.connection { true } else { false }
        let recipe = HeaderRecipe(rect: rect, listing: listing.version, isStarting: isStarting, isMuted: ui.notify.isMuted, look: painter.look)
        // How long the daemon is lost is told there, too.
        painter.recipes.header = painter.keep(model.isLost ? nil : recipe, like: painter.before?.recipes.header, in: rect) { drawWords(&$0, rect) }
    }

    private func drawWords(_ painter: inout Painter, _ rect: Rect) {
        painter.surface(rect, .panel)
        let words = listing.words
        var column = 1 + painter.put("drover", 1, rect.row, .accent, .bold)
        func room() -> Int { rect.columns - 1 - column }
        if rect.columns >= 60 { column += 3 + painter.put(words.counts, column + 3, rect.row, .muted, width: room() - 3) }
        if !words.waiting.isEmpty {
            let wide = painter.put(words.waiting, column + 3, rect.row, .wait, .bold, width: room() - 3)
            painter.region(Rect(column + 3, rect.row, wide, 1), .command("queue"))
            column += 3 + wide
        }
        if case .starting = model.connection, !model.hasHerd || rect.columns >= 100 {
            column += painter.put("   starting", column, rect.row, .muted, width: room())
        }
        if ui.notify.isMuted { column += painter.put("   do not disturb", column, rect.row, .faint, width: room()) }
        if let banner = lostBanner(painter) { column += painter.put(banner, column, rect.row, width: room()) }
        var right = [Span(words.spent, .text), Span(" today", .muted)]
        if rect.columns >= 110 {
            right += [Span("   " + words.tokens, .text), Span(" tok", .muted)]
            right += [Span("   " + painter.signs.server + " ", listing.liveServers > 0 ? .run : .off), Span(words.servers, .muted)]
        }
        if right.width <= rect.columns - column - 3 { painter.right(right, rect.right - 1, rect.row) }
    }

    private func lostBanner(_ painter: Painter) -> [Span]? {
        guard case .lost(let since, let why) = model.connection else { return nil }
        let age = painter.now.age(of: since)
        return [
            Span("   " + painter.signs.cross + " connection lost", .fail, .bold),
            Span((age == "now" ? "" : " " + age) + (ui.size.columns >= 90 && !why.isEmpty ? "   " + why : ""), .muted),
        ]
    }

    /// The keys of this place, in an order that never changes; what cannot be used now is faint. Help is always there.
    private func drawFooter(_ painter: inout Painter, _ rect: Rect) {
        painter.recipes.footer = painter.keep(footerRecipe(rect, painter.look), like: painter.before?.recipes.footer, in: rect) { drawHints(&$0, rect) }
    }

    private func footerRecipe(_ rect: Rect, _ look: Look) -> FooterRecipe? {
        guard ui.dialog == nil, ui.queue == nil else { return nil }
        let context = context, options = currentQuestion?.question.options.count ?? 0
        return FooterRecipe(
            rect: rect, context: context, look: look, enabled: (Command.footers[context] ?? []).map { $0.whyNot(self) == nil },
            options: options, takesOption: options > 0 && WhyNot.question(self) == nil, tab: ui.tab, hasChosenBlock: ui.activity.chosen != nil,
            shell: shellFooter)
    }

    private func drawHints(_ painter: inout Painter, _ rect: Rect) {
        painter.surface(rect, .panel)
        var hints = footerHints(painter.look)
        let gap = rect.columns < 70 ? 2 : 3
        var widths = hints.map(\.width)
        var width = widths.reduce(0) { $0 + $1 + gap } - gap
        while width > rect.columns - 2, hints.count > 1 {
            hints.remove(at: hints.count - 2)
            width -= widths.remove(at: widths.count - 2) + gap
        }
        var column = 1
        for (hint, width) in zip(hints, widths) {
            if let hit = hint.hit { painter.region(Rect(column, rect.row, width, 1), hit) }
            column += painter.put(hint, column, rect.row, width: rect.right - column) + gap
        }
    }

    private func footerHints(_ look: Look) -> [Hint] {
        if let dialog = ui.dialog, !isCompleting { return hints(for: dialog, look) }
        let context: Command.Contexts = isCompleting ? .completing : context
        if context == .queue { return queueHints(look) }
        if context == .shell { return shellHints(look) }
        var hints: [Hint] = []
        for command in Command.footers[context] ?? [] { if let hint = footerHint(command, context, look) { hints.append(hint) } }
        return hints
    }

    /// Where a key means something special here, the footer says so.
    private func footerHint(_ command: Command, _ context: Command.Contexts, _ look: Look) -> Hint? {
        var hint = Hint(key: look.key(command.name), label: command.short, hit: .command(command.name), isEnabled: command.whyNot(self) == nil)
        switch command.name {
        case "move.down": (hint.key, hint.hit, hint.label) = ("j/k", nil, context == .term ? "scroll" : hint.label)
        case "open" where context == .term: (hint.label, hint.isEnabled) = (shellFooter.label, shellFooter != .nowhere)
        case "shell.next": hint.key = "J/K"
        case "file.next": hint.key = "J/K"
        case "open" where context == .detail: hint.label = ui.tab != .activity ? "open" : ui.activity.chosen == nil ? "write" : "expand"
        case "open" where context == .diff: hint.label = "fold"
        case "hunk.next": hint.key = "{/}"
        case "answer.once":
            if let question = currentQuestion?.question, !question.options.isEmpty {
                let count = min(9, question.options.count)
                hint = Hint(key: count == 1 ? "1" : "1" + (look.ascii ? "-" : "–") + String(count), label: "answer", isEnabled: WhyNot.question(self) == nil)
            }
        default: break
        }
        return hint
    }

    // MARK: Toast

    /// Above the footer, over the list: nothing moves out of its way.
    private func drawToast(_ painter: inout Painter, _ layout: Layout) {
        guard let toast = ui.toast else { return }
        let area = ui.dialog != nil || layout.agents.isEmpty || ui.queue != nil || ui.feed != nil ? layout.body : layout.agents
        let token: Token =
            switch toast.level {
            case .info: .done;
            case .warning: .wait;
            case .error: .fail
            }
        let width = min(area.columns, 100) - 4
        var lines = wrap(toast.text.trimmed, width: max(4, width)).prefix(3).map { Line(indent: 2, [Span(String($0), .text)], background: .raised, bar: token) }
        if !toast.remedy.isEmpty {
            lines += wrap(toast.remedy, width: max(4, width)).prefix(2).map { Line(indent: 2, [Span(String($0), .muted)], background: .raised, bar: token) }
        }
        let wide = min(area.columns, (lines.map(\.spans.width).max() ?? 0) + 4)
        // Not over the line that somebody types on in a terminal.
        let row = context == .shell && area == layout.body ? layout.body.row : layout.body.bottom - lines.count
        painter.draw(lines, in: Rect(area.column, row, wide, lines.count))
    }
}
