import Domain
import Query
import Screen

extension Dashboard {
    /// Finished agents that the overview names: unseen ones first, then the newest.
    private var finishedAgents: [Agent] {
        model.herd.agents.values.filter { $0.status == .done && !$0.archived }
            .sorted { ($0.unseen ? 0 : 1, $1.since, $0.id) < ($1.unseen ? 0 : 1, $0.since, $1.id) }
    }

    private var needyAgents: [Agent] {
        Order.attention.sorted(model.herd.agents.values.filter { !$0.archived && ($0.status.needsPerson || $0.status == .quiet) }, in: model.herd).compactMap {
            model.herd.agents[$0]
        }
    }

    var overviewTimes: [Timestamp] { finishedAgents.prefix(8).map(\.since) }

    /// No agent is chosen: what needs a person, what is finished, what runs and what it costs.
    func drawOverview(_ painter: inout Painter, _ rect: Rect) {
        painter.surface(rect, .panel, rule: true)
        painter.region(rect, .pane(.detail))
        let inner = rect.inset(left: 2, top: 0, right: 0, bottom: 1)
        painter.draw(overviewLines(painter, width: inner.columns), in: inner)
    }

    private func overviewLines(_ painter: Painter, width: Int) -> [Line] {
        guard model.hasHerd else { return [Line([Span(model.isLost ? "Not connected" : "Starting", .text, .bold)])] }
        if model.herd.projects.isEmpty || listing.total == 0 { return welcome(width, painter.look) }
        var lines = [Line([Span("Overview", .text, .bold)], right: [Span("of all projects", .faint)]), .blank, counts(), .blank]
        let needy = needyAgents
        if !needy.isEmpty {
            var line = heading("NEEDS YOU")
            line.right = Hint(key: painter.look.key("next"), label: "one after the other").spans
            line.hits = [(0..<width, .command("next"))]
            lines.append(line)
            lines += needy.prefix(6).map { needyLine($0, painter, width) }
            if needy.count > 6 { lines.append(Line([Span("  and \(needy.count - 6) more", .faint)])) }
            lines.append(.blank)
        }
        let finished = finishedAgents
        if !finished.isEmpty {
            lines.append(heading("FINISHED"))
            lines += finished.prefix(6).map { finishedLine($0, painter) }
            if finished.count > 6 { lines.append(Line([Span("  and \(finished.count - 6) more", .faint)])) }
            lines.append(.blank)
        }
        lines += sinceYouLooked(painter, width)
        lines += money(width)
        lines += places(width)
        lines += servers(painter)
        return lines + notices(painter, width)
    }

    private func sinceYouLooked(_ painter: Painter, _ width: Int) -> [Line] {
        let sum = HerdDigest(model.herd.agents.values.filter { !$0.archived })
        guard !sum.agents.isEmpty else { return [] }
        var head = heading("SINCE YOU LOOKED", counted(sum.agents.count, "agent"))
        head.right = Hint(key: painter.look.key("feed"), label: "what happened").spans
        head.hits = [(0..<width, .command("feed"))]
        return [head] + wordLines(sum.words, cost: sum.cost, width: width - 1) + [.blank]
    }

    private func heading(_ text: String, _ detail: String = "") -> Line {
        Line([Span(text, .faint, .bold)] + (detail.isEmpty ? [] : [Span("   " + detail, .muted)]))
    }

    private func counts() -> Line {
        let all: [(Status, String)] = [(.waiting, "waiting"), (.failed, "failed"), (.running, "running"), (.done, "done")]
        var spans: [Span] = []
        for (status, word) in all {
            guard let count = listing.byStatus[status] else { continue }
            spans += [Span("\(count)", status.token, .bold), Span(" \(word)   ", .muted)]
        }
        return Line(spans)
    }

    private func needyLine(_ agent: Agent, _ painter: Painter, _ width: Int) -> Line {
        let hint = agent.status == .waiting ? Hint(key: painter.look.key("answer.once"), label: "answer") : nil
        let glyph = painter.signs.glyph(agent.status)
        let title = ellipsize(agent.title, width: max(8, width / 2 - 4))
        var line = Line(
            [Span(glyph + " ", agent.status.token, .bold), Span(title + "   ", .text)] + doing(agent, painter).head.map { Span($0.text, .muted) },
            right: hint.map(\.spans) ?? [])
        line.hits = [(0..<width, .agent(agent.id))]
        return line
    }

