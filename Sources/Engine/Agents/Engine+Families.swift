import Domain

/// Who belongs to whom: sessions to their parents, families to their agents, and which sessions are busy. Kept up to date here,
/// so that no event has to look through all sessions.
extension Engine {
    mutating func setPhase(_ session: SessionID, _ phase: SessionPhase) {
        if phase != .idle, sessions[session]?.phase == .idle { sessions[session]?.turns += 1 }
        sessions[session]?.phase = phase
        sessions[session]?.isStale = false
        countBusy(session)
    }

    mutating func setAwaiting(_ session: SessionID, since: Instant?) {
        sessions[session]?.awaitsTurnSince = since
        if let since { checkAgain(at: since + Self.turnPatience) }
        countBusy(session)
    }

    private mutating func countBusy(_ session: SessionID) {
        guard let state = sessions[session], state.isBusy else {
            working.remove(session)
            return
        }
        working.insert(session)
        sessions[session]?.isForeign = false
        checkAgain(at: state.heard + settings.quietAfter)
    }

    /// Something may be due at `instant`; a check that comes too early costs nothing.
    mutating func checkAgain(at instant: Instant) {
        if nextCheck.map({ instant < $0 }) ?? true { nextCheck = instant }
    }

    /// The root session above it; itself for a root; nil while a link is missing.
    func root(of session: SessionID) -> SessionID? {
        var current = session
        for _ in 0..<16 {
            guard let state = sessions[current] else { return nil }
            guard let parent = state.info.parent else { return current }
            current = parent
        }
        return nil
    }

    func agent(of session: SessionID) -> AgentID? { keepers[session] }

    /// A session and everything below it.
    func family(of session: SessionID) -> [SessionID] {
        var all = [session]
        var next = 0
        while next < all.count, all.count < 10_000 {
            if let below = children[all[next]] { all += below.filter { !all.contains($0) } }
            next += 1
        }
        return all
    }

    mutating func own(_ session: SessionID, by agent: AgentID) {
        owners[session] = agent
        keep(session, by: agent)
    }

    mutating func disown(_ session: SessionID) {
        owners[session] = nil
        for member in family(of: session) { keepers[member] = nil }
    }

    /// The family belongs to the agent from now on: sub-agents that were heard of before their parents are shown, their requests are the agent's.
    mutating func keep(_ session: SessionID, by agent: AgentID) {
        for member in family(of: session) where keepers[member] != agent {
            keepers[member] = agent
            if let info = sessions[member]?.info, info.parent != nil { showSubAgent(info) }
            adoptRequests(of: member)
        }
    }

    mutating func link(_ info: SessionInfo) {
        guard let parent = info.parent else { return }
        if children[parent]?.contains(info.id) != true { children[parent, default: []].append(info.id) }
        if let agent = keepers[parent] { keep(info.id, by: agent) }
    }

    /// Takes a session and all below it out of everything; what belongs to it goes with it.
    mutating func forget(_ session: SessionID) {
        guard sessions[session] != nil else { return }
        for member in family(of: session).reversed() { forgetOne(member) }
    }

    private mutating func forgetOne(_ session: SessionID) {
        guard let state = sessions.removeValue(forKey: session) else { return }
        working.remove(session)
        for (request, value) in herd.requests where value.session == session { drop(request) }
        strays = strays.filter { $0.value.request.session != session }
        if let parent = state.info.parent {
            children[parent]?.removeAll { $0 == session }
            if children[parent]?.isEmpty == true { children[parent] = nil }
            if let id = keepers[session] { change(id) { $0.subAgents.removeAll { $0.session == session } } }
        } else {
            count(rootsOf: state.server, by: -1)
        }
        let keeper = keepers.removeValue(forKey: session)
        if let id = owners.removeValue(forKey: session) {
            dismiss(id)
        } else if let keeper {
            judge(keeper)
        }
    }

    mutating func count(rootsOf server: ServerID, by step: Int) {
        guard herd.servers[server] != nil else { return }
        herd.servers[server]?.sessions += step
        changes.servers.insert(server)
    }

    /// An agent that is no more: its launch, its prompts and its transcript go with it.
    mutating func dismiss(_ id: AgentID, isDurable: Bool = false) {
        guard let agent = herd.agents.removeValue(forKey: id) else { return }
        changes.agents.insert(id)
        if let session = agent.session, owners[session] == id { disown(session) }
        emit(.forget(RecordKey(kind: .agent, id: id.raw), isDurable: isDurable))
        forgetPrompts(of: id)
        transcripts[id] = nil
        stopsWhenAccepted.remove(id)
        if let launch = launches.removeValue(forKey: id) {
            emit(.forget(RecordKey(kind: .launch, id: id.raw), isDurable: isDurable))
            refuse(launch.errand, Refusal(.failed, "the session of \(agent.title) was deleted"))
        }
    }

    mutating func forgetPrompts(of id: AgentID) {
        for prompt in outbox.removeValue(forKey: id) ?? [] {
            emit(.forget(RecordKey(kind: .prompt, id: prompt.input.message.raw), isDurable: false))
            inFlight[prompt.input.message] = nil
            doubtful.remove(prompt.input.message)
        }
    }
}
