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
    /// The same after an idle that can only be the end of the turn before.
    static let shortPatience = Span.seconds(2)

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
        if let due = nextCheck, now.instant >= due { check() }
    }

    /// Looks at all that is busy, and plans when to do so again.
    mutating func check() {
        nextCheck = nil
        for session in working { check(session) }
        for session in unfinished {
            guard let info = sessions[session]?.info, sessions[session]?.isForeign == true, sessions[session]?.lacksEnd == true else {
                unfinished.remove(session)
                continue
            }
            let left = settings.quietAfter.milliseconds - (now.wall.milliseconds - info.updated.milliseconds)
            if left > 0 { checkAgain(at: now.instant + .milliseconds(left)) } else { unfinished.remove(session) }
            judge(session: session)
        }
    }

    private mutating func check(_ session: SessionID) {
        guard let state = sessions[session] else { return }
        if let since = state.awaitsTurnSince {
            if now.instant >= since + Self.turnPatience {
                setAwaiting(session, since: nil)
                sessions[session]?.isTailKnown = false
                wasOverlooked.insert(session)
                readTail(session)
                judge(session: session)
            } else {
                checkAgain(at: since + Self.turnPatience)
            }
        }
        let quiet = state.heard + settings.quietAfter
        if now.instant < quiet { checkAgain(at: quiet) } else { judge(session: session) }
    }

    mutating func judge(_ id: AgentID) {
        guard let agent = herd.agents[id] else { return }
        let pending = requests(of: id)
        guard let verdict = verdict(on: agent, pending) else { return change(id) { $0.requests = pending } }
        let before = agent.status
        let wasWorking = [before, agent.lastKnown ?? before].contains { $0.isWorking || $0 == .waiting }
        let isLookedAt = looks.values.contains(id)
        change(id) { agent in
            if verdict.status == .unknown {
                if agent.status != .unknown { agent.lastKnown = agent.status }
            } else {
                let isNew = (agent.lastKnown ?? agent.status) != verdict.status  // nothing may have happened while the link was down
                if isNew { agent.since = verdict.since ?? verdict.evidence.at }
                agent.lastKnown = nil
            }
            // Why nothing is known can change while it is not.
            if agent.status != verdict.status || (verdict.status == .unknown && agent.evidence.what != verdict.evidence.what) {
                agent.evidence = verdict.evidence
            }
            agent.status = verdict.status
            if !verdict.activity.verb.isEmpty || verdict.status == .done { agent.activity = verdict.activity }
            agent.error = verdict.error
            agent.retryAt = verdict.retryAt
            agent.requests = pending
            if wasWorking, verdict.status == .done || verdict.status == .failed { agent.unseen = !isLookedAt }
            if verdict.status.isWorking { agent.unseen = false }
        }
        guard before != verdict.status else { return }
        if wasWorking { turned.insert(id) }
        save(id)
    }

    /// Nil: nothing new is known, what was said before still holds.
    private func verdict(on agent: Agent, _ pending: [RequestID]) -> Verdict? {
        if let launch = launches[agent.id] { return launching(agent, launch) }
        let server = servers[ServerID(agent.project.raw)]
        let isWanted = outbox[agent.id]?.isEmpty == false
        switch server?.machine.phase {
        case nil, .down?, .stopping?:
            return withoutServer(agent, isWanted: isWanted, evidence: Evidence(.link, "its server does not run", at: now.wall))
        case .failed?:
            guard isWanted else { return withoutServer(agent, isWanted: false, evidence: Evidence(.link, "its server cannot be started", at: now.wall)) }
            let why = server?.trouble?.why ?? "the server cannot be started"
            return Verdict(status: .failed, evidence: Evidence(.link, why, at: now.wall), activity: Activity(verb: "failed:", target: why), error: why)
        case .backingOff?:
            return withoutServer(agent, isWanted: isWanted, evidence: Evidence(.link, server?.crash ?? "its server went away", at: now.wall), isGone: true)
        case .live? where isWanted && pending.isEmpty && agent.session.map { sessions[$0]?.isBusy != true } ?? true:
            return Verdict(
                status: .starting, evidence: Evidence(.action, "the prompt is being sent", at: now.wall),
                activity: Activity(verb: "sending", target: "the prompt"))
        case .live?: return settled(agent, server?.broken ?? [:], pending)
        case .starting?, .connecting?, .reading?, .reconnecting?, .silent?:
            return whileLost(agent, server, isWanted: isWanted)
        }
    }

    private func launching(_ agent: Agent, _ launch: Launch) -> Verdict {
        let (status, activity): (Status, Activity) =
            switch launch.step {
            case .provisioning where launch.wish.kind == .worktree: (.provisioning, Activity(verb: "making", target: "the worktree"))
            case .provisioning: (.provisioning, Activity(verb: "looking at", target: "the folder"))
            case .starting: (.starting, Activity(verb: "starting", target: "the server"))
            case .creating: (.starting, Activity(verb: "creating", target: "the session"))
            case .prompting: (.starting, Activity(verb: "sending", target: "the prompt"))
            }
        return Verdict(status: status, evidence: Evidence(.action, activity.text, at: now.wall), activity: activity)
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
        Verdict(
            status: .unknown, evidence: Evidence(.link, "\(why) \(since.rfc3339)", at: since, server: describe(ServerID(agent.project.raw))),
            activity: agent.activity, error: agent.error)
    }

    /// No process: nothing runs. How the last turn ended still holds; what was going on was cut.
    ///
    /// - Parameter isGone: It went away by itself or was not there yet: what is done stays done. A server that was stopped takes them to `stopped`.
    private func withoutServer(_ agent: Agent, isWanted: Bool, evidence: Evidence, isGone: Bool = false) -> Verdict? {
        if isWanted {
            return Verdict(
                status: .starting, evidence: Evidence(.action, "a prompt waits for the server", at: now.wall),
                activity: Activity(verb: "starting", target: "the server"))
        }
        let was = agent.status == .unknown ? agent.lastKnown : agent.status
        let state = agent.session.flatMap { sessions[$0] }
        if let state {
            switch state.outcome {
            case .interrupted, .failed, .paused: return idle(agent, state)
            case .done, .elsewhere: break  // of what ran elsewhere the end was not read
            }
        } else if let was, was.isWorking || was == .waiting {
            return interrupted("its server is gone", evidence)
        }
        if let was, was == .failed || was == .paused || (isGone && (was == .done || was == .stopped)) {
            return Verdict(status: was, evidence: agent.status == was ? agent.evidence : evidence, activity: agent.activity, error: agent.error)
        }
        if isGone, let state, state.isTailKnown, state.outcome == .done { return idle(agent, state) }
        return Verdict(status: .stopped, evidence: evidence, activity: agent.activity)
    }

    private func interrupted(_ words: String, _ evidence: Evidence) -> Verdict {
        Verdict(status: .failed, evidence: evidence, activity: Activity(verb: "interrupted:", target: words), error: "interrupted: \(words)")
    }

    private func settled(_ agent: Agent, _ broken: [String: String], _ pending: [RequestID]) -> Verdict? {
        if let first = pending.first, let request = herd.requests[first], let asking = sessions[request.session] { return waiting(request, asking) }
        guard let id = agent.session, let state = sessions[id] else { return unlisted(agent, broken) }
        if state.isStale, let why = broken[state.info.directory] { return unreadable(agent, state.info.directory, why) }
        let busy = family(of: id).filter(working.contains)
        if busy.isEmpty {
            if state.isOutcomeKnown, let verdict = idle(agent, state) { return verdict }
            // How it ended is being read; until then what was shown before stays, except what is plainly over.
            return agent.status == .waiting ? Verdict(status: .running, evidence: state.evidence, activity: state.activity) : nil
        }
        // Those that wait for a sub-agent are as well off as it is.
        let leaves = busy.filter { children[$0]?.contains(where: working.contains) != true }
        let retries = leaves.compactMap { sessions[$0]?.retry }
        if retries.count == leaves.count, let first = retries.min(by: { $0.next < $1.next }) {
            return Verdict(status: .limited, evidence: first.evidence, activity: limited(first.message), retryAt: first.next)
        }
        let heard = busy.compactMap { sessions[$0]?.heard }.max() ?? state.heard
        if now.instant - heard >= settings.quietAfter {
            let since = Timestamp(milliseconds: now.wall.milliseconds - (now.instant - heard).milliseconds)
            return Verdict(
                status: .quiet, evidence: Evidence(.event, "busy, but no event since \(since.rfc3339)", at: since, server: describe(state.server)),
                activity: state.activity)
        }
        return Verdict(status: .running, evidence: state.evidence, activity: state.activity.verb.isEmpty ? Activity(verb: "working") : state.activity)
    }

    /// Verb and target are shown as one sentence: what the provider said must not double the verb.
    private func limited(_ message: String) -> Activity {
        let verb = "rate limit"
        guard message.lowercased().hasPrefix(verb) else { return Activity(verb: "limited:", target: message) }
        return Activity(verb: verb, target: String(message.dropFirst(verb.count).drop { !$0.isLetter && !$0.isNumber }))
    }

    private func waiting(_ request: Request, _ state: SessionState) -> Verdict {
        let verb = if case .permission(let permission) = request.kind { permission.name } else { "asks" }
        let title = request.title
        let target = title.hasPrefix(verb + " ") ? String(title.dropFirst(verb.utf8.count + 1)) : title
        return Verdict(
            status: .waiting, evidence: Evidence(.event, "\(request.id) is pending", at: request.asked, server: describe(state.server)),
            activity: Activity(verb: verb, target: target))
    }

    /// Its server is live but says nothing of it.
    private func unlisted(_ agent: Agent, _ broken: [String: String]) -> Verdict? {
        let directory = herd.places[agent.place]?.directory ?? ""
        if let why = broken[directory] { return unreadable(agent, directory, why) }
        if servers[ServerID(agent.project.raw)]?.coverings[directory] != nil { return nil }
        let why = herd.places[agent.place]?.trouble ?? "the server does not list its session"
        return Verdict(
            status: .unknown, evidence: Evidence(.read, why, at: now.wall, server: describe(ServerID(agent.project.raw))), activity: agent.activity,
            error: agent.error)
    }

    private func unreadable(_ agent: Agent, _ directory: String, _ why: String) -> Verdict {
        Verdict(
            status: .unknown,
            evidence: Evidence(.read, "the server cannot read \(directory): \(why)", at: now.wall, server: describe(ServerID(agent.project.raw))),
            activity: agent.activity, error: agent.error)
    }

    /// Neither running nor waiting is known: what it asks is told to that process only.
    private func elsewhere(_ state: SessionState, _ other: OtherOpenCode) -> Verdict {
        let doing = state.activity.text
        let why = "another opencode (pid \(other.pid)) runs it; drover reads it from the database"
        return Verdict(
            status: .unknown, evidence: Evidence(.read, why, at: now.wall, server: describe(state.server)),
            activity: Activity(verb: "pid \(other.pid):", target: doing.isEmpty ? "runs it" : doing))
    }

    private func idle(_ agent: Agent, _ state: SessionState) -> Verdict? {
        if let other = driver(of: state) { return elsewhere(state, other) }
        switch state.outcome {
        case .done: return Verdict(status: .done, evidence: state.evidence, activity: state.activity, since: state.ended)
        case .failed(let message):
            return Verdict(status: .failed, evidence: state.evidence, activity: Activity(verb: "failed:", target: message), error: message, since: state.ended)
        case .paused:
            return Verdict(
                status: .paused, evidence: state.evidence,
                activity: Activity(verb: "paused", target: state.activity.text.isEmpty ? "" : "(\(state.activity.text))"), since: state.ended)
        // Somebody else may be at it: first it is looked.
        case .interrupted where state.cut == nil && (others == nil || isLooking): return nil
        case .interrupted(let words): return interrupted(words, state.evidence)
        case .elsewhere:
            guard now.wall.milliseconds - state.info.updated.milliseconds < settings.quietAfter.milliseconds else {
                return interrupted("its last turn was never finished", state.evidence)
            }
            return Verdict(
                status: .unknown,
                evidence: Evidence(.read, "its newest message has no end, and nobody is seen to be at it", at: now.wall, server: describe(state.server)),
                activity: state.activity.verb.isEmpty ? Activity(verb: "unfinished") : state.activity)
        }
    }
}

extension SessionState {
    fileprivate var retry: (message: String, next: Timestamp, evidence: Evidence)? {
        if case .retry(_, let message, let next) = phase { (message, next, evidence) } else { nil }
    }
}
