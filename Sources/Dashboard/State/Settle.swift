package import Domain
import Query
import Screen

extension Dashboard {
    package var selectedAgent: Agent? { ui.selected.flatMap { model.herd.agents[$0] } }

    /// The agents that a command means: the marked ones, else the selected one.
    package var targets: [AgentID] {
        if !ui.marks.isEmpty {
            let shown = listing.rows.filter(ui.marks.contains)
            return shown + ui.marks.subtracting(shown).sorted()
        }
        return ui.selected.map { [$0] } ?? []
    }

    /// The request that the answer keys mean: the chosen one of the queue, else the selected agent's oldest.
    package var currentRequest: Request? {
        if let queue = ui.queue { return queue.selected.flatMap { model.herd.requests[$0] } }
        return selectedAgent?.requests.lazy.compactMap { model.herd.requests[$0] }.first
    }

    /// The question that is asked now, and how many there are.
    var currentQuestion: (question: Request.Question, index: Int, count: Int)? {
        guard let request = currentRequest, case .question(let questions) = request.kind, !questions.isEmpty else { return nil }
        let index = min(ui.answering[request.id]?.index ?? 0, questions.count - 1)
        return (questions[index], index, questions.count)
    }

    /// The agent whose conversation is on the screen.
    var shownAgent: AgentID? {
        if ui.queue != nil { return currentRequest?.agent }
        if ui.feed != nil { return nil }
        let layout = Layout(ui.size, ui)
        return layout.detail.isEmpty ? nil : ui.selected
    }

    /// Brings everything that follows from the model and the person's choices in order. Selection goes with the agent, never with the row.
    mutating func settle(_ input: DashboardInput, _ now: Now) {
        let rowsBefore = listing.rows
        let recipe = ListingRecipe(scope: ui.scope, query: ui.filter.query, order: ui.order, views: views)
        switch input {
        case .snapshot, .changed, .replied: relist(recipe, now)
        case .tick: if listDependsOnTime { relist(recipe, now) }
        case .terminal, .resized, .starting, .transcript, .lost, .edited, .failed, .preferences, .themes, .shell, .busy, .uncoloured, .syntax:
            if recipe != ui.watch.listed { relist(recipe, now) }
        }
        settleSelection(rowsBefore)
        settleList()
        settleQueue()
        settleDetail()
        forgetTheGone()
    }

    /// Time alone may change which agents the list or a view means.
    var listDependsOnTime: Bool { ui.filter.query.dependsOnTime || views.contains(where: \.query.dependsOnTime) }

    private mutating func relist(_ recipe: ListingRecipe, _ now: Now) {
        listing = Listing(model.herd, ui, views, now: now.minute, after: listing)
        ui.watch.listed = recipe
        // A project that was chosen and is gone: back to all.
        if case .project(let id) = ui.scope, model.herd.projects[id] == nil, model.hasHerd {
            ui.scope = .all
            relist(ListingRecipe(scope: .all, query: ui.filter.query, order: ui.order, views: views), now)
        } else if case .view(let name) = ui.scope, !views.contains(where: { $0.name == name }) {
            ui.scope = .all
            relist(ListingRecipe(scope: .all, query: ui.filter.query, order: ui.order, views: views), now)
        }
    }

    private mutating func settleSelection(_ before: [AgentID]) {
        if ui.filter.isEditing {
            // Half a word matches others than the whole word: who was chosen before comes back, else the best match.
            guard listing.rows != before, !listing.rows.isEmpty else { return settleRow() }
            select(ui.filter.origin.flatMap { listing.rows.contains($0) ? $0 : nil } ?? listing.rows.first)
            return settleRow()
        }
        guard let selected = ui.selected else {
            // The first herd: somebody who needs a person, or the newest.
            if before.isEmpty, !listing.rows.isEmpty, !ui.watch.hasChosen { select(listing.rows.first) }
            return
        }
        if let row = listing.rows.firstIndex(of: selected) {
            ui.selectedRow = row
            return
        }
        // It is filtered out or gone: the row that moved up takes its place, unless a person is writing to it.
        if model.herd.agents[selected] != nil, ui.isComposing || ui.focus == .detail { return }
        select(listing.rows.isEmpty ? nil : listing.rows[min(ui.selectedRow, listing.rows.count - 1)])
    }

    private mutating func settleRow() {
        if let selected = ui.selected, model.herd.agents[selected] == nil { select(listing.rows.first) }
        if let row = ui.selected.flatMap(listing.rows.firstIndex(of:)) { ui.selectedRow = row }
    }

