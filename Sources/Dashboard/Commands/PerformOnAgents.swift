import Domain
import Screen

extension Dashboard {
    mutating func performOnAgents(_ intent: Intent, _ now: Now) -> [DashboardEffect] {
        switch intent {
        case .new: return openNewAgent()
        case .stop:
            return act(
                "stop", targets.filter { it($0) { $0.status.isWorking || $0.status == .waiting } },
                "The turns end where they are; \(key("agent.resume")) goes on with them.", now
            ) { .stop($0) }
        case .resume: return act("resume", targets.filter { it($0) { $0.status == .paused } }, "", now) { .resume($0) }
        case .retry: return act("retry", targets.filter { it($0) { $0.status == .failed } }, "The last prompt is sent again.", now) { .retry($0) }
        case .archive:
            let isBack = targets.allSatisfy { it($0) { $0.archived } }
            return act(isBack ? "unarchive" : "archive", targets, isBack ? "" : "They leave the list; /is:archived shows them.", now) { .archive($0, !isBack) }
        case .remove: ui.dialogs.append(.confirm(removal(of: targets)))
        case .undo: return [order(.undo)]
        case .rename: if let agent = selectedAgent { ui.dialogs.append(.text(TextDialog(.rename(agent.id), TextEditor(agent.title)))) }
        case .attach: return ui.selected.map { [.attach($0)] } ?? []
        case .editPlace: return selectedAgent.flatMap { model.place(of: $0) }.map { [.openDirectory(path: $0.directory)] } ?? []
        case .mark: mark()
        case .markAll: ui.marks = ui.marks == Set(listing.rows) ? [] : Set(listing.rows)
        case .copy: return copy(now)
        case .unqueue: return unqueue()
        default: break
        }
        return []
    }

    private func it(_ id: AgentID, _ isFit: (Agent) -> Bool) -> Bool { model.herd.agents[id].map(isFit) ?? false }

    /// One agent: at once, it can be taken back. Several: after a list of them.
    mutating func act(_ verb: String, _ ids: [AgentID], _ consequence: String, _ now: Now, _ make: ([AgentID]) -> ClientOrder) -> [DashboardEffect] {
        guard !ids.isEmpty else { return [] }
        let past = ["stop": "stopped", "resume": "resumed", "retry": "sent again", "archive": "archived", "unarchive": "back from the archive"][verb] ?? verb
        if ids.count == 1, let agent = model.herd.agents[ids[0]] {
            ui.marks = []
            return [order(make(ids), words: past + " " + agent.title + (verb == "archive" ? ", \(key("undo")) takes it back" : ""))]
        }
        ui.dialogs.append(
            .confirm(
                ConfirmDialog(
                    title: verb.prefix(1).uppercased() + verb.dropFirst() + " " + counted(ids.count, "agent"), subjects: ids.map(name),
                    consequences: consequence.isEmpty ? [] : [consequence], verb: verb, isDangerous: false,
                    orders: [make(ids)], words: past + " " + counted(ids.count, "agent"))))
        return []
    }

    func name(_ id: AgentID) -> String {
        guard let agent = model.herd.agents[id] else { return id.raw }
        return agent.title + "   " + (model.project(of: agent)?.name ?? "") + " " + signs.dot + " " + agent.status.rawValue
    }
    private var signs: Signs { .unicode }

