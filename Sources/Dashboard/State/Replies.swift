import Domain

extension Dashboard {
    /// An order came to its end.
    mutating func replied(_ tag: Int, _ result: Result<ClientReply, Refusal>, _ now: Now) -> [DashboardEffect] {
        guard let pending = model.pending.removeValue(forKey: tag) else { return [] }
        switch result {
        case .success(let reply): return succeeded(pending, reply, tag, now)
        case .failure(let refusal):
            refused(pending, refusal, tag, now)
            return []
        }
    }

    private mutating func succeeded(_ pending: DashboardModel.Pending, _ reply: ClientReply, _ tag: Int, _ now: Now) -> [DashboardEffect] {
        if learn(pending.order, reply) { return [] }
        switch (pending.order, reply) {
        case (.choices(let project), .choices(let models, let fallback, let modes, _, let branches)):
            model.choices[project] = DashboardModel.Choices(models: models, fallback: fallback, modes: modes, branches: branches)
            fillPicker(project)
            if case .newAgent(var form)? = ui.dialog, form.project == project {
                fill(&form)
                ui.dialogs[ui.dialogs.count - 1] = .newAgent(form)
            }
        case (.diff(let agent), .diff(let changes)): model.diffs[agent] = .ready(DiffDocument(changes))
        case (.feed, .feed(let entries)): take(wholeFeed: entries)
        case (.new, .agent(let agent)): created(agent, tag)
        case (_, .words(let words)): say(.info, words, now)
        default: break
        }
        if !pending.words.isEmpty { say(.info, pending.words, now) }
        return []
    }

    /// The new agent is there: the person is taken to it, if they still wait for it.
    private mutating func created(_ agent: Agent, _ tag: Int) {
        // The change that carries it may come a moment later.
        if model.herd.agents[agent.id] == nil { model.herd.agents[agent.id] = agent }
        guard let index = dialog(waitingFor: tag) else { return }
        ui.dialogs.remove(at: index)
        clearFilter()
        if case .project(agent.project) = ui.scope {} else { ui.scope = .all }
        ui.tab = .activity
        select(agent.id)
    }

    private func dialog(waitingFor tag: Int) -> Int? {
        ui.dialogs.firstIndex { if case .newAgent(let form) = $0 { form.tag == tag } else { false } }
    }

    private mutating func refused(_ pending: DashboardModel.Pending, _ refusal: Refusal, _ tag: Int, _ now: Now) {
        if learn(pending.order, nil) { return }
        switch pending.order {
        case .new:
            if let index = dialog(waitingFor: tag), case .newAgent(var form) = ui.dialogs[index] {
                form.tag = nil
                form.refusal = refusal
                ui.dialogs[index] = .newAgent(form)
                return
            }
        case .diff(let agent):
            model.diffs[agent] = .refused(refusal)
            return
        case .send(let agent, let text, _, _):
            // Nothing typed is lost: it goes back to where it was written.
            if ui.drafts[agent]?.isEmpty ?? true { ui.drafts[agent] = TextEditor(text, multiline: true) }
            // It can be mended: back to it at once, if the person is still there.
            if refusal.reason == .usage, ui.selected == agent, ui.dialog == nil, ui.queue == nil, ui.tab == .activity, ui.focus == .detail {
                ui.isComposing = true
            }
        default: break
        }
        if pending.origin != .silent { say(.error, refusal.message, remedy: refusal.remedy, now) }
    }
}
