import Domain
import Screen

extension Dashboard {
    /// The largest useful first line of the tabs Requests and Info.
    var infoLastTop: Int {
        guard let agent = selectedAgent else { return 0 }
        let content = detailLayout().content
        let lines = ui.tab == .info ? infoLines(agent, width: content.columns, Look(), now) : requestLines(agent, width: content.columns, Look(), now)
        return max(0, lines.count - content.rows)
    }

    /// All requests of an agent, each as its card; keys answer the first.
    func requestLines(_ agent: Agent, width: Int, _ look: Look, _ now: Now) -> [Line] {
        let requests = model.requests(of: agent)
        guard !requests.isEmpty else {
            return [Line(indent: 1, [Span("Nothing waits for an answer.", .muted)])]
                + (listing.queue.isEmpty
                    ? []
                    : [.blank]
                        + Line.hints(
                            [Hint("queue", "shows the \(listing.queue.count) of other agents", look)], indent: 1, width: width))
        }
        let brush = ActivityBrush(self, agent, width: width, look: look, now: now)
        return requests.enumerated().flatMap { index, request -> [Line] in
            let age = Line(indent: 1, [Span(index == 0 ? "asks now" : "then", .faint, .bold)], right: [Span(now.age(of: request.asked), .muted)])
            return [age] + CardBrush(brush, request, isExpanded: index == 0).card().lines + [.blank]
        }
    }

    /// Everything that is known about an agent, and why its status is what it is.
    func infoLines(_ agent: Agent, width: Int, _ look: Look, _ now: Now) -> [Line] {
        var sheet = Sheet(width: width, look: look)
        sheet.heading("WHY " + agent.status.rawValue)
        sheet.row("evidence", [Span(agent.evidence.what.isEmpty ? agent.evidence.source.rawValue : agent.evidence.what, .text)])
        sheet.row("when", [Span(now.clock(agent.evidence.at), .text), Span("  by " + Self.sourceWords(agent.evidence.source), .muted)])
        if !agent.evidence.server.isEmpty { sheet.text("from", agent.evidence.server) }
        if let error = agent.error { sheet.text("error", error, .fail) }
        sinceYouLooked(agent, &sheet, now)
        place(agent, &sheet)
        server(agent, &sheet, now)
        sheet.heading("MONEY")
        sheet.row("cost", [Span(dollars(micros: micros(agent.cost)), .text)])
        sheet.row(
            "tokens", [Span(compact(agent.tokens.total), .text), Span("   in \(compact(agent.tokens.input))  out \(compact(agent.tokens.output))", .muted)])
        if agent.tokens.reasoning > 0 { sheet.row("", [Span("of it thinking \(compact(agent.tokens.reasoning))", .muted)]) }
        if agent.tokens.cacheRead + agent.tokens.cacheWrite > 0 {
            sheet.row("", [Span("cache: \(compact(agent.tokens.cacheRead)) read, \(compact(agent.tokens.cacheWrite)) written", .muted)])
        }
        if let use = agent.contextUse, use.isFinite {
            sheet.row(
                "context",
                Span.gauge(use, width: max(4, min(20, width - 34)), Span.token(ofShare: use), look.signs)
                    + [Span("  \(Int(max(0, min(10, use)) * 100))%", .text), Span(" of the window", .muted)])
        }
        if let model = agent.model {
            sheet.row(
                "model",
                displayWidth(model) <= width - 12
                    ? [Span(model, .text)] : [Span(shortModel(model), .text), Span("  " + (model.split(separator: "/").first.map(String.init) ?? ""), .muted)])
        }
        if let mode = agent.mode { sheet.row("mode", [Span(mode, .text)]) }
        todos(agent, &sheet)
        children(agent, &sheet)
        sheet.heading("IDENTITY")
        sheet.row("agent", [Span(agent.id.raw, .text)])
        if let session = agent.session { sheet.row("session", [Span(session.raw, .text)]) }
        sheet.row("made", [Span(now.age(of: agent.created) == "now" ? "now" : now.age(of: agent.created) + " ago", .text)])
        return sheet.lines
    }

    private static func sourceWords(_ source: Evidence.Source) -> String {
        switch source {
        case .event: "an event of the server"
        case .read: "reading the server"
        case .action: "drover or a person"
        case .link: "the connection"
        }
    }

    private func sinceYouLooked(_ agent: Agent, _ sheet: inout Sheet, _ now: Now) {
        guard agent.hasNews else { return }
        sheet.heading("SINCE YOU LOOKED", now.clock(agent.digest.since, withSeconds: false))
        for line in wordLines(agent.digest.words, cost: agent.costSinceLooked, width: sheet.width - 2) { sheet.row(line.spans) }
        for file in agent.digest.files.prefix(8) { sheet.item([Span("  ", .text)], file, .muted) }
        if agent.digest.files.count > 8 { sheet.row([Span("  and \(agent.digest.files.count - 8) more", .faint)]) }
    }

