import Domain
import Query
import Screen

extension Dashboard {
    /// The list: who, where, for how long, and what it does or asks right now.
    func drawAgents(_ painter: inout Painter, _ rect: Rect, _ layout: Layout) {
        painter.region(rect, .pane(.agents))
        if ui.isBoard, layout.detail.isEmpty || ui.size.columns >= Layout.boardBesideDetail, !listing.rows.isEmpty { return drawBoard(&painter, rect) }
        drawListHead(&painter, rect)
        if listing.rows.isEmpty { return drawEmptyList(&painter, rect.inset(left: 2, top: 2, right: 1)) }
        drawRows(&painter, rect, height: layout.rowHeight(ui.density, count: listing.rows.count))
        if model.isLost { painter.frame.restyle(rect.inset(top: 2)) { if $0.foreground != .token(.accent) { $0.foreground = .token(.faint) } } }
    }

    private func drawRows(_ painter: inout Painter, _ rect: Rect, height: Int) {
        let lines = min(height, 2), top = min(ui.listTop, listing.shown.count)
        let room = max(0, rect.rows - 2 - lines + height) / height
        let recipe = ListRecipe(
            kitchen: ListRecipe.Kitchen(
                rect: rect, height: height, listing: listing.version, marks: ui.marks, hasFocus: ui.focus == .agents || ui.filter.isEditing, look: painter.look,
                beat: painter.now.beat, zoneMinutes: painter.now.zoneMinutes),
            shown: top..<min(listing.shown.count, top + room), selected: ui.selectedRow(in: listing))
        let known = painter.before.flatMap { before in before.recipes.list.flatMap { $0.kitchen == recipe.kitchen ? (recipe: $0, frame: before.frame) : nil } }
        let columns = rowColumns(rect)
        for index in recipe.shown {
            let line = Rect(rect.column, rect.row + 2 + (index - top) * height, rect.columns, lines)
            if let known, known.recipe.shown.contains(index), index != recipe.selected, index != known.recipe.selected {
                painter.frame.copy(line, from: known.frame, row: rect.row + 2 + (index - known.recipe.shown.lowerBound) * height)
                painter.region(line, .agent(listing.rows[index]))
            } else {
                drawRow(&painter, listing.shown[index], line, columns)
            }
        }
        painter.recipes.list = recipe
    }

    func drawListHead(_ painter: inout Painter, _ rect: Rect) {
        let isFiltering = ui.filter.isEditing || !ui.filter.editor.isEmpty
        let count = listing.rows.count == listing.total ? "\(listing.total)" : "\(listing.rows.count) of \(listing.total)"
        let right = painter.right([Span(count, .muted)], rect.right - 1, rect.row)
        let room = rect.columns - right - 5
        if isFiltering { return drawFilter(&painter, rect, room) }
        var spans = [Span("Agents", .text, .bold)]
        spans += scopeWords
        spans.append(Span("  by " + ui.order.rawValue, .faint))
        if !ui.marks.isEmpty { spans.append(Span("  " + painter.signs.mark + " \(ui.marks.count) marked", .accent)) }
        painter.put(spans, rect.column + 2, rect.row, width: room)
    }

    /// What of the left column is chosen.
    var scopeWords: [Span] {
        switch ui.scope {
        case .all: []
        case .project(let id): [Span("  in " + (model.herd.projects[id]?.name ?? id.raw), .accent)]
        case .place(let kind): [Span("  in " + kind.rawValue, .accent)]
        case .status(let status): [Span("  " + status.rawValue, .accent)]
        case .view(let name): [Span("  view " + name, .accent)]
        }
    }

    func drawFilter(_ painter: inout Painter, _ rect: Rect, _ room: Int) {
        painter.put("/", rect.column + 2, rect.row, .accent, .bold)
        let text = ui.filter.editor.text
        let shown = displayWidth(text) > room - 3 ? suffix(text, width: room - 4) : text
        painter.put(shown, rect.column + 4, rect.row, .text, width: max(0, room - 2))
        if text.isEmpty { painter.put("words  status:waiting  age:>2h", rect.column + 4, rect.row, .faint, width: max(0, room - 2)) }
        if ui.filter.isEditing {
            let before = displayWidth(String(ui.filter.editor.characters[..<ui.filter.editor.cursor]))
            let offset = displayWidth(text) - displayWidth(shown)
            painter.frame.cursor = Cursor(Point(min(rect.right - 1, rect.column + 4 + max(0, before - offset)), rect.row))
        }
        if let error = ui.filter.error { painter.put(error.sentence, rect.column + 4, rect.row + 1, .fail, width: rect.columns - 5) }
        if ui.filter.isEditing, ui.filter.error == nil {
            let completions = Query.completions(of: text, in: model.herd, views: views.map(\.name))
            if let first = completions.first {
                painter.put(
                    [Span("tab ", .accent, .bold), Span(first, .muted), Span("  " + completions.dropFirst().prefix(6).joined(separator: "  "), .faint)],
                    rect.column + 4, rect.row + 1, width: rect.columns - 5)
            }
        }
        painter.region(Rect(rect.column, rect.row, rect.columns, 1), .command("filter"))
    }

