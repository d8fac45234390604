import Domain
import Screen

/// Where the feed and what happened since the person looked stand.
struct FeedLayout: Equatable {
    var title: Rect
    var list: Rect
    /// Empty where there is no room beside the list.
    var digest: Rect

    init(_ size: Size) {
        let body = Rect(size).inset(top: 1, bottom: 1)
        title = body.line(0)
        let rest = body.inset(top: 2)
        guard size.columns >= 110 else {
            (list, digest) = (rest, Rect(rest.right, rest.row, 0, 0))
            return
        }
        (list, digest) = rest.splitLeft(size.columns - max(40, min(64, size.columns / 3)))
    }
}

extension Dashboard {
    /// What happened in the whole herd, the newest at the bottom; beside it what each agent did since the person looked.
    func drawFeed(_ painter: inout Painter, _ body: Rect) {
        let layout = FeedLayout(ui.size), entries = shownFeed
        drawFeedTitle(&painter, layout, shown: entries.count)
        painter.surface(layout.list, .panel)
        painter.region(layout.list, .pane(.feed))
        if entries.isEmpty { drawEmptyFeed(&painter, layout.list) } else { drawEntries(&painter, entries, layout.list) }
        if !layout.digest.isEmpty {
            painter.surface(layout.digest, .bg, rule: true)
            painter.draw(digestLines(painter, width: layout.digest.columns - 4), in: layout.digest.inset(left: 2, top: 1, right: 1))
        }
    }

    private func drawFeedTitle(_ painter: inout Painter, _ layout: FeedLayout, shown: Int) {
        let rect = layout.title
        let count = shown == model.feed.count ? "\(shown)" : "\(shown) of \(model.feed.count)"
        let right = painter.right([Span(count, .muted)], rect.right - 1, rect.row)
        let room = rect.columns - right - 5
        if ui.filter.isEditing || !ui.filter.editor.isEmpty { return drawFilter(&painter, rect, room) }
        var spans = [Span("Feed", .text, .bold)]
        spans += scopeWords
        spans.append(Span("   what happened, the newest last", .faint))
        painter.put(spans, rect.column + 2, rect.row, width: room)
    }

    private func drawEmptyFeed(_ painter: inout Painter, _ rect: Rect) {
        let words = model.feed.isEmpty ? "Nothing has happened yet." : "Nothing of what happened matches."
        painter.draw(
            [.blank, Line(indent: 2, [Span(words, .text)])] + Line.hints([Hint("back", "back", painter.look)], indent: 2, width: rect.columns), in: rect)
    }

    private func drawEntries(_ painter: inout Painter, _ entries: [FeedEntry], _ rect: Rect) {
        let chosen = chosenRow(in: entries)
        let top = feedTop(count: entries.count, chosen: chosen, room: rect.rows)
        let titleWidth = max(14, min(32, rect.columns * 3 / 10))
        var before: AgentID?
        for (index, entry) in entries[top...].prefix(rect.rows).enumerated() {
            let line = rect.line(index)
            painter.region(line, .feedEntry(entry.number))
            if top + index == chosen {
                painter.frame.clear(line, .sel)
                painter.bar(line, .accent)
            }
            draw(&painter, entry, line, titleWidth, isSameAgent: entry.agent == before && index > 0)
            before = entry.agent
        }
    }

    /// The window's first row: the chosen one a third above its end, at the newest the end itself.
    private func feedTop(count: Int, chosen: Int, room: Int) -> Int {
        max(0, min(count - room, chosen - room * 2 / 3))
    }

    private func draw(_ painter: inout Painter, _ entry: FeedEntry, _ rect: Rect, _ titleWidth: Int, isSameAgent: Bool) {
        let (verb, token) = entry.look
        var column = rect.column + 2
        column += painter.put(painter.now.clock(entry.at, withSeconds: rect.columns >= 100), column, rect.row, .faint) + 2
        // Lines of one agent that follow each other read as one.
        painter.put(entry.title, column, rect.row, isSameAgent ? .faint : .text, isSameAgent ? [] : .bold, width: titleWidth)
        column += titleWidth + 2
        painter.put(verb, column, rect.row, token, width: 8)
        column += 9
        let result = rect.columns >= 70 ? painter.right([Span(entry.result, entry.isFailure ? .fail : .muted)], rect.right - 1, rect.row, width: 24) : 0
        painter.put(
            entry.kind == .done ? entry.text.unmarkedLine : entry.text, column, rect.row, entry.isFailure ? .fail : .text,
            width: max(0, rect.right - column - result - 2))
    }

    // MARK: Since the person looked

    /// All agents together, then each that has news.
    func digestLines(_ painter: Painter, width: Int) -> [Line] {
        let agents = digestAgents
        let sum = HerdDigest(agents)
        var lines = [Line([Span("SINCE YOU LOOKED", .faint, .bold)], right: sum.since.map { [Span(painter.now.age(of: $0), .muted)] } ?? [])]
        guard !agents.isEmpty else { return lines + [.blank, Line([Span("Nothing new.", .muted)])] }
        lines += wordLines(sum.words, cost: sum.cost, width: width)
        for agent in agents {
            lines.append(.blank)
            let age = painter.now.age(of: agent.digest.since)
            var head = Line(
                [Span(painter.signs.glyph(agent.status) + " ", agent.status.token, .bold), Span(ellipsize(agent.title, width: max(8, width - 8)), .text)],
                right: [Span(age, .muted)])
            head.hits = [(0..<width, .feedAgent(agent.id))]
            lines.append(head)
            lines += wordLines(agent.digest.words, cost: agent.costSinceLooked, width: width - 2).map { line in
                var line = line
                line.indent = 2
                return line
            }
        }
        return lines
    }

    /// Those with news, in the order of the list and the same as it lets through.
    var digestAgents: [Agent] { listing.rows.compactMap { model.herd.agents[$0] }.filter(\.hasNews) }

    /// "3 turns   5 files   12 commands, 2 failed   $0.43" on as many lines as it takes.
    func wordLines(_ words: [DigestWords], cost: Double, width: Int) -> [Line] {
        var pieces = words.map { [Span($0.text, .muted)] + ($0.bad.isEmpty ? [] : [Span($0.bad, .fail)]) }
        if cost > 0 { pieces.append([Span(dollars(micros: micros(cost)), .text)]) }
        var lines = [Line()]
        var used = 0
        for piece in pieces {
            if used > 0, used + 3 + piece.width > width {
                lines.append(Line())
                used = 0
            }
            if used > 0 { lines[lines.count - 1].spans.append(Span("   ", .muted)) }
            lines[lines.count - 1].spans += piece
            used += piece.width + (used > 0 ? 3 : 0)
        }
        return lines
    }
}

extension FeedEntry {
    /// The word for what it is, and its colour.
    fileprivate var look: (verb: String, token: Token) {
        switch kind {
        case .new, .prompt: (kind.rawValue, .accent)
        case .command: ("bash", isFailure ? .fail : .muted)
        case .test: ("test", isFailure ? .fail : .done)
        case .edit: ("edit", isFailure ? .fail : .muted)
        case .request: ("asks", .wait)
        case .answer: ("answer", .muted)
        case .done: ("done", .done)
        case .failed: ("failed", .fail)
        case .paused: ("paused", .muted)
        case .archived, .removed, .restored: (kind.rawValue, .faint)
        }
    }
}
