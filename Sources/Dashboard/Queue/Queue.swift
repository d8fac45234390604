import Domain
import Screen

/// Where the queue's list and the chosen request stand.
struct QueueLayout: Equatable {
    var title: Rect
    var list: Rect
    var card: Rect

    init(_ size: Size) {
        let body = Rect(size).inset(top: 1, bottom: 1)
        title = body.line(0)
        let rest = body.inset(top: 1)
        if size.columns >= 70 {
            let width = size.columns >= 110 ? min(70, size.columns * 45 / 100) : size.columns * 45 / 100
            (list, card) = rest.splitLeft(width)
        } else {
            (list, card) = rest.splitTop(max(3, rest.rows * 2 / 5))
        }
    }

    /// Requests that the list has room for: two lines each and an empty one between where there is room.
    var visible: Int { max(1, (list.rows) / rowHeight) }
    var rowHeight: Int { list.rows >= 18 ? 3 : 2 }
}

extension Dashboard {
    /// All requests of all projects; the chosen one in full with what led to it.
    func drawQueue(_ painter: inout Painter, _ body: Rect) {
        guard let queue = ui.queue else { return }
        let layout = QueueLayout(ui.size)
        let projects = Set(listing.queue.compactMap { model.herd.requests[$0]?.agent }.compactMap { model.herd.agents[$0]?.project }).count
        let count = listing.queue.isEmpty ? "none" : "\(listing.queue.count) of " + counted(projects, "project") + ", oldest first"
        painter.put(
            [Span("Requests", .text, .bold), Span("   " + count, .muted)], layout.title.column + 2, layout.title.row, width: layout.title.columns - 3)
        painter.surface(layout.list, .panel)
        if !painter.look.shades { painter.frame.upright(column: layout.list.right - 1, from: layout.list.row, rows: layout.list.rows) }
        painter.region(layout.list, .pane(.queue))
        guard !listing.queue.isEmpty else { return drawEmptyQueue(&painter, layout) }
        var row = layout.list.row + (layout.rowHeight == 3 ? 1 : 0)
        for id in listing.queue.dropFirst(queue.top) {
            guard row + 2 <= layout.list.bottom, let request = model.herd.requests[id] else { break }
            drawQueued(&painter, request, queue, Rect(layout.list.column, row, layout.list.columns, 2))
            row += layout.rowHeight
        }
        if row + 1 < layout.list.bottom { drawTogether(&painter, queue, Rect(layout.list.column + 2, layout.list.bottom - 2, layout.list.columns - 3, 1)) }
        if let request = currentRequest { drawChosen(&painter, request, layout.card) }
    }

    /// What is answered together, and how to take it back.
    private func drawTogether(_ painter: inout Painter, _ queue: QueueView, _ rect: Rect) {
        if let held = ui.held {
            let used = painter.put(counted(held.orders.count, "answer") + " go out in a moment   ", rect.column, rect.row, .muted, width: rect.columns)
            let hint = Hint("queue.takeBack", "take back", painter.look)
            painter.put(hint, rect.column + used, rect.row, width: rect.columns - used)
            painter.region(rect, .command("queue.takeBack"))
        } else if queue.marks.count > 1 {
            painter.put("\(queue.marks.count) marked are answered together", rect.column, rect.row, .muted, width: rect.columns)
        }
    }

    private func drawEmptyQueue(_ painter: inout Painter, _ layout: QueueLayout) {
        painter.draw(
            [.blank, Line(indent: 2, [Span("Nothing waits for an answer.", .text)])]
                + Line.hints([Hint("back", "back", painter.look)], indent: 2, width: layout.list.columns), in: layout.list)
    }

    private func drawQueued(_ painter: inout Painter, _ request: Request, _ queue: QueueView, _ rect: Rect) {
        let isChosen = request.id == queue.selected
        let isMarked = queue.marks.contains(request.id)
        painter.region(rect, .request(request.id))
        if isChosen {
            painter.frame.clear(rect, .sel)
            painter.bar(rect, .accent)
        }
        painter.put(isMarked ? painter.signs.on : painter.signs.off, rect.column + 2, rect.row, isMarked ? .accent : .faint)
        let isSent = answer(of: request.id) != nil
        let (verb, what): (String, String) =
            switch request.kind {
            case .permission(let permission):
                (ActivityBrush.verb(permission.name), (permission.detail.isEmpty ? permission.patterns.first ?? "" : permission.detail).firstLine)
            case .question(let questions): ("asks", (questions.first?.text ?? "").firstLine)
            }
        let right = painter.right([Span(isSent ? "answered" : painter.now.age(of: request.asked), .muted)], rect.right - 1, rect.row)
        let verbWidth = max(5, displayWidth(verb) + 1)
        painter.put(
            [Span(verb.padded(to: verbWidth), isSent ? .faint : .wait, .bold), Span(what, isSent ? .faint : .text)], rect.column + 4, rect.row,
            width: rect.columns - right - 6)
        let agent = request.agent.flatMap { model.herd.agents[$0] }
        let child = agent?.subAgents.first { $0.session == request.session }
        var who = [Span(agent?.title ?? "an agent that is not known yet", .muted)]
        if let child { who.append(Span(" " + painter.signs.into + " " + child.title, .muted)) }
        if let agent, let project = model.project(of: agent) { who.append(Span(" " + painter.signs.dot + " " + project.name, .faint)) }
        painter.put(who, rect.column + 4 + verbWidth, rect.row + 1, width: rect.columns - 6 - verbWidth)
    }

