import Domain

/// What a person is to be told while looking elsewhere.
struct NotifyState: Equatable, Sendable {
    /// Agents by the status that is worth telling.
    var pending: [AgentID: Status] = [:]
    var due: Instant?
    /// Do not disturb.
    var isMuted = false
    /// The terminal tells when it gets and loses the focus.
    var knowsFocus = false
    /// When a person last did something here.
    var touched: Instant?
}

extension Dashboard {
    /// Compares the herd with what is about to happen to it.
    mutating func noteNews(_ change: HerdChange, _ now: Now) {
        for agent in change.agents {
            let before = model.herd.agents[agent.id]?.status
            guard before != agent.status else { continue }
            // Nobody is called for what was so before the dashboard knew of it, or for what came to light when a link came back.
            if let before, before != .unknown, preferences.notify.statuses.contains(agent.status), !agent.archived {
                ui.notify.pending[agent.id] = agent.status
                if ui.notify.due == nil { ui.notify.due = now.instant + preferences.notify.delay }
            } else {
                ui.notify.pending[agent.id] = nil
            }
        }
        for id in change.removedAgents { ui.notify.pending[id] = nil }
        if ui.notify.pending.isEmpty { ui.notify.due = nil }
    }

    /// What is to be told now, as one notification.
    mutating func tellNews(_ now: Now) -> [DashboardEffect] {
        guard let due = ui.notify.due, now.instant >= due else { return [] }
        defer { (ui.notify.due, ui.notify.pending) = (nil, [:]) }
        guard !ui.notify.isMuted, preferences.notify.whenFocused || !isAttended(now) else { return [] }
        let agents = ui.notify.pending.keys.compactMap { model.herd.agents[$0] }.filter { $0.status == ui.notify.pending[$0.id] }
            .sorted { ($0.status.attention, $0.title) < ($1.status.attention, $1.title) }
        guard let first = agents.first else { return [] }
        guard agents.count > 1 else { return [.notify(title: first.title, body: news(of: first))] }
        let needy = agents.count { $0.status.needsPerson }
        let title =
            needy == agents.count
            ? "\(needy) agents need you" : needy == 0 ? "\(agents.count) agents have news" : "\(agents.count) agents have news, \(needy) need you"
        return [
            .notify(title: title, body: agents.prefix(4).map { $0.title + ": " + $0.status.rawValue }.joined(separator: ", ") + (agents.count > 4 ? ", …" : ""))
        ]
    }

    /// Someone is here: the terminal has the focus, or, where it does not tell, something was typed within half a minute.
    private func isAttended(_ now: Now) -> Bool {
        if ui.notify.knowsFocus { return ui.isFocused }
        return ui.notify.touched.map { now.instant < $0 + .seconds(30) } ?? false
    }

    private func news(of agent: Agent) -> String {
        switch agent.status {
        case .waiting: return asking(agent).map(\.text).joined().trimmed
        case .failed: return "failed: " + (agent.error ?? agent.activity.target).firstLine
        case .done:
            return "done"
                + (agent.changes.isEmpty ? "" : ", +\(agent.changes.additions) -\(agent.changes.deletions) in \(counted(agent.changes.files, "file"))")
        default: return agent.status.rawValue + (agent.activity.text.isEmpty ? "" : ", " + agent.activity.text.firstLine)
        }
    }
}