    /// Another agent before the person's eyes: what belonged to the one before does not.
    mutating func select(_ agent: AgentID?) {
        ui.watch.hasChosen = true
        guard agent != ui.selected else { return }
        ui.selected = agent
        if let row = agent.flatMap(listing.rows.firstIndex(of:)) { ui.selectedRow = row }
        ui.activity = ActivityView(kinds: ui.activity.kinds)
        ui.diff = ui.diff.atTop
        ui.find = nil
        ui.infoTop = 0
        ui.shells.scrolled = 0
        ui.isComposing = false
        ui.recall = nil
        if agent == nil {
            ui.isZoomed = false
            if ui.focus == .detail { ui.focus = .agents }
        }
    }

    private mutating func settleList() {
        let layout = Layout(ui.size, ui)
        let room = layout.agents.isEmpty ? 1 : layout.visibleAgents(ui.density, count: listing.rows.count)
        ui.listTop = max(0, min(ui.listTop, listing.rows.count - room))
        guard ui.selected != nil, !ui.isListFree, !layout.agents.isEmpty, ui.selectedRow < listing.rows.count else { return }
        if ui.selectedRow < ui.listTop { ui.listTop = ui.selectedRow }
        if ui.selectedRow >= ui.listTop + room { ui.listTop = ui.selectedRow - room + 1 }
    }

    private mutating func settleQueue() {
        guard var queue = ui.queue else { return }
        let ids = listing.queue
        if let row = queue.selected.flatMap(ids.firstIndex(of:)) {
            queue.selectedRow = row
        } else {
            queue.selected = ids.isEmpty ? nil : ids[min(queue.selectedRow, ids.count - 1)]
            queue.selectedRow = max(0, min(queue.selectedRow, ids.count - 1))
        }
        queue.marks.formIntersection(ids)
        let room = QueueLayout(ui.size).visible
        queue.top = max(0, min(queue.top, ids.count - room))
        if queue.selectedRow < queue.top { queue.top = queue.selectedRow }
        if queue.selectedRow >= queue.top + room { queue.top = queue.selectedRow - room + 1 }
        ui.queue = queue
    }

    private mutating func settleDetail() {
        if ui.selected == nil, ui.focus == .detail { ui.focus = .agents }
        // What is searched for belongs to what it is searched in.
        if let find = ui.find, find.tab != ui.tab { ui.find = nil }
        if ui.tab == .diff, let document = diffDocument {
            ui.diff.file = max(0, min(ui.diff.file, document.files.count - 1))
            ui.diff.top = max(0, min(ui.diff.top, diffLastTop))
        }
        if ui.isComposing, let id = ui.selected, ui.drafts[id] == nil { ui.drafts[id] = TextEditor(multiline: true) }
        if ui.selected == nil { ui.isComposing = false }
        if ui.activity.anchor == nil { ui.activity.known = model.transcript.items.count }
    }

    private mutating func forgetTheGone() {
        ui.marks = ui.marks.filter { model.herd.agents[$0] != nil }
        if !ui.answering.isEmpty { ui.answering = ui.answering.filter { model.herd.requests[$0.key] != nil } }
    }

    // MARK: What is due

    private var seeing: AgentID? {
        guard ui.isFocused, ui.dialogs.isEmpty, ui.queue == nil, model.connection == .connected, let agent = selectedAgent, agent.unseen, shownAgent == agent.id
        else { return nil }
        return agent.id
    }

    /// When the agent before the person's eyes counts as seen.
    var seenDue: Instant? {
        guard let since = ui.watch.seeingSince, ui.watch.seeing == seeing, seeing != nil else { return nil }
        return since + .seconds(1)
    }

    /// When the transcript of the agent shown is asked for: at once, but not for each of many that a held key runs through.
    var lookDue: Instant? {
        guard shownAgent != ui.watch.looked, model.connection == .connected else { return nil }
        return ui.watch.lookedAt.map { $0 + .milliseconds(120) } ?? Instant(milliseconds: 0)
    }

    /// Effects that follow from what is shown, and from for how long.
    mutating func watch(_ now: Now) -> [DashboardEffect] {
        var effects: [DashboardEffect] = []
        // Leaving the queue sends what is held, so that it is never forgotten there.
        if let held = ui.held, ui.queue == nil || now.instant >= held.until { effects += sendHeld() }
        if ui.watch.seeing != seeing {
            ui.watch.seeing = seeing
            ui.watch.seeingSince = now.instant
        }
        if let due = seenDue, now.instant >= due, let agent = ui.watch.seeing {
            effects.append(order(.seen([agent]), origin: .silent))
            ui.watch.seeingSince = now.instant + .minutes(1)
        }
        if let due = lookDue, now.instant >= due {
            ui.watch.looked = shownAgent
            ui.watch.lookedAt = now.instant
            effects.append(.look(shownAgent))
        }
        return effects
    }

    /// An order on its way; `words` are said when it was carried out.
    mutating func order(_ order: ClientOrder, words: String = "", origin: DashboardModel.Origin = .command) -> DashboardEffect {
        model.lastTag += 1
        model.pending[model.lastTag] = DashboardModel.Pending(order: order, words: words, origin: origin)
        return .order(order, tag: model.lastTag)
    }
}