    private func finishedLine(_ agent: Agent, _ painter: Painter) -> Line {
        let glyph = painter.signs.glyph(agent.status)
        let age = painter.now.age(of: agent.since)
        let changes = agent.changes.isEmpty ? [] : changeSpans(additions: agent.changes.additions, deletions: agent.changes.deletions)
        var line = Line(
            [Span(glyph + " ", .done), Span(agent.title, .text, agent.unseen ? .bold : [])] + (agent.unseen ? [Span("  new", .accent)] : []),
            right: changes + [Span(String(repeating: " ", count: max(1, 6 - age.utf8.count)) + age, .muted)])
        line.hits = [(0..<1000, .agent(agent.id))]
        return line
    }

    private func money(_ width: Int) -> [Line] {
        let spent = model.herd.today.byProject.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        guard !spent.isEmpty else { return [] }
        var lines = [heading("TODAY", dollars(micros: micros(model.herd.today.cost)) + "  " + compact(model.herd.today.tokens.total) + " tok")]
        let most = spent.first?.value ?? 1
        for (id, cost) in spent.prefix(6) {
            let cells = max(1, Int((cost.isFinite && most > 0 ? min(1, cost / most) : 0) * 20))
            lines.append(
                Line(
                    [
                        Span(ellipsize(model.herd.projects[id]?.name ?? id.raw, width: 13).padded(to: 14), .muted),
                        Span(String(repeating: "━", count: min(cells, max(1, width - 26))), .accent),
                    ], right: [Span(dollars(micros: micros(cost)), .text)]))
        }
        return lines + [.blank]
    }

    /// Where the agents are.
    private func places(_ width: Int) -> [Line] {
        guard !listing.places.isEmpty else { return [] }
        var line = Line()
        var column = 0
        for place in listing.places {
            let words = [Span(place.kind.rawValue, .muted), Span(" \(place.count)   ", .text)]
            guard column + words.width <= width + 3 else { break }
            line.hits.append((column..<column + words.width - 3, .scope(.place(place.kind))))
            line.spans += words
            column += words.width
        }
        return [heading("PLACES"), line, .blank]
    }

    private func servers(_ painter: Painter) -> [Line] {
        let all = listing.sides.filter { $0.server != nil }
        guard !all.isEmpty else { return [] }
        return [heading("SERVERS")] + all.prefix(8).compactMap { side in side.server.map { line(of: $0, of: side, painter) } } + [.blank]
    }

    private func line(of server: Listing.ServerWords, of side: Listing.Side, _ painter: Painter) -> Line {
        let isLive = server.state == .live
        let trouble = isLive ? nil : model.herd.projects[side.id].flatMap { model.herd.servers[$0.server]?.trouble?.firstLine }
        return Line(
            [
                Span((isLive ? painter.signs.server : painter.signs.noServer) + " ", isLive ? .run : server.state == .failed ? .fail : .off),
                Span(ellipsize(side.name, width: 13).padded(to: 14), .text), Span(trouble ?? (isLive ? server.text : server.state.rawValue), .muted),
            ],
            right: [Span(counted(side.count, "agent"), .muted)])
    }

    /// What drover had to say lately.
    private func notices(_ painter: Painter, _ width: Int) -> [Line] {
        let last = model.herd.notices.filter { $0.level != .info }.suffix(3).reversed()
        guard !last.isEmpty else { return [] }
        return [heading("NOTICES")]
            + last.flatMap { notice -> [Line] in
                let token: Token = notice.level == .error ? .fail : .wait
                let first = Line(
                    [Span(painter.signs.warning + " ", token), Span(notice.text, .text)],
                    right: [Span(painter.now.clock(notice.at, withSeconds: false), .faint)])
                return notice.remedy.isEmpty ? [first] : [first, Line(indent: 2, [Span(notice.remedy, .muted)])]
            }
    }

    /// Nothing there yet: what to do first.
    private func welcome(_ width: Int, _ look: Look) -> [Line] {
        var lines = [Line([Span("Welcome to drover", .text, .bold)]), .blank]
        func say(_ text: String) { lines += wrap(text, width: max(8, width - 2)).map { Line([Span(String($0), .muted)]) } }
        if model.herd.projects.isEmpty {
            say("drover runs coding agents side by side, each in a place of its own.")
            lines.append(.blank)
            say("It does not know a project yet. Start it in a directory you work in, or:")
            lines += [.blank, Line([Span("$ ", .faint), Span("drover new -p DIRECTORY \"what to do\"", .text)]), .blank]
        } else {
            say("No agent runs yet. Each gets its own git worktree and branch, so that they never get in each other's way or in yours.")
            lines += [.blank]
            lines += Line.hints([Hint("agent.new", "a new agent", look)], indent: 0, width: width)
        }
        lines += Line.hints([Hint("palette", "every command", look)], indent: 0, width: width)
        return lines + Line.hints([Hint("help", "all keys", look)], indent: 0, width: width)
    }
}
