import Domain

/// The status of an agent, decided in one place from what is known (product.md §2).
struct Verdict: Equatable {
    var status: Status
    var evidence: Evidence
    var activity: Activity
    var error: String?
    var retryAt: Timestamp?
    /// When it began, where that is known to be earlier than its evidence.
    var since: Timestamp?
}

extension Engine {
    /// A prompt was accepted but its turn does not show: after this long the server is asked what is going on.
    static let turnPatience = Span.seconds(15)

    mutating func judge(session: SessionID) {
        if let id = agent(of: session) { judge(id) }
    }

    mutating func judgeAll(of server: ServerID) {
        for (id, agent) in herd.agents where agent.project.raw == server.raw { judge(id) }
    }

    /// Time alone changes a status in two cases: a busy session that says nothing, and a link that does not come back.
    mutating func judgeOverdue() {
        for (id, server) in servers {
            guard let at = server.unknownAt, now.instant >= at else { continue }
            servers[id]?.isShownUnknown = true
            judgeAll(of: id)
        }
        for (id, state) in sessions {
            if state.phase == .busy, now.instant - state.heard >= settings.quietAfter { judge(session: id) }
            guard let since = state.awaitsTurnSince, now.instant >= since + Self.turnPatience else { continue }
            sessions[id]?.awaitsTurnSince = nil
            readTail(id)
            judge(session: id)
        }
    }

    mutating func judge(_ id: AgentID) {
        guard let agent = herd.agents[id], let verdict = verdict(on: agent) else { return }
        let before = agent.status
        let pending = requests(of: id)
        let isLookedAt = looks.values.contains(id)
        change(id) { agent in
            if verdict.status == .unknown {
                if agent.status != .unknown { agent.lastKnown = agent.status }
            } else if agent.status == .unknown, agent.lastKnown == verdict.status {
                agent.lastKnown = nil  // nothing happened while the link was down
            } else {
                agent.lastKnown = nil
                if agent.status != verdict.status { agent.since = verdict.since ?? verdict.evidence.at }
            }
            if agent.status != verdict.status { agent.evidence = verdict.evidence }
            agent.status = verdict.status
            if !verdict.activity.verb.isEmpty || verdict.status == .done { agent.activity = verdict.activity }
            agent.error = verdict.error
            agent.retryAt = verdict.retryAt
            agent.requests = pending
            if (before.isWorking || before == .waiting || agent.lastKnown?.isWorking == true) && (verdict.status == .done || verdict.status == .failed) {
                agent.unseen = !isLookedAt
            }
            if verdict.status.isWorking && verdict.status != .unknown { agent.unseen = false }
        }
        if before != verdict.status { save(id) }
    }

    private func verdict(on agent: Agent) -> Verdict? {
        if let launch = launches[agent.id] { return launching(agent, launch) }
        let server = servers[ServerID(agent.project.raw)]
        let isWanted = outbox[agent.id]?.isEmpty == false
        switch server?.machine.phase {
        case nil, .down?, .stopping?:
            return withoutServer(agent, isWanted: isWanted, evidence: Evidence(.link, "its server does not run", at: now.wall))
        case .failed?:
            guard isWanted else { return withoutServer(agent, isWanted: false, evidence: Evidence(.link, "its server cannot be started", at: now.wall)) }
            let why = server?.trouble?.why ?? "the server cannot be started"
            return Verdict(status: .failed, evidence: Evidence(.link, why, at: now.wall), activity: Activity(verb: "failed", target: why), error: why)
        case .backingOff?:
            return withoutServer(agent, isWanted: isWanted, evidence: Evidence(.link, server?.crash ?? "its server went away", at: now.wall), isGone: true)
        case .live? where isWanted && agent.session.map { sessions[$0]?.isBusy != true } ?? true:
            return Verdict(status: .starting, evidence: Evidence(.action, "the prompt is being sent", at: now.wall), activity: Activity(verb: "starting", target: "the turn"))
        case .live?: return settled(agent) ?? unknown(agent, since: now.wall, why: "the server does not list its session")
        case .starting?, .connecting?, .reading?, .reconnecting?, .silent?:
            return whileLost(agent, server, isWanted: isWanted)
        }
    }

    private func launching(_ agent: Agent, _ launch: Launch) -> Verdict {
        let (status, step): (Status, String) =
            switch launch.step {
            case .provisioning: (.provisioning, launch.wish.kind == .worktree ? "making the worktree" : "looking at the folder")
            case .starting: (.starting, "starting the server")
            case .creating: (.starting, "creating the session")
            case .prompting: (.starting, "sending the prompt")
            }
        return Verdict(status: status, evidence: Evidence(.action, step, at: now.wall), activity: Activity(verb: "starting", target: step))
    }

