import Domain
import Screen

extension Dashboard {
    /// Projects, places, statuses and servers with their counts; what is chosen filters the list.
    func drawProjects(_ painter: inout Painter, _ rect: Rect) {
        painter.surface(rect, .panel)
        if !painter.look.shades { painter.frame.upright(column: rect.right - 1, from: rect.row, rows: rect.rows) }
        painter.region(rect, .pane(.projects))
        var column = SideColumn(painter: painter, rect: rect, row: rect.row + 1)
        let rows = sideRows(painter.signs, height: rect.rows)
        // The chosen row stays in sight.
        let chosen = rows.firstIndex { if case .scope(ui.scope, _, _, _, _) = $0 { true } else { false } } ?? 0
        let room = rect.rows - 1
        let top = max(0, min(chosen - room / 2, rows.count - room))
        for row in rows.dropFirst(top).prefix(room) { column.draw(row, isChosen: { $0 == ui.scope }, hasFocus: ui.focus == .projects) }
        painter = column.painter
    }

    enum SideRow {
        case heading(String)
        case scope(UI.Scope, label: String, count: Int, mark: String, token: Token)
        case server(String, memory: String, isLive: Bool)
        case money([Span])
        case air
        case more(Int)
    }

    /// Many projects leave room for places, statuses and money: those around the chosen one are shown.
    private func shownProjects(height: Int) -> ArraySlice<ProjectID> {
        let others = listing.byPlace.count + listing.byStatus.count + 11
        let room = max(5, height - others)
        guard listing.projects.count > room else { return listing.projects[...] }
        var chosen = 0
        if case .project(let id) = ui.scope { chosen = listing.projects.firstIndex(of: id) ?? 0 }
        return listing.projects.dropFirst(max(0, min(chosen - room / 2, listing.projects.count - room))).prefix(room)
    }

    private func sideRows(_ signs: Signs, height: Int) -> [SideRow] {
        var rows: [SideRow] = [.heading("PROJECTS"), .scope(.all, label: "All", count: listing.total, mark: " ", token: .accent)]
        for id in shownProjects(height: height) {
            let known = listing.byProject[id]
            let needs = known.map { $0.status.needsPerson } ?? false
            let glyph = known.map { $0.status == .waiting ? "!" : signs.cross } ?? " "
            rows.append(
                .scope(
                    .project(id), label: model.herd.projects[id]?.name ?? id.raw, count: known?.count ?? 0, mark: needs ? glyph : " ",
                    token: known?.status.token ?? .off))
        }
        let hidden = listing.projects.count - shownProjects(height: height).count
        if hidden > 0 { rows.append(.more(hidden)) }
        let kinds = Place.Kind.allCases.filter { listing.byPlace[$0] != nil }
        if !kinds.isEmpty {
            rows +=
                [.air, .heading("PLACES")] + kinds.map { .scope(.place($0), label: $0.rawValue, count: listing.byPlace[$0] ?? 0, mark: " ", token: .muted) }
        }
        let statuses = Status.allCases.filter { listing.byStatus[$0] != nil }
        if !statuses.isEmpty {
            rows += [.air, .heading("STATUS")]
            rows += statuses.map {
                .scope(
                    .status($0), label: $0.rawValue, count: listing.byStatus[$0] ?? 0, mark: signs == .ascii ? $0.glyph.ascii : $0.glyph.unicode,
                    token: $0.token)
            }
        }
        let today: [SideRow] = [
            .air, .heading("TODAY"),
            .money([Span(dollars(micros: micros(model.herd.today.cost)), .text), Span("  " + compact(model.herd.today.tokens.total) + " tok", .muted)]),
        ]
        let servers = listing.projects.compactMap { id in
            model.herd.projects[id].flatMap { project in model.herd.servers[project.server].map { (project.name, $0) } }
        }
        if !servers.isEmpty, rows.count + today.count + servers.count + 2 <= height - 1 {
            rows +=
                [.air, .heading("SERVERS")]
                + servers.map {
                    .server(
                        $0.0,
                        memory: $0.1.state == .live
                            ? ($0.1.memory > 0 ? byteSize($0.1.memory) : "live") : $0.1.state == .backingOff ? "retries" : $0.1.state.rawValue,
                        isLive: $0.1.state == .live)
                }
        }
        return rows + today
    }
}

private struct SideColumn {
    var painter: Painter
    let rect: Rect
    var row: Int

    mutating func draw(_ item: Dashboard.SideRow, isChosen: (UI.Scope) -> Bool, hasFocus: Bool) {
        let left = rect.column
        switch item {
        case .air: break
        case .more(let count): painter.put("\(count) more", left + 4, row, .faint)
        case .heading(let text): painter.put(text, left + 2, row, .faint, .bold)
        case .money(let spans): painter.put(spans, left + 4, row, width: rect.columns - 5)
        case .server(let name, let memory, let isLive):
            painter.put(isLive ? painter.signs.server : painter.signs.noServer, left + 2, row, isLive ? .run : .off)
            painter.put(name, left + 4, row, .muted, width: max(0, rect.columns - 7 - displayWidth(memory)))
            painter.right([Span(memory, .muted)], rect.right - 2, row)
        case .scope(let scope, let label, let count, let mark, let token):
            let chosen = isChosen(scope)
            if chosen {
                painter.frame.clear(Rect(left, row, rect.columns - (painter.look.shades ? 0 : 1), 1), hasFocus ? .sel : .raised)
                painter.put(painter.signs.bar, left, row, .accent)
            }
            let isProject =
                switch scope {
                case .all, .project: true;
                case .place, .status: false
                }
            painter.put(mark, left + 2, row, token, isProject ? .bold : [])
            painter.put(
                label, left + 4, row, isProject || chosen ? .text : .muted, chosen ? .bold : [], width: max(0, rect.columns - 7 - String(count).utf8.count))
            painter.right([Span(String(count), .muted)], rect.right - 2, row)
            painter.region(Rect(left, row, rect.columns, 1), .scope(scope))
        }
        row += 1
    }
}
