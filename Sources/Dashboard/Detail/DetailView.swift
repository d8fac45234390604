import Domain
import Screen

extension Dashboard {
    func drawDetail(_ painter: inout Painter, _ rect: Rect) {
        guard let agent = selectedAgent else { return drawOverview(&painter, rect) }
        painter.surface(rect, ui.isZoomed ? .bg : .panel, rule: !ui.isZoomed)
        painter.region(rect, .pane(.detail))
        let layout = detailLayout()
        drawHead(&painter, agent, layout)
        if model.isLost { painter.frame.restyle(layout.head) { if $0.foreground != .token(.line) { $0.foreground = .token(.faint) } } }
        drawTabs(&painter, agent, layout, rect)
        switch ui.tab {
        case .activity: drawActivity(&painter, agent, layout.content)
        case .term: drawShell(&painter, agent, layout.content)
        case .diff: drawDiff(&painter, agent, layout.content)
        case .requests:
            painter.draw(Array(requestLines(agent, width: layout.content.columns, painter.look, painter.now).dropFirst(ui.infoTop)), in: layout.content)
        case .info: painter.draw(Array(infoLines(agent, width: layout.content.columns, painter.look, painter.now).dropFirst(ui.infoTop)), in: layout.content)
        }
        drawComposer(&painter, agent, layout)
        let composer = layout.composer
        if ui.isComposing { drawCompletion(&painter, above: composer.row, from: layout.tabs.row + 2, composer.column, composer.columns) }
    }

    private func drawHead(_ painter: inout Painter, _ agent: Agent, _ layout: DetailLayout) {
        if layout.isFlat { return drawFlatHead(&painter, agent, layout.head) }
        let rect = layout.head
        let place = model.place(of: agent)
        let glyph = painter.signs.glyph(agent.status)
        var whereabouts = [
            Span(model.project(of: agent)?.name ?? "", .muted), Span(" " + painter.signs.dot + " ", .faint), Span(place?.kind.rawValue ?? "no place", .muted),
        ]
        if whereabouts.width > rect.columns / 2 { whereabouts = [Span(place?.kind.rawValue ?? "", .muted)] }
        let right = layout.isCompact ? 0 : painter.right(whereabouts, rect.right - 1, rect.row, width: rect.columns / 2)
        painter.put(
            [Span(glyph + " ", agent.status.token, .bold), Span(agent.title, .text, .bold)], rect.column + 2, rect.row, width: rect.columns - right - 5)
        var second = [Span(place?.branch ?? place?.directory ?? "", .accent)]
        let changes = agent.changes.isEmpty ? [] : [Span(" ", .text)] + changeSpans(additions: agent.changes.additions, deletions: agent.changes.deletions)
        let model = agent.model.map { [Span(shortModel($0), .muted)] } ?? []
        if layout.isCompact {
            let money = agent.cost > 0 ? [Span("   " + dollars(micros: micros(agent.cost)), .text)] : []
            second = [Span(ellipsize(second[0].text, width: max(4, rect.columns - 3 - changes.width - money.width)), .accent)]
            painter.put(second + changes + money, rect.column + 2, rect.row + 1, width: rect.columns - 3)
            return
        }
        let modelWidth = painter.right(model, rect.right - 1, rect.row + 1, width: rect.columns / 2)
        second = [Span(ellipsize(second[0].text, width: max(4, rect.columns - 5 - modelWidth - changes.width)), .accent)]
        painter.put(second + changes, rect.column + 2, rect.row + 1, width: rect.columns - modelWidth - 4)
        drawNumbers(&painter, agent, Point(rect.column + 2, rect.row + 2), rect.columns - 3)
    }

    /// "! Add OAuth login   api · docker   drover/oauth-login → main                waiting 4m   $0.18"
    private func drawFlatHead(_ painter: inout Painter, _ agent: Agent, _ rect: Rect) {
        let glyph = painter.signs.glyph(agent.status)
        let place = model.place(of: agent)
        let numbers = [
            Span(agent.status.rawValue, agent.status.token), Span(" " + painter.now.age(of: agent.since), .muted),
            Span("   " + dollars(micros: micros(agent.cost)), .text),
        ]
        let right = painter.right(numbers, rect.right - 1, rect.row)
        var spans = [
            Span(glyph + " ", agent.status.token, .bold), Span(agent.title, .text, .bold),
            Span("   " + (model.project(of: agent)?.name ?? "") + " " + painter.signs.dot + " " + (place?.kind.rawValue ?? "no place"), .muted),
        ]
        if let branch = place?.branch {
            spans += [Span("   " + branch, .accent), Span(place?.base.map { " " + painter.signs.arrow + " " + shortBase($0) } ?? "", .muted)]
        }
        painter.put(spans, rect.column + 2, rect.row, width: rect.columns - right - 5)
    }