    private func whileLost(_ agent: Agent, _ server: ServerState?, isWanted: Bool) -> Verdict? {
        guard let server, !server.isFresh else {
            return withoutServer(agent, isWanted: isWanted, evidence: Evidence(.link, server?.crash ?? "its server is starting", at: now.wall), isGone: true)
        }
        guard let lost = server.lostSince, server.isShownUnknown else { return nil }
        let silent = if case .silent = server.machine.phase { true } else { false }
        return unknown(agent, since: lost.wall, why: silent ? "nothing was heard from the server since" : "the connection to the server is lost since")
    }

    private func unknown(_ agent: Agent, since: Timestamp, why: String) -> Verdict {
        Verdict(status: .unknown, evidence: Evidence(.link, "\(why) \(since.rfc3339)", at: since, server: describe(ServerID(agent.project.raw))),
            activity: agent.activity, error: agent.error)
    }

    /// No process: nothing runs. How the last turn ended still holds; what was going on was cut.
    private func withoutServer(_ agent: Agent, isWanted: Bool, evidence: Evidence, isGone: Bool = false) -> Verdict {
        if isWanted {
            return Verdict(status: .starting, evidence: Evidence(.action, "a prompt waits for the server", at: now.wall), activity: Activity(verb: "starting", target: "the server"))
        }
        if let session = agent.session, let state = sessions[session] {
            switch state.outcome {
            case .interrupted, .failed, .paused: return idle(agent, state)
            case .done: break
            }
        } else if agent.status.isWorking || agent.status == .waiting || (agent.status == .unknown && agent.lastKnown.map { $0.isWorking || $0 == .waiting } ?? false) {
            return interrupted("its server is gone", evidence)
        } else if agent.status == .failed || agent.status == .paused {
            return Verdict(status: agent.status, evidence: agent.evidence, activity: agent.activity, error: agent.error)
        }
        if isGone && agent.status != .stopped {
            return Verdict(status: agent.status == .unknown ? agent.lastKnown ?? .done : agent.status, evidence: agent.evidence, activity: agent.activity, error: agent.error)
        }
        return Verdict(status: .stopped, evidence: evidence, activity: agent.activity)
    }

    private func interrupted(_ words: String, _ evidence: Evidence) -> Verdict {
        Verdict(status: .failed, evidence: evidence, activity: Activity(verb: "interrupted", target: words), error: "interrupted: \(words)")
    }

    private func settled(_ agent: Agent) -> Verdict? {
        guard let id = agent.session, let state = sessions[id] else { return nil }
        let waiting = requests(of: agent.id)
        if let first = waiting.first, let request = herd.requests[first] {
            let verb = if case .permission(let permission) = request.kind { permission.name } else { "asks" }
            let title = request.title
            let target = title.hasPrefix(verb + " ") ? String(title.dropFirst(verb.utf8.count + 1)) : title
            return Verdict(status: .waiting, evidence: Evidence(.event, "\(request.id) is pending", at: request.asked, server: describe(state.server)),
                activity: Activity(verb: verb, target: target))
        }
        if case .retry(_, let message, let next) = state.phase {
            return Verdict(status: .limited, evidence: state.evidence, activity: Activity(verb: "rate limit", target: message), retryAt: next)
        }
        let family = sessions.values.filter { $0.isBusy && ($0.info.id == id || ($0.info.parent != nil && root(of: $0.info.id) == id)) }
        guard !family.isEmpty else { return state.isTailKnown || agent.status == .unknown ? idle(agent, state) : nil }
        let heard = family.map(\.heard).max() ?? state.heard
        if now.instant - heard >= settings.quietAfter {
            let since = Timestamp(milliseconds: now.wall.milliseconds - (now.instant - heard).milliseconds)
            return Verdict(status: .quiet, evidence: Evidence(.event, "busy, but no event since \(since.rfc3339)", at: since, server: describe(state.server)),
                activity: state.activity)
        }
        return Verdict(status: .running, evidence: state.evidence, activity: state.activity.verb.isEmpty ? Activity(verb: "working") : state.activity)
    }

    private func idle(_ agent: Agent, _ state: SessionState) -> Verdict {
        switch state.outcome {
        case .done: Verdict(status: .done, evidence: state.evidence, activity: state.activity, since: state.ended)
        case .failed(let message):
            Verdict(status: .failed, evidence: state.evidence, activity: Activity(verb: "failed", target: message), error: message, since: state.ended)
        case .paused: Verdict(status: .paused, evidence: state.evidence, activity: Activity(verb: "paused", target: state.activity.text), since: state.ended)
        case .interrupted(let words): interrupted(words, state.evidence)
        }
    }
}

extension Agent {
    fileprivate var isSettledWithoutServer: Bool {
        switch status {
        case .done, .failed, .paused, .stopped: true
        case .waiting, .limited, .quiet, .running, .moving, .starting, .provisioning, .unknown: false
        }
    }
}
