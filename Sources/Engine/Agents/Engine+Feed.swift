import Domain

/// What happened in the herd, for a person who was not there: each entry is told once, kept over restarts, and counted in its agent's digest.
extension Engine {
    /// Entries that are kept. When there are `feedSlack` more, the oldest go together.
    static let feedLimit = 1000
    static let feedSlack = 100
    /// A person who only passes by has not looked.
    static let shortestLook = Span.seconds(2)

    mutating func tell(
        _ kind: FeedEntry.Kind, _ id: AgentID, _ text: String, result: String = "", isFailure: Bool = false, request: RequestID? = nil
    ) {
        guard let agent = herd.agents[id] else { return }
        if kind == .request, let request, feed.suffix(200).contains(where: { $0.kind == .request && $0.request == request }) { return }
        let entry = FeedEntry(
            number: (feed.last?.number ?? 0) + 1, at: now.wall, agent: id, project: agent.project, title: agent.title, kind: kind,
            text: String(text.firstLine.prefix(400)), result: result, isFailure: isFailure, request: request)
        feed.append(entry)
        changes.feed.append(entry)
        emit(.save(.feed(entry), isDurable: false))
        change(id) { $0.digest.count(entry) }
        guard feed.count > Self.feedLimit + Self.feedSlack else { return }
        for old in feed.prefix(Self.feedSlack) { emit(.forget(Record.feed(old).key, isDurable: false)) }
        feed.removeFirst(Self.feedSlack)
    }

    /// A tool call is told when its end follows its beginning: what a server sends again of old calls is no news.
    mutating func tellTool(of part: PartInfo) {
        guard case .tool(let use, _) = part.content, Self.isTold(use) else { return }
        guard use.state == .completed || use.state == .failed else {
            sessions[part.session]?.openCalls.insert(use.callID)
            return
        }
        guard sessions[part.session]?.openCalls.remove(use.callID) != nil, let id = keepers[part.session] else { return }
        let didFail = use.state == .failed || use.result.hasPrefix("exit ")
        if use.name == "bash" {
            tell(TestCommand.isTest(use.target) ? .test : .command, id, use.target, result: use.result, isFailure: didFail)
        } else {
            let changed = use.changes.map { "+\($0.additions) -\($0.deletions)" }
            tell(.edit, id, use.target, result: didFail ? use.result : changed ?? use.result, isFailure: didFail)
        }
    }

    /// What changes something; what only reads is not worth a line.
    private static func isTold(_ use: ToolUse) -> Bool { use.name == "bash" || use.changes != nil || ["edit", "write", "apply_patch"].contains(use.name) }

    /// At the end of an event: what it said first may not be its last word.
    mutating func tellEnds() {
        for id in turned.sorted() { tellEnd(of: id) }
        turned.removeAll()
    }

    private mutating func tellEnd(of id: AgentID) {
        guard let agent = herd.agents[id] else { return }
        let changes = agent.changes.isEmpty ? "" : "+\(agent.changes.additions) -\(agent.changes.deletions)"
        switch agent.status {
        case .done: tell(.done, id, agent.activity.target, result: changes)
        case .failed: tell(.failed, id, agent.error ?? agent.activity.target, isFailure: true)
        case .paused: tell(.paused, id, agent.activity.target)
        case .waiting, .limited, .quiet, .running, .moving, .starting, .provisioning, .unknown, .stopped: break
        }
    }

    mutating func feed(_ limit: Int, _ errand: Errand) { reply(errand, .feed(Array(feed.suffix(max(0, limit))))) }

    /// The person went away from it: from now on it is news again.
    mutating func leave(_ id: AgentID, after look: Span) {
        guard look >= Self.shortestLook, let agent = herd.agents[id] else { return }
        let fresh = Digest(since: now.wall, costBefore: agent.cost)
        change(id) { $0.digest = fresh }
        save(id)
    }
}