    /// "waiting 4m   $0.18   45.2k tok ▰▰▰▱▱▱▱▱ 31%"
    private func drawNumbers(_ painter: inout Painter, _ agent: Agent, _ point: Point, _ room: Int) {
        let age = painter.now.age(of: agent.since)
        var spans = [Span(agent.status.rawValue, agent.status.token), Span(" " + age, .muted), Span("   " + dollars(micros: micros(agent.cost)), .text)]
        if agent.tokens.total > 0 { spans.append(Span("   " + compact(agent.tokens.total) + " tok", .muted)) }
        let used = painter.put(spans, point.column, point.row, width: room)
        guard let use = agent.contextUse, use.isFinite, room - used >= 14 else { return }
        let share = max(0, min(1, use))
        painter.put(Span.gauge(share, width: 8, Span.token(ofShare: share), painter.signs), point.column + used + 1, point.row)
        painter.put("\(Int(share * 100))%", point.column + used + 10, point.row, .faint)
    }

    private func drawTabs(_ painter: inout Painter, _ agent: Agent, _ layout: DetailLayout, _ rect: Rect) {
        let row = layout.tabs.row
        let short = rect.columns < 47
        painter.frame.rule(Rect(rect.column + 1, row + 1, rect.columns - 1, 1))
        var column = rect.column + 2
        for tab in UI.Tab.allCases {
            let name =
                switch tab {
                case .activity: short ? "Act" : "Activity"
                case .diff: "Diff"
                case .requests: short ? "Req" : "Requests"
                case .term: "Term"
                case .info: "Info"
                }
            let count =
                switch tab {
                case .diff: agent.changes.files
                case .requests: agent.requests.count
                case .term: ui.shells.shells(of: agent.id).count
                case .activity, .info: 0
                }
            let isOn = tab == ui.tab
            let spans =
                [Span(name, isOn ? .text : .muted, isOn ? .bold : [])] + (count > 0 ? [Span(" \(count)", isOn ? .accent : .faint)] : [])
            let width = painter.put(spans, column, row, width: rect.right - column)
            if isOn { painter.put(String(repeating: painter.signs.thick, count: width), column, row + 1, .accent) }
            painter.region(Rect(column, row, width, 2), .tab(tab))
            column += width + 3
        }
        drawChoices(&painter, rect, row + 1)
    }

    /// On the rule below the tabs: what is looked for, and which kind of activity is shown.
    private func drawChoices(_ painter: inout Painter, _ rect: Rect, _ row: Int) {
        if let find = ui.find { return draw(find, &painter, rect, row) }
        guard ui.tab == .activity, ui.activity.kinds != .all else { return }
        let count = model.transcript.items.count { ui.activity.kinds.contains($0) }
        let wide = painter.right([Span(" only ", .faint), Span(ui.activity.kinds.rawValue, .accent, .bold), Span(" \(count) ", .muted)], rect.right - 1, row)
        painter.region(Rect(rect.right - 1 - wide, row, wide, 1), .command("kinds"))
    }

    private func draw(_ find: UI.Find, _ painter: inout Painter, _ rect: Rect, _ row: Int) {
        let hints = find.isEditing ? [] : [Span("  n", .accent, .bold), Span(" N", .accent, .bold)]
        let isMissing = find.match == nil && find.place == nil && !find.editor.isEmpty
        let words = [Span(isMissing ? " no " : " ", .fail), Span("/", .accent, .bold)]
        let text = suffix(find.editor.text, width: max(4, rect.columns / 2 - 8))
        // A conversation is laid out only where it is looked at: how often it has the word nobody knows.
        let count = found.map { [Span(" \($0.number)/\($0.count)", .muted)] } ?? []
        let spans = words + [Span(text + (find.isEditing ? " " : ""), isMissing ? .muted : .text)] + count + hints + [Span(" ", .text)]
        let wide = painter.right(spans, rect.right - 1, row)
        painter.region(Rect(rect.right - 1 - wide, row, wide, 1), .command("find"))
        if find.isEditing { painter.frame.cursor = Cursor(Point(rect.right - 1 - wide + words.width + displayWidth(text), row)) }
    }

    private func drawActivity(_ painter: inout Painter, _ agent: Agent, _ rect: Rect) {
        guard !rect.isEmpty else { return }
        let flow = Flow(self, agent, width: rect.columns, height: rect.rows, look: painter.look, now: painter.now)
        let window = flow.window(ui.activity.anchor, height: rect.rows)
        let needle = ui.find?.needle
        let found = ui.find?.match.flatMap(flow.place)
        for (index, row) in window.rows.enumerated() {
            let content = needle.map { row.content.marking($0, isFound: row.place == found) } ?? row.content
            let line = rect.line(index)
            let id = flow.id(row.block)
            let isChosen = ui.focus == .detail && id == ui.activity.chosen && !ui.isComposing
            painter.region(line, .block(id))
            if isChosen, content.background == nil, !content.spans.isEmpty {
                painter.frame.clear(line, .sel)
                painter.draw(content, in: line)
                painter.put(painter.signs.bar, line.column, line.row, .accent)
            } else {
                painter.draw(content, in: line)
                // The air above it belongs to no item.
                let isAir = content.spans.isEmpty && row.place.line == 0 && row.place.part == 0
                if isChosen, !isAir { painter.put(painter.signs.bar, line.column, line.row, .accent) }
            }
        }
        if !window.isAtEnd { drawBelow(&painter, agent, Rect(rect.column, rect.bottom, rect.columns, 1)) }
    }