    /// An empty list says what to press.
    private func drawEmptyList(_ painter: inout Painter, _ rect: Rect) {
        var lines: [Line] = []
        func key(_ label: String, _ command: String) { lines += Line.hints([Hint(command, label, painter.look)], indent: 0, width: rect.columns) }
        func say(_ text: String, _ token: Token = .muted) { lines += wrap(text, width: max(4, rect.columns - 1)).map { Line([Span(String($0), token)]) } }
        if !model.hasHerd {
            say(model.isLost ? "The daemon is not reachable." : "Starting.")
        } else if model.herd.projects.isEmpty {
            say("No project yet.", .text)
            say("Start drover in a directory you work in, or add one: drover new -p DIRECTORY \"what to do\"")
        } else if listing.total == 0 {
            say("No agent yet.", .text)
            key("starts the first one", "agent.new")
        } else {
            say("No agent matches.", .text)
            if !ui.filter.editor.isEmpty { key("clears the filter", "back") } else if ui.scope != .all { key("shows all agents", "back") }
        }
        painter.draw(lines, in: rect)
    }

    // MARK: One row

    struct RowColumns {
        /// Columns from the list's right end; 0: left out.
        var project: Int
        var place: Int
        var projectWidth: Int
        var placeWidth: Int
    }

    /// Where project and place stand. They are as wide as the room allows, the title has the rest.
    private func rowColumns(_ rect: Rect) -> RowColumns {
        let isWide = rect.columns >= 72
        let placeWidth = rect.columns > 44 ? (isWide ? 12 : 8) : rect.columns >= 36 ? 8 : 0
        var projectWidth = rect.columns > 44 ? (isWide ? 14 : 6) : 0
        let longest = listing.longestName
        // Longer names have more room as long as titles keep theirs.
        if projectWidth == 6, longest > 6 { projectWidth = min(longest, max(6, rect.columns - 42)) }
        projectWidth = min(projectWidth, longest)
        if case .project = ui.scope { projectWidth = 0 }
        let place = 6 + placeWidth
        return RowColumns(
            project: projectWidth > 0 ? place + 2 + projectWidth : 0, place: placeWidth > 0 ? place : 0, projectWidth: projectWidth, placeWidth: placeWidth)
    }

    private func drawRow(_ painter: inout Painter, _ shown: Listing.Row, _ rect: Rect, _ columns: RowColumns) {
        let agent = shown.agent
        let isSelected = agent.id == ui.selected
        painter.region(rect, .agent(agent.id))
        if isSelected {
            painter.frame.clear(rect, ui.focus == .agents || ui.filter.isEditing ? .sel : .raised)
            painter.bar(rect, .accent)
        }
        if !ui.marks.isEmpty, ui.marks.contains(agent.id) { painter.put(painter.signs.mark, rect.column + 1, rect.row, .accent) }
        painter.put(painter.signs.glyph(agent.status), rect.column + 2, rect.row, agent.status.token, .bold)
        let titleRoom = rect.columns - 5 - max(columns.project, columns.place, 5)
        let titleStyle: Attributes = isSelected || agent.status.needsPerson || agent.unseen ? .bold : []
        let isOff = agent.status == .stopped || agent.status == .unknown || agent.archived
        let used = painter.put(agent.title, rect.column + 4, rect.row, isOff && !isSelected ? .muted : .text, titleStyle, width: max(0, titleRoom))
        if rect.rows == 1, titleRoom - used > 14 { drawDoing(&painter, agent, rect.column + 4 + used + 2, rect.row, titleRoom - used - 2) }
        if columns.project > 0 { painter.put(shown.project, rect.right - columns.project, rect.row, .muted, width: columns.projectWidth) }
        if columns.place > 0 {
            painter.put(
                agent.archived ? "archived" : shown.place?.rawValue ?? "", rect.right - columns.place, rect.row, agent.archived ? .faint : .muted,
                width: columns.placeWidth)
        }
        painter.right(painter.now.age(of: agent.since), rect.right - 1, rect.row, .muted)
        if rect.rows > 1 { drawDoing(&painter, agent, rect.column + 4, rect.row + 1, rect.columns - 5) }
        // Reversed colours are hard to read: without shades the chosen row is plain.
        if isSelected, !painter.look.shades { painter.frame.restyle(rect) { $0.foreground = .token(.text) } }
    }

