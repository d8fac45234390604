import Domain
import Screen

extension Dashboard {
    /// Projects, places, statuses and servers with their counts; what is chosen filters the list.
    func drawProjects(_ painter: inout Painter, _ rect: Rect) {
        let recipe = SideRecipe(rect: rect, listing: listing.version, scope: ui.scope, hasFocus: ui.focus == .projects, look: painter.look)
        painter.recipes.side = painter.keep(recipe, like: painter.before?.recipes.side, in: rect) { drawSides(&$0, rect) }
    }

    private func drawSides(_ painter: inout Painter, _ rect: Rect) {
        painter.surface(rect, .panel)
        if !painter.look.shades { painter.frame.upright(column: rect.right - 1, from: rect.row, rows: rect.rows) }
        painter.region(rect, .pane(.projects))
        let rows = sideRows(painter.signs, height: rect.rows)
        // The chosen row stays in sight.
        let chosen = rows.firstIndex { if case .scope(ui.scope, _, _, _, _) = $0 { true } else { false } } ?? 0
        let room = rect.rows - 1
        let top = max(0, min(chosen - room / 2, rows.count - room))
        for index in top..<max(top, min(rows.count, top + room)) { drawSide(&painter, rows[index], rect.line(1 + index - top)) }
    }

    enum SideRow {
        case heading(String)
        case scope(UI.Scope, label: String, count: Int, mark: String, token: Token)
        case server(String, Listing.ServerWords)
        case money
        case air
        case more(Int)
    }

    /// Many projects leave room for places, statuses and money: those around the chosen one are shown.
    private func shownProjects(height: Int) -> ArraySlice<Listing.Side> {
        let others = listing.places.count + listing.statuses.count + (listing.views.isEmpty ? 0 : listing.views.count + 2) + 11
        let room = max(5, height - others)
        guard listing.sides.count > room else { return listing.sides[...] }
        var chosen = 0
        if case .project(let id) = ui.scope { chosen = listing.sides.firstIndex { $0.id == id } ?? 0 }
        return listing.sides.dropFirst(max(0, min(chosen - room / 2, listing.sides.count - room))).prefix(room)
    }

    private func sideRows(_ signs: Signs, height: Int) -> [SideRow] {
        var rows: [SideRow] = []
        rows.reserveCapacity(64)
        rows.append(.heading("PROJECTS"))
        rows.append(.scope(.all, label: "All", count: listing.total, mark: " ", token: .accent))
        let projects = shownProjects(height: height)
        for side in projects {
            let mark = side.status.map { $0 == .waiting ? "!" : $0.needsPerson ? signs.cross : " " } ?? " "
            rows.append(.scope(.project(side.id), label: side.name, count: side.count, mark: mark, token: side.status?.token ?? .off))
        }
        if listing.sides.count > projects.count { rows.append(.more(listing.sides.count - projects.count)) }
        if !listing.views.isEmpty {
            rows.append(.air)
            rows.append(.heading("VIEWS"))
            for view in listing.views { rows.append(.scope(.view(view.kind), label: view.kind, count: view.count, mark: " ", token: .muted)) }
        }
        if !listing.places.isEmpty {
            rows.append(.air)
            rows.append(.heading("PLACES"))
            for place in listing.places { rows.append(.scope(.place(place.kind), label: place.kind.rawValue, count: place.count, mark: " ", token: .muted)) }
        }
        if !listing.statuses.isEmpty {
            rows.append(.air)
            rows.append(.heading("STATUS"))
            for known in listing.statuses {
                let status = known.kind
                rows.append(.scope(.status(status), label: status.rawValue, count: known.count, mark: signs.glyph(status), token: status.token))
            }
        }
        let servers = listing.sides.count { $0.server != nil }
        if servers > 0, rows.count + 3 + servers + 2 <= height - 1 {
            rows.append(.air)
            rows.append(.heading("SERVERS"))
            for side in listing.sides { if let server = side.server { rows.append(.server(side.name, server)) } }
        }
        rows.append(.air)
        rows.append(.heading("TODAY"))
        rows.append(.money)
        return rows
    }

    private func drawSide(_ painter: inout Painter, _ item: SideRow, _ rect: Rect) {
        let left = rect.column, row = rect.row
        switch item {
        case .air: break
        case .more(let count): painter.put("\(count) more", left + 4, row, .faint)
        case .heading(let text): painter.put(text, left + 2, row, .faint, .bold)
        case .money:
            let used = painter.put(listing.words.spent, left + 4, row, .text, width: rect.columns - 5)
            painter.put("  " + listing.words.tokens + " tok", left + 4 + used, row, .muted, width: rect.columns - 5 - used)
        case .server(let name, let server):
            let isLive = server.state == .live
            painter.put(isLive ? painter.signs.server : painter.signs.noServer, left + 2, row, isLive ? .run : .off)
            painter.put(name, left + 4, row, .muted, width: max(0, rect.columns - 7 - displayWidth(server.text)))
            painter.right(server.text, rect.right - 2, row, .muted)
        case .scope(let scope, let label, let count, let mark, let token):
            let chosen = scope == ui.scope
            if chosen {
                painter.frame.clear(Rect(left, row, rect.columns - (painter.look.shades ? 0 : 1), 1), ui.focus == .projects ? .sel : .raised)
                painter.put(painter.signs.bar, left, row, .accent)
            }
            let isProject =
                switch scope {
                case .all, .project, .view: true;
                case .place, .status: false
                }
            if mark != " " { painter.put(mark, left + 2, row, token, isProject ? .bold : []) }
            let number = String(count)
            painter.put(label, left + 4, row, isProject || chosen ? .text : .muted, chosen ? .bold : [], width: max(0, rect.columns - 7 - number.utf8.count))
            painter.right(number, rect.right - 2, row, .muted)
            painter.region(rect, .scope(scope))
        }
    }
}
