import Domain

/// Reasons why a command cannot be used now, each a short sentence; nil: it can.
enum WhyNot {
    static func connection(_ it: Dashboard) -> String? { it.model.isLost ? "the daemon is not reachable" : nil }

    static func agent(_ it: Dashboard) -> String? {
        if it.ui.selected == nil, it.ui.marks.isEmpty {
            return it.model.herd.agents.isEmpty ? "there is no agent yet, \(it.key("agent.new")) makes one" : "no agent is chosen"
        }
        return connection(it)
    }

    static func oneAgent(_ it: Dashboard) -> String? {
        it.ui.selected == nil
            ? (it.model.herd.agents.isEmpty ? "there is no agent yet, \(it.key("agent.new")) makes one" : "no agent is chosen") : connection(it)
    }

    static func shownAgent(_ it: Dashboard) -> String? { it.ui.selected == nil ? "no agent is chosen" : nil }

    static func sides(_ it: Dashboard) -> String? {
        it.ui.diff.isSideBySide || DiffLayout.hasSides(it.detailLayout().content.columns) ? nil : "there is no room for two sides; z gives it the whole screen"
    }

    static func searched(_ it: Dashboard) -> String? {
        if let why = shownAgent(it) { return why }
        switch it.ui.tab {
        case .activity: return nil
        case .diff: return it.diffDocument?.files.isEmpty == false ? nil : "there are no changes to search in"
        case .requests, .term, .info: return "only the activity and the diff can be searched"
        }
    }

    static func project(_ it: Dashboard) -> String? {
        if it.model.herd.projects.isEmpty { return "there is no project yet: start drover in one, or drover new -p DIRECTORY" }
        return connection(it)
    }

    static func request(_ it: Dashboard) -> String? {
        // From the overview the answer keys lead to the queue.
        if it.ui.queue == nil, it.ui.selected == nil, !it.listing.queue.isEmpty { return connection(it) }
        guard let request = it.currentRequest else {
            return it.listing.queue.isEmpty ? "nothing waits for an answer" : "it asks nothing; \(it.key("queue")) shows the requests of others"
        }
        if it.model.answer(of: request.id) != nil { return "the answer is on its way" }
        if it.answer(of: request.id) != nil { return "it is answered; \(it.key("queue.takeBack")) takes that back" }
        return connection(it)
    }

    static func held(_ it: Dashboard) -> String? { it.ui.held == nil ? "no answers were given together just now" : nil }

    static func permission(_ it: Dashboard) -> String? {
        if let why = request(it) { return why }
        if case .question = it.currentRequest?.kind { return "this is a question: choose 1–9, or \(it.key("answer.words")) for your own words" }
        return nil
    }

    static func always(_ it: Dashboard) -> String? {
        if let why = permission(it) { return why }
        if case .permission(let permission) = it.currentRequest?.kind, permission.always.isEmpty { return "this cannot be allowed for good" }
        return nil
    }

    static func question(_ it: Dashboard) -> String? {
        if let why = request(it) { return why }
        if case .permission = it.currentRequest?.kind { return "no question is asked here: \(it.key("answer.once")) or \(it.key("answer.no"))" }
        return nil
    }

    static func ownWords(_ it: Dashboard) -> String? {
        if let why = question(it) { return why }
        return it.currentQuestion?.question.custom == false ? "only the options can be chosen" : nil
    }

    static func several(_ it: Dashboard) -> String? {
        if let why = question(it) { return why }
        return it.currentQuestion?.question.multiple == true ? nil : "one option is enough: its number answers"
    }

    /// At least one of the agents meant is in a state for it.
    private static func any(_ it: Dashboard, _ isFit: (Agent) -> Bool, else why: (Agent) -> String) -> String? {
        if let why = agent(it) { return why }
        let targets = it.targets.compactMap { it.model.herd.agents[$0] }
        if targets.contains(where: isFit) { return nil }
        return targets.first.map(why)
    }

    static func stop(_ it: Dashboard) -> String? {
        any(it, { $0.status.isWorking || $0.status == .waiting }, else: { "it is not working: it is \($0.status.rawValue)" })
    }
    static func resume(_ it: Dashboard) -> String? {
        any(it, { $0.status == .paused }, else: { "only paused agents can be resumed: it is \($0.status.rawValue)" })
    }
    static func retry(_ it: Dashboard) -> String? {
        any(it, { $0.status == .failed }, else: { "only failed agents can be retried: it is \($0.status.rawValue)" })
    }
    static func unqueue(_ it: Dashboard) -> String? { any(it, { !$0.queued.isEmpty }, else: { _ in "no prompt is queued" }) }
    static func session(_ it: Dashboard) -> String? { oneAgent(it) ?? (it.selectedAgent?.session == nil ? "it has no session yet" : nil) }
    static func place(_ it: Dashboard) -> String? {
        shownAgent(it) ?? (it.selectedAgent.flatMap { it.model.place(of: $0) } == nil ? "it has no place yet" : nil)
    }
    /// Nil: a terminal of ours can be in the agent's place.
    static func shellPlace(_ it: Dashboard) -> String? {
        if let why = shownAgent(it) { return why }
        guard let place = it.selectedAgent.flatMap({ it.model.place(of: $0) }) else { return "the agent has no place yet" }
        switch place.kind {
        case .folder, .worktree: return nil
        case .docker, .ssh, .kubernetes, .cloudflare:
            return "a terminal needs a directory on this machine, and the agent's place is of the kind \(place.kind.rawValue)"
        }
    }
    static func shell(_ it: Dashboard) -> String? {
        shellPlace(it) ?? (it.ui.shells.shells(of: it.ui.selected).count >= 9 ? "nine terminals of an agent are enough" : nil)
    }
    static func openShell(_ it: Dashboard) -> String? { shellPlace(it) ?? (it.shownShell == nil ? "no terminal is open here" : nil) }
    static func shells(_ it: Dashboard) -> String? {
        openShell(it) ?? (it.ui.shells.shells(of: it.ui.selected).count < 2 ? "there is one terminal; + opens another" : nil)
    }
    static func queue(_ it: Dashboard) -> String? { it.listing.queue.isEmpty ? "nothing waits for an answer" : nil }
    static func view(_ it: Dashboard) -> String? {
        it.shownQuery == nil ? "the list shows everything; \(it.key("filter")) filters it" : it.ui.filter.error?.sentence
    }
    static func rows(_ it: Dashboard) -> String? { it.listing.rows.isEmpty ? "the list is empty" : nil }
}