    private func place(_ agent: Agent, _ sheet: inout Sheet) {
        sheet.heading("PLACE")
        guard let place = model.place(of: agent) else { return sheet.row("", [Span("not made yet", .muted)]) }
        sheet.row("kind", [Span(place.kind.rawValue, .text), Span(place.kind == .worktree && !place.isOurs ? "  made by somebody else" : "", .muted)])
        sheet.path("directory", place.directory)
        if let branch = place.branch { sheet.row("branch", [Span(branch, .accent)]) }
        if let base = place.base { sheet.row("began at", [Span(shortBase(base), .text)]) }
        if let trouble = place.trouble { sheet.text("trouble", trouble, .fail) }
    }

    private func server(_ agent: Agent, _ sheet: inout Sheet, _ now: Now) {
        sheet.heading("SERVER")
        guard let server = model.server(of: agent) else { return sheet.row("", [Span("none yet, starts when used", .muted)]) }
        sheet.row(
            "state",
            [
                Span(server.state.rawValue, server.state == .live ? .run : server.state == .failed ? .fail : .text),
                Span(server.version.map { "  opencode " + $0 } ?? "", .muted),
            ])
        if let url = server.url { sheet.row("address", [Span(url, .text), Span(server.pid.map { "  pid \($0)" } ?? "", .muted)]) }
        if server.memory > 0 {
            sheet.row(
                "uses",
                [Span(byteSize(server.memory), .text), Span(server.cpu.isFinite ? "  \(Int(max(0, min(1000, server.cpu)) * 100))% of a core" : "", .muted)])
        }
        if server.restarts > 0 { sheet.row("restarts", [Span(String(server.restarts), .text)]) }
        if let trouble = server.trouble { sheet.text("trouble", trouble, .fail) }
        if let retry = server.retryAt { sheet.row("next try", [Span(now.clock(retry), .text)]) }
    }

    private func todos(_ agent: Agent, _ sheet: inout Sheet) {
        guard !agent.todos.isEmpty else { return }
        let done = agent.todos.filter { $0.status == "completed" }.count
        sheet.heading("TODO", "\(done) of \(agent.todos.count)")
        for todo in agent.todos {
            let (mark, token, text): (String, Token, Token) =
                switch todo.status {
                case "completed": (sheet.look.signs.tick, .done, .faint)
                case "in_progress": (sheet.look.signs.server, .run, .text)
                case "cancelled": (sheet.look.signs.cross, .off, .faint)
                default: (sheet.look.signs.off, .faint, .muted)
                }
            sheet.item([Span(mark + " ", token)], todo.content, text)
        }
    }

    private func children(_ agent: Agent, _ sheet: inout Sheet) {
        guard !agent.subAgents.isEmpty else { return }
        sheet.heading("SUB-AGENTS", String(agent.subAgents.count))
        /// Children under their parents; a ring among them would never end, so depth is limited.
        func add(_ parent: SessionID?, _ depth: Int, _ left: inout [SubAgent]) {
            let mine = left.filter { depth == 0 ? ($0.parent == agent.session || !agent.subAgents.map(\.session).contains($0.parent)) : $0.parent == parent }
            left.removeAll { child in mine.contains { $0.session == child.session } }
            for child in mine {
                let glyph = child.isBusy ? sheet.look.signs.server : sheet.look.signs.tick
                sheet.item(
                    [Span(String(repeating: "  ", count: depth), .text), Span(glyph + " ", child.isBusy ? .run : .done)],
                    child.title + (child.isBusy && !child.activity.text.isEmpty ? "   " + child.activity.text : ""), child.isBusy ? .text : .muted)
                if depth < 6 { add(child.session, depth + 1, &left) }
            }
        }
        var left = agent.subAgents
        add(agent.session, 0, &left)
    }
}

/// Headings, and names with values behind them.
private struct Sheet {
    let width: Int
    let look: Look
    var lines: [Line] = []

    mutating func heading(_ text: String, _ detail: String = "") {
        if !lines.isEmpty { lines.append(.blank) }
        lines.append(Line(indent: 1, [Span(text, .faint, .bold)] + (detail.isEmpty ? [] : [Span("   " + detail, .muted)])))
    }
    mutating func row(_ name: String, _ value: [Span]) { lines.append(Line(indent: 1, [Span(name.padded(to: 10), .muted)] + value)) }
    mutating func row(_ spans: [Span]) { lines.append(Line(indent: 1, spans)) }
    mutating func path(_ name: String, _ value: String) { row(name, [Span(ellipsizePath(value, width: max(4, width - 12)), .text)]) }
    mutating func text(_ name: String, _ value: String, _ token: Token = .text) {
        for (index, part) in wrap(value, width: max(4, width - 12)).prefix(12).enumerated() { row(index == 0 ? name : "", [Span(String(part), token)]) }
    }
    mutating func item(_ mark: [Span], _ value: String, _ token: Token) {
        let indent = mark.width
        for (index, part) in wrap(value, width: max(4, width - 3 - indent)).prefix(4).enumerated() {
            lines.append(Line(indent: index == 0 ? 1 : 1 + indent, (index == 0 ? mark : []) + [Span(String(part), token)]))
        }
    }
}