    private func drawChosen(_ painter: inout Painter, _ request: Request, _ rect: Rect) {
        let inner = Self.cardRect(rect)
        guard let agent = request.agent.flatMap({ model.herd.agents[$0] }) else { return }
        let place = model.place(of: agent)
        var lines = [
            Line(
                indent: 1,
                [
                    Span("! ", .wait, .bold), Span(ellipsize(agent.title, width: max(8, inner.columns / 2)), .text, .bold),
                    Span(
                        "   " + (model.project(of: agent)?.name ?? "") + " " + painter.signs.dot + " " + (place?.kind.rawValue ?? "")
                            + (place?.branch.map { " " + painter.signs.dot + " " + $0 } ?? ""), .muted),
                ]), .blank,
        ]
        let brush = ActivityBrush(self, agent, width: min(inner.columns, 90), look: painter.look, now: painter.now)
        lines += CardBrush(brush.answering(ui.answering[request.id]), request, isExpanded: true).card()
            .lines(in: max(1, inner.rows - 2), top: ui.queue?.cardTop ?? 0, signs: painter.signs)
        let before = beforeLines(agent, brush, room: inner.rows - lines.count - 2)
        if !before.isEmpty { lines += [.blank, Line(indent: 1, [Span("BEFORE IT", .faint, .bold)])] + before }
        painter.draw(lines, in: inner)
        painter.region(inner, .pane(.queue))
    }

    /// Moves the middle of a card that does not fit.
    mutating func scrollQueueCard(by lines: Int) {
        guard let request = currentRequest, let agent = request.agent.flatMap({ model.herd.agents[$0] }) else { return }
        let inner = Self.cardRect(QueueLayout(ui.size).card)
        let brush = ActivityBrush(self, agent, width: min(inner.columns, 90), look: Look(), now: now).answering(ui.answering[request.id])
        let last = CardBrush(brush, request, isExpanded: true).card().lastTop(in: max(1, inner.rows - 2))
        let top = ui.queue?.cardTop ?? 0
        ui.queue?.cardTop = max(0, min(last, top + lines))
    }

    private static func cardRect(_ rect: Rect) -> Rect { rect.inset(left: 1, top: rect.rows > 20 ? 1 : 0, right: 1) }

    /// The last things that happened before the request, as far as there is room.
    private func beforeLines(_ agent: Agent, _ brush: ActivityBrush, room: Int) -> [Line] {
        guard room > 0, model.transcript.agent == agent.id else { return [] }
        var lines: [Line] = []
        var after = false
        for item in model.transcript.items.reversed() {
            if item.tool?.state == .pending || item.tool?.state == .running { continue }
            let block = brush.lines(of: .item(item, nil), isToggled: false)
            let isTalk = item.kind == .text || item.kind == .user
            let air = isTalk && !lines.isEmpty || (!isTalk && after) ? 1 : 0
            guard lines.count + block.count + air <= min(room, 10) else { break }
            lines = block + (air > 0 ? [.blank] : []) + lines
            after = isTalk
        }
        return lines
    }

    func queueHints(_ look: Look) -> [Hint] {
        let isQuestion = if case .question = currentRequest?.kind { true } else { false }
        let names = isQuestion ? ["answer.words", "answer.no"] : ["answer.once", "answer.always", "answer.no", "answer.noBecause"]
        let labels = ["answer.once": "once", "answer.noBecause": "no, because", "agent.mark": "mark", "queue.agent": "open the agent"]
        let rows = (names + ["agent.mark", "queue.alike", "queue.takeBack", "queue.agent", "back", "help"]).compactMap(Command.named)
        return [Hint(key: "j/k", label: "next")] + (isQuestion ? [Hint(key: look.ascii ? "1-9" : "1–9", label: "choose")] : [])
            + rows.map {
                Hint(key: look.key($0.name), label: labels[$0.name] ?? $0.short, hit: .command($0.name), isEnabled: $0.whyNot(self) == nil)
            }
    }
}