    func drawDoing(_ painter: inout Painter, _ agent: Agent, _ column: Int, _ row: Int, _ room: Int) {
        let doing = doing(agent, painter)
        guard !doing.tail.isEmpty else {
            painter.put(doing.head, column, row, width: room)
            return
        }
        let tail = doing.tail.width
        // What is long is cut, not what stands behind it.
        let used = painter.put(doing.head, column, row, width: room - (tail < room / 2 ? tail : 0))
        painter.put(doing.tail, column + used, row, width: room - used)
    }

    /// What an agent does or asks: one coloured verb and its object; and what is said behind it in a word or two.
    func doing(_ agent: Agent, _ painter: Painter) -> (head: [Span], tail: [Span]) {
        var tail: [Span] = []
        if agent.status == .waiting, let request = agent.requests.lazy.compactMap({ model.herd.requests[$0] }).first {
            if case .question(let questions) = request.kind, let options = questions.first?.options.count, options > 0 {
                tail.append(Span("  " + counted(options, "option"), .muted))
            }
            if agent.requests.count > 1 { tail.append(Span("  +\(agent.requests.count - 1)", .faint)) }
        }
        if !agent.queued.isEmpty { tail.append(Span("  \(agent.queued.count) queued", .faint)) }
        return (doingNow(agent, painter), tail)
    }

    private func doingNow(_ agent: Agent, _ painter: Painter) -> [Span] {
        let target = agent.activity.verb == "said" ? agent.activity.target.unmarkedLine : agent.activity.target.firstLine
        switch agent.status {
        case .waiting: return asking(agent)
        case .failed: return [Span("failed ", .fail), Span((agent.error ?? target).firstLine, .muted)]
        case .limited:
            return [
                Span(agent.activity.verb.isEmpty ? "rate limit " : agent.activity.verb + " ", .limit),
                Span(agent.retryAt.map { "again at " + painter.now.clock($0) } ?? target, .muted),
            ]
        case .quiet:
            return [
                Span("quiet ", .limit),
                Span("since " + painter.now.clock(agent.since, withSeconds: false) + (target.isEmpty ? "" : ", " + agent.activity.verb + " " + target), .muted),
            ]
        case .moving: return [Span(agent.activity.verb.isEmpty ? "moving " : agent.activity.verb + " ", .move), Span(target, .muted)]
        case .starting, .provisioning: return [Span(agent.activity.verb.isEmpty ? "starting " : agent.activity.verb + " ", .run), Span(target, .muted)]
        case .running:
            let verb = agent.activity.verb.isEmpty ? "works" : ActivityBrush.verb(agent.activity.verb)
            return [Span(verb + " ", .done), Span(target, .muted)]
        case .done: return finished(agent)
        case .paused: return [Span("paused ", .off), Span(key("agent.resume") + " goes on", .faint)]
        case .stopped: return agent.changes.isEmpty ? [Span("asleep, wakes when used", .faint)] : finished(agent)
        // The link is well: somebody else runs it, or its directory cannot be read.
        case .unknown where agent.evidence.source == .read && !agent.activity.verb.isEmpty:
            return [Span(agent.activity.verb + " ", .off), Span(target, .muted)]
        case .unknown:
            let before = agent.lastKnown.map { "was " + $0.rawValue + ", " } ?? ""
            return [Span(before + "not heard of since " + painter.now.clock(agent.since, withSeconds: false), .off)]
        }
    }

    func asking(_ agent: Agent) -> [Span] {
        guard let request = agent.requests.lazy.compactMap({ model.herd.requests[$0] }).first else {
            return [Span(agent.activity.verb + " ", .wait), Span(agent.activity.target, .text)]
        }
        switch request.kind {
        case .permission(let permission):
            let what = permission.detail.isEmpty ? permission.patterns.first ?? "" : permission.detail.firstLine
            return [Span(ActivityBrush.verb(permission.name) + " ", .wait), Span(what, .text)]
        case .question(let questions):
            return [Span("asks ", .wait), Span((questions.first?.text ?? "").firstLine, .text)]
        }
    }

    func finished(_ agent: Agent) -> [Span] {
        // Nothing changed: what it said last tells more than that.
        if agent.changes.isEmpty, agent.activity.verb == "said" {
            return (agent.unseen ? [Span("new  ", .accent)] : []) + [Span(agent.activity.target.unmarkedLine, .muted)]
        }
        var spans: [Span] = []
        if agent.changes.isEmpty {
            spans.append(Span("no changes", .faint))
        } else {
            spans = changeSpans(additions: agent.changes.additions, deletions: agent.changes.deletions)
            spans.append(Span("  " + counted(agent.changes.files, "file"), .muted))
        }
        if agent.unseen { spans.append(Span("  new", .accent)) }
        return spans
    }
}
