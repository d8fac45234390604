import Domain

/// Server events, one after the other, onto sessions and agents.
extension Engine {
    mutating func apply(_ event: ServerEvent, from id: ServerID) {
        if servers[id]?.coverings.isEmpty == false { keepForCoverings(event, id) }
        switch event {
        case .connected, .heartbeat, .ignored: break
        case .session(let info):
            upsert(info, server: id, evidence: evidence("session.updated", id))
            judge(session: info.id)
        case .sessionDeleted(let session):
            buried.insert(session)
            forget(session)
        case .phase(let session, let phase): phaseChanged(session, phase, id)
        case .turnError(let session, let error): turnFailed(session, error, id)
        case .message(let info): messageChanged(info, id)
        case .messageRemoved(let session, let message):
            if sessions[session]?.lastAnswer?.id == message { sessions[session]?.lastAnswer = nil }
            removeFromTranscript(session) { $0.message == message }
        case .part(let part): partChanged(part)
        case .partRemoved(let session, _, let part): removeFromTranscript(session) { $0.id == part.raw }
        case .delta(let session, _, let part, let text): streamed(session, part, text)
        case .asked(let request):
            touch(request.session)
            asked(request, id)
        case .answered(let request, let session, let how):
            touch(session)
            tellAnswer(to: request, how)
            mark(session, evidence("request \(request) answered", id))
            strays[request] = nil
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

    mutating func touch(_ session: SessionID) {
        if sessions[session]?.hear(at: now.instant, quietAfter: settings.quietAfter) == true { heardAgain(session) }
    }

    /// Something is heard of a session that was silent for so long that nobody waited for it any more.
    private mutating func heardAgain(_ session: SessionID) {
        checkAgain(at: now.instant + settings.quietAfter)
        judge(session: session)
    }

    // MARK: Sessions

    /// Old sessions of a folder are history, not agents, unless drover started them.
    func isShown(_ info: SessionInfo) -> Bool {
        owners[info.id] != nil || now.wall.milliseconds - info.updated.milliseconds < settings.history.milliseconds
    }

    mutating func upsert(_ info: SessionInfo, server id: ServerID, evidence: Evidence) {
        if evidence.source != .event { buried.remove(info.id) } else if buried.contains(info.id) { return }
        let parentBefore = sessions[info.id]?.info.parent
        if sessions[info.id] == nil {
            guard place(for: info.directory, server: id) != nil else { return }
            sessions[info.id] = SessionState(info: info, server: id, evidence: evidence, heard: now.instant)
            // Heard from its first moment: nothing has to be read to know how its last turn ended.
            if evidence.source == .event { sessions[info.id]?.isTailKnown = true }
            if info.parent == nil { count(rootsOf: id, by: 1) }
            link(info)
            if let agent = owners[info.id] { carryOn(agent, info.id) }
        } else {
            sessions[info.id]?.info = info
            sessions[info.id]?.server = id
            if parentBefore != info.parent { link(info) }
        }
        if info.parent == nil { showAgent(of: info) } else { showSubAgent(info) }
        adoptStrays(of: info.id)
        recount(info.id)
    }

    /// The agent is older than this run of the daemon: what was known of its last turn, and whose the family is.
    private mutating func carryOn(_ id: AgentID, _ session: SessionID) {
        keep(session, by: id)
        guard let agent = herd.agents[id] else { return }
        switch agent.status == .unknown ? agent.lastKnown : agent.status {
        case .paused?: sessions[session]?.carried = .init(isPaused: true, error: "", since: agent.since)
        case .failed?: sessions[session]?.carried = .init(isPaused: false, error: agent.error ?? "", since: agent.since)
        case nil: sessions[session]?.isForeign = true
        default: break
        }
    }

    func place(for directory: String, server id: ServerID) -> Place? {
        herd.places.values.first { $0.directory == directory && $0.project.raw == id.raw }
    }

    private mutating func showAgent(of info: SessionInfo) {
        if owners[info.id] == nil {
            guard let place = place(for: info.directory, server: sessions[info.id]?.server ?? ServerID("")), !isAwaited(info) else { return }
            guard isShown(info), !removed.contains(where: { $0.agent?.session == info.id }) else { return }
            let id = freeAgentID(for: info.id.raw)
            var agent = Agent(
                id: id, project: place.project, place: place.id, session: info.id, title: info.title, status: .unknown, at: info.updated,
                evidence: Evidence(.read, "found in \(place.directory)", at: now.wall))
            agent.created = info.created
            agent.archived = info.archived
            herd.agents[id] = agent
            changes.agents.insert(id)
            own(info.id, by: id)
            let isForeign = sessions[info.id]?.isTailKnown == false
            sessions[info.id]?.isForeign = isForeign
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

    /// An agent of ours is being given a session in this directory: until it is known which, a new one may be it.
    private func isAwaited(_ info: SessionInfo) -> Bool {
        launches.values.contains { launch in
            guard launch.step == .creating, let agent = herd.agents[launch.agent], agent.session == nil else { return false }
            return herd.places[agent.place]?.directory == info.directory && info.created >= agent.created
        }
    }

    /// Sessions that were held back by a launch and were not its own.
    mutating func showHeldBack(in directory: String) {
        let hidden = sessions.values.filter { $0.info.directory == directory && $0.info.parent == nil && owners[$0.info.id] == nil }
        for state in hidden.sorted(by: { $0.info.id < $1.info.id }) {
            showAgent(of: state.info)
            guard owners[state.info.id] != nil else { continue }
            recount(state.info.id)
            if !state.isTailKnown { readTail(state.info.id) }
            judge(session: state.info.id)
        }
    }

    func freeAgentID(for text: String) -> AgentID {
        var salt = 0
        while true {
            let id = AgentID(Derived.name(of: salt == 0 ? text : "\(text)#\(salt)", count: 6))
            if herd.agents[id] == nil { return id }
            salt += 1
        }
    }

    mutating func showSubAgent(_ info: SessionInfo) {
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

    // MARK: Turns

    private mutating func phaseChanged(_ session: SessionID, _ phase: SessionPhase, _ id: ServerID) {
        guard let before = sessions[session]?.phase else { return }
        touch(session)
        servers[id]?.used = now.instant
        if phase != .idle {
            if before == .idle { sessions[session]?.beginTurn() }
            setAwaiting(session, since: nil)
        }
        setPhase(session, phase)
        if before != phase { mark(session, evidence("session.status \(phase.words)", id)) }
        if !stopsWhenAccepted.isEmpty, phase != .idle, let agent = owners[session] { stopIfAsked(agent) }
        if phase == .idle { turnEnded(session, wasBusy: before != .idle) }
        if let info = sessions[session]?.info, info.parent != nil { showSubAgent(info) }
        judge(session: session)
    }

    private mutating func turnEnded(_ session: SessionID, wasBusy: Bool) {
        guard let state = sessions[session] else { return }
        if let since = state.awaitsTurnSince, !wasBusy, state.turnError == nil {
            // The end of the turn before: the server may have overlooked the prompt that came meanwhile, and is asked sooner.
            return setAwaiting(
                session, since: min(since, Instant(milliseconds: now.instant.milliseconds - Self.turnPatience.milliseconds + Self.shortPatience.milliseconds)))
        }
        setAwaiting(session, since: nil)
        sessions[session]?.streaming = nil
        // A stopped turn leaves its requests in the server's lists (v1-measured.md §5).
        for (request, value) in herd.requests where value.session == session {
            dead[request] = state.server
            drop(request)
        }
        guard wasBusy else { return }
        // The final message of a turn that failed comes after the first idle, and an unknown model leaves an error only, after it: how such
        // a turn ended has to be read before anything is said of it.
        if state.lacksEnd, state.turnError == nil, !state.wasStopped {
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
        if sessions[session]?.phase == .idle { setAwaiting(session, since: nil) }
        judge(session: session)
    }

    private mutating func messageChanged(_ info: MessageInfo, _ id: ServerID) {
        guard let state = sessions[info.session] else { return }
        touch(info.session)
        switch info.role {
        case .user:
            commandArrived(info)
            if sessions[info.session]?.note(prompt: info) == true, state.phase == .idle {
                sessions[info.session]?.beginTurn()
                setAwaiting(info.session, since: now.instant)
                sessions[info.session]?.awaited = info.id
                mark(info.session, evidence("message.updated with a new prompt", id))
            }
        case .assistant:
            guard state.lastAnswer.map({ $0.id == info.id || info.created >= $0.created }) ?? true else { break }
            if state.lastAnswer?.id != info.id { answered(info) }
            sessions[info.session]?.note(answer: info)
            // A finished answer without a turn: a copy, in a fork.
            if state.phase == .idle, info.completed != nil, state.lastAnswer?.id != info.id, sessions[info.session]?.isUnanswered == false {
                setAwaiting(info.session, since: nil)
            }
            noteContext(info)
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
        tellTool(of: part)
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
                guard let line = text.split(whereSeparator: \.isNewline).first(where: { !$0.allSatisfy(\.isWhitespace) }) else { return }
                activity = Activity(verb: "said", target: String(line.drop(while: \.isWhitespace).prefix(120)))
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
        guard let before = sessions[session]?.activity, before != activity else { return }
        sessions[session]?.activity = activity
        if let info = sessions[session]?.info, info.parent != nil { showSubAgent(info) }
        judge(session: session)
    }

    private mutating func streamed(_ session: SessionID, _ part: PartID, _ text: String) {
        guard let news = sessions[session]?.streams(part, at: now.instant, quietAfter: settings.quietAfter) else { return }
        if news.isNewActivity { setActivity(Activity(verb: news.isThinking ? "thinking" : "writing"), of: session) }
        if news.wasQuiet { heardAgain(session) }
        if !transcripts.isEmpty { transcriptDelta(session, part, text) }
    }

    mutating func todosChanged(_ session: SessionID, _ todos: [Todo]) {
        touch(session)
        guard let id = owners[session] else { return }
        change(id) { $0.todos = todos }
    }

    // MARK: Money

    /// An agent's tokens and cost are those of its session and all sub-agents; what is new is spent today.
    mutating func recount(_ session: SessionID) {
        guard let id = keepers[session], let before = herd.agents[id], let top = before.session else { return }
        var cost = 0.0
        var tokens = Tokens()
        for member in family(of: top) {
            guard let info = sessions[member]?.info else { continue }
            cost += info.cost ?? 0
            tokens = tokens + (info.tokens ?? Tokens())
        }
        // Children are read after their parent: a sum that shrinks is not complete yet.
        cost = max(cost, before.cost)
        tokens = tokens.maximum(before.tokens)
        guard cost > before.cost || tokens != before.tokens else { return }
        change(id) { agent in
            agent.cost = cost
            agent.tokens = tokens
        }
        let spent = Spend(
            day: now.day(of: sessions[session]?.info.updated ?? now.wall), agent: id, project: before.project,
            model: sessions[session]?.info.model ?? "", cost: cost - before.cost, tokens: tokens - before.tokens)
        emit(.spend(spent))
        save(id)
        guard spent.day == herd.today.day else { return }
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

extension Tokens {
    fileprivate func maximum(_ other: Tokens) -> Tokens {
        Tokens(
            input: max(input, other.input), output: max(output, other.output), reasoning: max(reasoning, other.reasoning),
            cacheRead: max(cacheRead, other.cacheRead), cacheWrite: max(cacheWrite, other.cacheWrite))
    }
}

extension SessionState {
    /// Notes that something was heard; true when it had been silent for so long that it counted as quiet.
    fileprivate mutating func hear(at now: Instant, quietAfter: Span) -> Bool {
        defer { heard = now }
        return now - heard >= quietAfter
    }

    /// Text streams: the most frequent event by far, so in one place and without copies.
    fileprivate mutating func streams(_ part: PartID, at now: Instant, quietAfter: Span) -> (isThinking: Bool, isNewActivity: Bool, wasQuiet: Bool) {
        let wasQuiet = hear(at: now, quietAfter: quietAfter)
        let isThinking = streaming.map { $0.isThinking && $0.part == part } ?? false
        let isNew = !(activity.verb == (isThinking ? "thinking" : "writing") && activity.target.isEmpty)
        return (isThinking, isNew, wasQuiet)
    }
}

extension Request {
    var isQuestion: Bool { if case .question = kind { true } else { false } }
}

extension String {
    /// OpenCode's title of a session that has none yet: "New session - 2026-…" or "Child session - …".
    var isPlaceholderTitle: Bool { hasPrefix("New session - ") || hasPrefix("Child session - ") || isEmpty }
}
