import Domain

/// Server events, one after the other, onto sessions and agents.
extension Engine {
    mutating func apply(_ event: ServerEvent, from id: ServerID) {
        switch event {
        case .connected, .heartbeat, .ignored: break
        case .session(let info):
            upsert(info, server: id, evidence: evidence("session.updated", id))
            judge(session: info.id)
        case .sessionDeleted(let session): forget(session)
        case .phase(let session, let phase): phaseChanged(session, phase, id)
        case .turnError(let session, let error): turnFailed(session, error, id)
        case .message(let info): messageChanged(info, id)
        case .messageRemoved(let session, let message): removeFromTranscript(session) { $0.message == message }
        case .part(let part): partChanged(part)
        case .partRemoved(let session, _, let part): removeFromTranscript(session) { $0.id == part.raw }
        case .delta(let session, _, let part, let text): streamed(session, part, text)
        case .asked(let request):
            touch(request.session)
            take(request, evidence: evidence("\(request.isQuestion ? "question" : "permission").asked \(request.id)", id))
        case .answered(let request, let session, _):
            touch(session)
            mark(session, evidence("request \(request) answered", id))
            drop(request)
        case .todos(let session, let todos): todosChanged(session, todos)
        case .compacted(let session): touch(session)
        case .instanceDisposed, .disposed: servers[id]?.used = now.instant
        case .unknown(let type): counters.unknownEvents[type, default: 0] += 1
        case .unreadable: counters.unreadableFrames += 1
        }
    }

    func evidence(_ what: String, _ server: ServerID) -> Evidence { Evidence(.event, what, at: now.wall, server: describe(server)) }

    /// Why a session's state is what it is.
    mutating func mark(_ session: SessionID, _ evidence: Evidence) { sessions[session]?.evidence = evidence }

    private mutating func touch(_ session: SessionID) {
        sessions[session]?.heard = now.instant
    }

    // MARK: Sessions

    /// Old sessions of a folder are history, not agents, unless drover started them.
    func isShown(_ info: SessionInfo) -> Bool {
        owners[info.id] != nil || now.wall.milliseconds - info.updated.milliseconds < settings.history.milliseconds
    }

    mutating func upsert(_ info: SessionInfo, server id: ServerID, evidence: Evidence) {
        if sessions[info.id] == nil {
            guard place(for: info.directory, server: id) != nil else { return }
            sessions[info.id] = SessionState(info: info, server: id, evidence: evidence, heard: now.instant)
            // Heard from its first moment: nothing has to be read to know how its last turn ended.
            if evidence.source == .event { sessions[info.id]?.isTailKnown = true }
            if let root = root(of: info.id), root != info.id { adoptRequests(of: info.id) }
        } else {
            sessions[info.id]?.info = info
            sessions[info.id]?.server = id
        }
        if info.parent == nil { showAgent(of: info) } else { showSubAgent(info) }
        recount(info.id)
    }