    /// Scrolled away from the end: the way back, and what waits there.
    private func drawBelow(_ painter: inout Painter, _ agent: Agent, _ rect: Rect) {
        let new = model.transcript.items.count - ui.activity.known
        let news = [Span(" " + painter.signs.down + " ", .accent), Span(new > 0 ? "\(new) new " : "more below ", new > 0 ? .text : .faint)]
        let words = agent.requests.isEmpty ? news : [Span(" ! waits for you below ", .wait)]
        painter.right(words + [Span("G", .accent, .bold)], rect.right - 1, rect.row)
        painter.region(rect, .command("move.bottom"))
    }

    private func drawComposer(_ painter: inout Painter, _ agent: Agent, _ layout: DetailLayout) {
        let rect = layout.composer
        guard !rect.isEmpty else { return }
        painter.frame.clear(rect, .raised)
        painter.region(rect, .composer)
        let textRect = layout.hasMeta ? rect.inset(bottom: 1) : rect
        if !painter.look.shades { painter.put(">", rect.column, rect.row, .accent) }
        if ui.isComposing {
            drawDraft(&painter, textRect)
        } else if let draft = ui.drafts[agent.id], !draft.isEmpty {
            painter.put([Span(draft.text.trimmed.firstLine, .muted)], rect.column + 4, rect.row, width: rect.columns - 12)
            painter.right([Span("draft", .faint)], rect.right - 1, rect.row)
        } else {
            painter.put(painter.signs.caret, rect.column + 2, rect.row, .faint)
            painter.put(
                [Span("Send a message" + painter.signs.ellipsis, .faint), Span("   " + painter.look.key("agent.prompt"), .muted, .bold)], rect.column + 4,
                rect.row, width: rect.columns - 5)
        }
        guard layout.hasMeta else { return }
        let dot = Span(" " + painter.signs.dot + " ", .faint)
        var meta = [Span(ui.modes[agent.id] ?? agent.mode ?? "build", .accent)]
        if let model = ui.models[agent.id] ?? agent.model { meta += [dot, Span(shortModel(model), ui.models[agent.id] == nil ? .faint : .accent)] }
        if !agent.queued.isEmpty { meta += [dot, Span("queued prompts: \(agent.queued.count)", .faint)] }
        if ui.isComposing, agent.status.isWorking || agent.status == .waiting { meta += [dot, Span("will be queued", .wait)] }
        painter.put(meta, rect.column + 4, rect.bottom - 1, width: rect.columns - 5)
    }

    private func drawDraft(_ painter: inout Painter, _ rect: Rect) {
        guard let id = ui.selected, let draft = ui.drafts[id] else { return }
        let chips = chips(draft, .agent(id))
        let text = Rect(rect.column + 4, rect.row, rect.columns - 5, max(1, rect.rows - (chips.isEmpty ? 0 : 1)))
        painter.draw(draft, in: text, hasFocus: true)
        markMentions(draft, .agent(id), &painter, text)
        if rect.rows > text.rows { draw(chips, &painter, Rect(text.column, text.bottom, text.columns, 1)) }
        for row in rect.row..<rect.bottom { painter.put(painter.signs.caret, rect.column + 2, row, .accent) }
    }
}

extension Painter {
    /// An editor in its box; the row of the cursor is always shown.
    mutating func draw(_ editor: TextEditor, in rect: Rect, hasFocus: Bool, placeholder: String = "") {
        guard !rect.isEmpty else { return }
        let rows = editor.rows(width: rect.columns)
        let place = editor.cursorPlace(in: rows)
        let top = max(0, place.row - rect.rows + 1)
        for (index, range) in rows.dropFirst(top).prefix(rect.rows).enumerated() {
            put(String(editor.characters[range]), rect.column, rect.row + index, .text, width: rect.columns)
        }
        if editor.isEmpty, !placeholder.isEmpty { put(placeholder, rect.column, rect.row, .faint, width: rect.columns) }
        if hasFocus { frame.cursor = Cursor(Point(min(rect.right - 1, rect.column + place.column), rect.row + place.row - top)) }
    }

    /// One line of text that scrolls sideways so that the cursor is in it.
    mutating func drawField(_ editor: TextEditor, in rect: Rect, hasFocus: Bool, placeholder: String = "") {
        guard !rect.isEmpty else { return }
        let before = String(editor.characters[..<editor.cursor])
        let used = displayWidth(before)
        if used < rect.columns {
            put(editor.text, rect.column, rect.row, .text, width: rect.columns)
        } else {
            put(suffix(before, width: rect.columns - 1), rect.column, rect.row, .text, width: rect.columns - 1)
        }
        if editor.isEmpty, !placeholder.isEmpty { put(placeholder, rect.column, rect.row, .faint, width: rect.columns) }
        if hasFocus { frame.cursor = Cursor(Point(min(rect.right - 1, rect.column + min(used, rect.columns - 1)), rect.row)) }
    }
}
