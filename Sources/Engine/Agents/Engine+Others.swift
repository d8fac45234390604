import Domain

/// Sessions that an opencode of somebody else runs on the same data: our server lists them and tells nothing of their turns
/// (v1-measured.md §10). What is known is what the database says, and which processes there are.
extension Engine {
    mutating func lookForOthers() {
        guard !isLooking else { return }
        isLooking = true
        emit(.lookForOthers)
    }

    mutating func othersFound(_ found: [OtherOpenCode]) {
        isLooking = false
        let before = others
        others = found
        if before != found { othersChanged(before ?? []) }
        // What was not said of anybody while it was looked is said now, also when nobody else is there, as before.
        for id in herd.agents.keys.sorted() { judge(id) }
        for id in outbox.keys.sorted() { deliver(id) }
    }

    private mutating func othersChanged(_ before: [OtherOpenCode]) {
        for (session, state) in sessions where driver(of: state) != nil { sessions[session]?.isForeign = true }
        let gone = before.filter { others?.contains($0) == false }
        for (session, state) in sessions where state.isForeign && !state.isBusy && state.lacksEnd && driver(of: state) == nil {
            guard let last = gone.first(where: { $0.canRun(state) }) else { continue }
            // It may have written more than we read: then that is how it ended.
            sessions[session]?.leftBy = last.pid
            if servers[state.server]?.isLive == true { readTail(session) }
        }
    }

    /// Who runs a turn of this session that our server does not: its newest message has no end, nothing of ours cut it, and the process was
    /// there when it began.
    func driver(of state: SessionState) -> OtherOpenCode? {
        guard !state.isBusy, state.isTailKnown, state.lacksEnd, state.turnError == nil, state.cut == nil, state.carried == nil, !state.wasStopped else {
            return nil
        }
        return others?.filter { $0.canRun(state) }.max { $0.started < $1.started }
    }

    func driver(of id: AgentID) -> OtherOpenCode? { herd.agents[id]?.session.flatMap { sessions[$0] }.flatMap { driver(of: $0) } }

    /// One session is driven through one server only: a second turn would run beside the first.
    func runElsewhere(_ id: AgentID) -> Refusal? {
        guard let other = driver(of: id), let agent = herd.agents[id] else { return nil }
        return Refusal(
            .refused, "\(agent.title) is being run by another opencode (pid \(other.pid)), and a session is driven by one only",
            remedy: "go on there, or end that one first")
    }

    /// What the newest message says of a session that may have run elsewhere.
    mutating func noteOthers(_ session: SessionID) {
        sessions[session]?.isTailKnown = true
        guard let state = sessions[session] else { return }
        if driver(of: state) != nil { sessions[session]?.isForeign = true }
        guard state.isForeign else { return }
        if !state.lacksEnd {
            mark(session, Evidence(.read, "its newest message is complete", at: now.wall, server: describe(state.server)))
        } else if let pid = state.leftBy {
            let cut = "the opencode that ran it (pid \(pid)) ended"
            sessions[session]?.cut = cut
            mark(session, Evidence(.read, cut, at: now.wall, server: describe(state.server)))
        }
        sessions[session]?.leftBy = nil
    }

    /// It can be told only after the processes were looked for, and for a session that may be theirs after its newest message was read.
    func mayBeElsewhere(_ state: SessionState) -> Bool {
        guard let others, !isLooking else { return true }
        return !state.isBusy && !state.isTailKnown && others.contains { $0.directory == state.info.directory || $0.isAnywhere }
    }

    /// What is open in another opencode does not show there.
    mutating func warnOfOthers(_ id: AgentID) {
        guard let agent = herd.agents[id], let state = agent.session.flatMap({ sessions[$0] }), state.isForeign else { return }
        guard let other = others?.first(where: { $0.directory == state.info.directory }) else { return }
        note(
            .warning, "\(agent.title) was last run by another opencode (pid \(other.pid)), which does not show what drover sends",
            remedy: "do not write to it in both", agent: id)
    }
}

extension OtherOpenCode {
    /// Started before the newest message was: two seconds for the coarse clock of process starts.
    fileprivate func canRun(_ state: SessionState) -> Bool {
        guard directory == state.info.directory || isAnywhere, let begun = state.newest else { return false }
        return started.milliseconds <= begun.milliseconds + 2000
    }
}

extension SessionState {
    /// When its newest message began.
    fileprivate var newest: Timestamp? { [lastUserCreated, lastAnswer?.created].compactMap { $0 }.max() }
}