    func place(for directory: String, server id: ServerID) -> Place? {
        herd.places.values.first { $0.directory == directory && $0.project.raw == id.raw }
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

    func agent(of session: SessionID) -> AgentID? { root(of: session).flatMap { owners[$0] } }

    private mutating func showAgent(of info: SessionInfo) {
        guard let place = place(for: info.directory, server: sessions[info.id]?.server ?? ServerID("")) else { return }
        if owners[info.id] == nil {
            guard isShown(info), !removed.contains(where: { $0.agent.session == info.id }) else { return }
            let id = freeAgentID(for: info.id.raw)
            var agent = Agent(id: id, project: place.project, place: place.id, session: info.id, title: info.title, status: .unknown, at: info.updated,
                evidence: Evidence(.read, "found in \(place.directory)", at: now.wall))
            agent.created = info.created
            agent.archived = info.archived
            owners[info.id] = id
            herd.agents[id] = agent
            save(id)
        }
        guard let id = owners[info.id] else { return }
        let hadTitle = herd.agents[id]?.title
        change(id) { agent in
            if !info.title.isPlaceholderTitle { agent.title = info.title } else if agent.title.isEmpty { agent.title = info.title }
            agent.model = info.model ?? agent.model
            agent.mode = info.mode ?? agent.mode
            agent.updated = max(agent.updated, info.updated)
            agent.archived = info.archived
            if let changes = info.changes, !changes.isEmpty { agent.changes = changes }
        }
        if hadTitle != herd.agents[id]?.title { save(id) }
    }

    func freeAgentID(for text: String) -> AgentID {
        var salt = 0
        while true {
            let id = AgentID(Derived.name(of: salt == 0 ? text : "\(text)#\(salt)", count: 6))
            if herd.agents[id] == nil { return id }
            salt += 1
        }
    }

    private mutating func showSubAgent(_ info: SessionInfo) {
        guard let parent = info.parent, let id = agent(of: info.id) else { return }
        let state = sessions[info.id]
        let shown = SubAgent(session: info.id, parent: parent, title: info.title, isBusy: state?.isBusy ?? false, activity: state?.activity ?? .none)
        change(id) { agent in
            if let index = agent.subAgents.firstIndex(where: { $0.session == info.id }) {
                agent.subAgents[index] = shown
            } else {
                agent.subAgents.append(shown)
            }
        }
    }

    mutating func forget(_ session: SessionID) {
        guard let state = sessions.removeValue(forKey: session) else { return }
        for (request, value) in herd.requests where value.session == session { drop(request) }
        if let id = owners.removeValue(forKey: session) {
            herd.agents[id] = nil
            changes.agents.insert(id)
            emit(.forget(RecordKey(kind: .agent, id: id.raw), isDurable: false))
        } else if let parent = state.info.parent, let id = agent(of: parent) {
            change(id) { $0.subAgents.removeAll { $0.session == session } }
            judge(id)
        }
    }

    // MARK: Turns

    private mutating func phaseChanged(_ session: SessionID, _ phase: SessionPhase, _ id: ServerID) {
        guard let state = sessions[session] else { return }
        touch(session)
        servers[id]?.used = now.instant
        let wasBusy = state.phase != .idle
        sessions[session]?.phase = phase
        if phase != .idle {
            if !wasBusy { sessions[session]?.beginTurn() }
            sessions[session]?.awaitsTurnSince = nil
        }
        if state.phase != phase { mark(session, evidence("session.status \(phase.words)", id)) }
        if phase == .idle { turnEnded(session, wasBusy: wasBusy) }
        if state.info.parent != nil, let info = sessions[session]?.info { showSubAgent(info) }
        judge(session: session)
    }

    private mutating func turnEnded(_ session: SessionID, wasBusy: Bool) {
        if sessions[session]?.awaitsTurnSince != nil, !wasBusy, sessions[session]?.turnError == nil { return }
        sessions[session]?.awaitsTurnSince = nil
        sessions[session]?.streaming = nil
        // A stopped turn leaves its requests in the server's lists (v1-measured.md §5).
        for (request, value) in herd.requests where value.session == session { drop(request) }
        guard wasBusy else { return }
        // The final message of a turn that failed comes after the first idle; a crash of the model's connection may leave none at all.
        if let answer = sessions[session]?.lastAnswer, answer.completed == nil, answer.error == nil, sessions[session]?.turnError == nil {
            sessions[session]?.isTailKnown = false
            readTail(session)
        }
        if let id = owners[session] {
            let waiting = Set((outbox[id] ?? []).map(\.input.message))
            change(id) { $0.queued.removeAll { !waiting.contains($0.message) } }
            inspectPlace(of: id)
            save(id)
        }
    }

    private mutating func turnFailed(_ session: SessionID?, _ error: TurnError, _ id: ServerID) {
        guard let session, sessions[session] != nil else {
            if session == nil { note(.error, "\(projectName(id)): \(error.message)") }
            return
        }
        touch(session)
        sessions[session]?.turnError = error
        mark(session, evidence("session.error \(error.name)", id))
        if sessions[session]?.phase == .idle { sessions[session]?.awaitsTurnSince = nil }
        judge(session: session)
    }

    private mutating func messageChanged(_ info: MessageInfo, _ id: ServerID) {
        guard sessions[info.session] != nil else { return }
        touch(info.session)
        switch info.role {
        case .user:
            // The same message comes again after the turn with its summary: only a new one begins a turn.
            if sessions[info.session]?.lastUser != info.id {
                sessions[info.session]?.lastUser = info.id
                if sessions[info.session]?.phase == .idle { sessions[info.session]?.beginTurn() }
            }
        case .assistant:
            let known = sessions[info.session]?.lastAnswer
            if known.map({ $0.id == info.id || info.created >= $0.created }) ?? true {
                if known?.id != info.id { answered(info) }
                sessions[info.session]?.lastAnswer = info
                noteContext(info)
            }
            if let error = info.error, info.completed != nil { mark(info.session, evidence("message.updated with \(error.name)", id)) }
        }
        transcriptMessage(info)
        judge(session: info.session)
    }

    /// A new answer covers all prompts that were sent before it (v1-measured.md §6).
    private mutating func answered(_ info: MessageInfo) {
        guard let id = owners[info.session], let parent = info.parent else { return }
        guard let index = herd.agents[id]?.queued.firstIndex(where: { $0.message == parent }) else { return }
        change(id) { $0.queued.removeSubrange(0...index) }
    }

    mutating func noteContext(_ info: MessageInfo) {
        guard let id = owners[info.session], let model = info.model, let server = sessions[info.session]?.server else { return }
        guard let limit = servers[server]?.contexts[model], limit > 0, info.tokens.total > 0 else { return }
        change(id) { $0.contextUse = min(1, Double(info.tokens.total) / Double(limit)) }
    }

    // MARK: Parts

    private mutating func partChanged(_ part: PartInfo) {
        guard sessions[part.session] != nil else { return }
        touch(part.session)
        noteActivity(of: part)
        transcriptPart(part)
    }

    /// What the row says it does now.
    mutating func noteActivity(of part: PartInfo) {
        let activity: Activity
        switch part.content {
        case .tool(let use, _):
            var target = use.target
            if let changes = use.changes, !changes.isEmpty { target += "  +\(changes.additions) -\(changes.deletions)" }
            activity = Activity(verb: use.name, target: target)
        case .text(let text, let synthetic):
            guard !synthetic, part.started != nil else { return }
            if part.ended == nil {
                sessions[part.session]?.streaming = (part.id, false)
                activity = Activity(verb: "writing")
            } else {
                guard let line = text.split(whereSeparator: \.isNewline).first else { return }
                activity = Activity(verb: "said", target: String(line.prefix(120)))
            }
        case .reasoning:
            guard part.ended == nil else { return }
            sessions[part.session]?.streaming = (part.id, true)
            activity = Activity(verb: "thinking")
        case .file, .compaction, .stepFinished, .other: return
        }
        setActivity(activity, of: part.session)
    }

    private mutating func setActivity(_ activity: Activity, of session: SessionID) {
        guard let state = sessions[session], state.activity != activity else { return }
        sessions[session]?.activity = activity
        if state.info.parent != nil { showSubAgent(state.info) }
        judge(session: session)
    }

    private mutating func streamed(_ session: SessionID, _ part: PartID, _ text: String) {
        guard let state = sessions[session] else { return }
        let wasQuiet = now.instant - state.heard >= settings.quietAfter
        sessions[session]?.heard = now.instant
        let isThinking = state.streaming?.part == part && state.streaming?.isThinking == true
        setActivity(Activity(verb: isThinking ? "thinking" : "writing"), of: session)
        if wasQuiet { judge(session: session) }
        transcriptDelta(session, part, text)
    }

    mutating func todosChanged(_ session: SessionID, _ todos: [Todo]) {
        touch(session)
        guard let id = owners[session] else { return }
        change(id) { $0.todos = todos }
    }

    // MARK: Money

    /// An agent's tokens and cost are those of its session and all sub-agents; what is new is spent today.
    private mutating func recount(_ session: SessionID) {
        guard let top = root(of: session), let id = owners[top], let before = herd.agents[id] else { return }
        var cost = 0.0
        var tokens = Tokens()
        for state in sessions.values where state.info.id == top || (state.info.parent != nil && root(of: state.info.id) == top) {
            cost += state.info.cost ?? 0
            tokens = tokens + (state.info.tokens ?? Tokens())
        }
        // Children are read after their parent: a sum that shrinks is not complete yet.
        guard cost > before.cost || tokens.total > before.tokens.total else { return }
        change(id) { agent in
            agent.cost = max(cost, agent.cost)
            agent.tokens = tokens
        }
        let spent = Spend(day: now.day(of: sessions[session]?.info.updated ?? now.wall), agent: id, project: before.project,
            model: sessions[session]?.info.model ?? "", cost: max(0, cost - before.cost), tokens: tokens - before.tokens)
        emit(.spend(spent))
        save(id)
        let today = now.day(of: now.wall)
        if herd.today.day != today { herd.today = DayTotal(day: today) }
        guard spent.day == today else { return }
        herd.today.cost += spent.cost
        herd.today.tokens = herd.today.tokens + spent.tokens
        herd.today.byProject[spent.project, default: 0] += spent.cost
        changes.today = true
    }

    // MARK: Changing an agent

    /// In place, and only told when something is different.
    mutating func change(_ id: AgentID, _ body: (inout Agent) -> Void) {
        guard let before = herd.agents[id] else { return }
        var agent = before
        body(&agent)
        guard agent != before else { return }
        herd.agents[id] = agent
        changes.agents.insert(id)
    }

    mutating func save(_ id: AgentID, isDurable: Bool = false) {
        if let agent = herd.agents[id] { emit(.save(.agent(agent), isDurable: isDurable)) }
    }
}

extension Request {
    var isQuestion: Bool { if case .question = kind { true } else { false } }
}

extension String {
    /// OpenCode's title of a session that has none yet: "New session - 2026-…" or "Child session - …".
    var isPlaceholderTitle: Bool { hasPrefix("New session - ") || hasPrefix("Child session - ") || isEmpty }
}