    /// What exactly goes: conversation, directory, branch, and work that is nowhere else.
    func removal(of ids: [AgentID]) -> ConfirmDialog {
        let agents = ids.compactMap { model.herd.agents[$0] }
        var consequences: [String] = []
        let going = Set(agents.map(\.id))
        if agents.count == 1 { consequences.append("goes: its conversation") }
        for agent in agents.prefix(4) {
            guard let place = model.place(of: agent) else { continue }
            let others = model.herd.agents.values.filter { $0.place == place.id && !going.contains($0.id) && !$0.archived }.count
            if place.kind == .folder || !place.isOurs {
                consequences.append("stays: " + place.directory)
            } else if others > 0 {
                consequences.append("stays: " + place.directory + ", " + counted(others, "other agent") + " in it")
            } else {
                consequences.append("goes: " + place.directory)
                let changes =
                    agent.changes.isEmpty ? "" : ", +\(agent.changes.additions) -\(agent.changes.deletions) in " + counted(agent.changes.files, "file")
                if agents.count == 1, let branch = place.branch { consequences.append("goes: branch " + branch + changes) }
            }
        }
        if agents.count > 4 { consequences.append("and the places of " + counted(agents.count - 4, "more agent")) }
        let working = agents.filter { $0.status.isWorking }.count
        if working > 0 {
            consequences.append(
                working == 1 && agents.count == 1 ? "it is working now: the turn is stopped" : "\(working) of them are working: their turns are stopped")
        }
        consequences.append("")
        consequences.append("\(key("undo")) brings all of it back: conversation, files and branch")
        return ConfirmDialog(
            title: agents.count == 1 ? "Remove \(agents[0].title)" : "Remove \(agents.count) agents",
            subjects: agents.count == 1 ? [] : agents.map { name($0.id) }, consequences: consequences,
            verb: "remove", isDangerous: true, orders: [.remove(agents.map(\.id))],
            words: agents.count == 1
                ? "removed \(agents[0].title), \(key("undo")) brings it back" : "removed \(agents.count) agents, \(key("undo")) brings them back")
    }

    private mutating func mark() {
        if var queue = ui.queue {
            if let id = queue.selected { queue.marks.formSymmetricDifference([id]) }
            queue.selected = listing.queue.dropFirst(queue.selectedRow + 1).first ?? queue.selected
            ui.queue = queue
            return
        }
        guard let id = ui.selected else { return }
        ui.marks.formSymmetricDifference([id])
        if ui.focus == .agents, let row = listing.rows.firstIndex(of: id), row + 1 < listing.rows.count { select(listing.rows[row + 1]) }
    }

    private mutating func copy(_ now: Now) -> [DashboardEffect] {
        guard model.transcript.agent == ui.selected else { return [] }
        let items = model.transcript.items
        let item = ui.activity.chosen.flatMap { model.transcript.index(of: $0) }.map { items[$0] } ?? items.last { $0.kind == .text && $0.depth == 0 }
        guard let item else {
            say(.info, "there is no answer to copy yet", now)
            return []
        }
        let text = item.kind == .tool && item.text.isEmpty ? item.tool?.target ?? "" : item.text
        say(.info, "copied " + counted(max(1, text.lineCount), "line"), now)
        return [.copy(text)]
    }

    /// The last queued prompt comes back to where it was written.
    private mutating func unqueue() -> [DashboardEffect] {
        guard let agent = selectedAgent, let last = agent.queued.last else { return [] }
        if ui.drafts[agent.id]?.isEmpty ?? true { ui.drafts[agent.id] = TextEditor(last.text, multiline: true) }
        return [order(.unqueue(agent.id, last.message), words: "taken back")]
    }

    private mutating func openNewAgent() -> [DashboardEffect] {
        var form = ui.newAgentDraft ?? NewAgentForm()
        ui.newAgentDraft = nil
        form.tag = nil
        if form.project == nil || model.herd.projects[form.project ?? ProjectID("")] == nil {
            var likely = selectedAgent?.project
            if case .project(let id) = ui.scope { likely = id }
            form.choose(likely ?? listing.projects.first, in: model.herd)
        }
        fill(&form)
        ui.dialogs.append(.newAgent(form))
        return askChoices(form.project)
    }

    /// What can be chosen in the form's project, as far as it is known.
    func fill(_ form: inout NewAgentForm) {
        let choices = form.project.flatMap { model.choices[$0] }
        form.model.options = choices?.models.map(\.id) ?? []
        form.mode.options = choices?.modes ?? []
        form.base.options = choices?.branches ?? []
    }

    mutating func askChoices(_ project: ProjectID?) -> [DashboardEffect] {
        guard let project, model.choices[project] == nil, !model.isLost else { return [] }
        if model.pending.values.contains(where: { $0.order == .choices(project) }) { return [] }
        return [order(.choices(project), origin: .silent)]
    }
}
