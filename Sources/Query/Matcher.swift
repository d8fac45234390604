package import Domain

/// A query made ready for one herd at one moment: names are looked up once, not for every agent.
package struct Matcher: Sendable {
    private let term: Term
    private let reachesArchived: Bool
    private let now: Timestamp
    /// The projects that each `project:` of the query means.
    private var projects: [String: Set<ProjectID>] = [:]

    package init(_ query: Query, in herd: Herd, now: Timestamp) {
        term = query.term
        reachesArchived = query.reachesArchived
        self.now = now
        collect(query.term, herd)
    }

    package func matches(_ agent: Agent, in herd: Herd) -> Bool {
        if agent.archived, !reachesArchived { return false }
        return matches(term, agent, herd)
    }

    /// A line of the feed is what its agent is; words are looked for in the line, too. Of an agent that is gone only the line is left.
    package func matches(_ entry: FeedEntry, in herd: Herd) -> Bool { matches(term, entry, herd) }

    private func matches(_ term: Term, _ entry: FeedEntry, _ herd: Herd) -> Bool {
        switch term {
        case .all: return true
        case .word(let needle, _):
            if needle.isIn(entry.text) || needle.isIn(entry.result) || needle.isIn(entry.title) || needle.equals(entry.kind.rawValue) { return true }
            return needle.equals(entry.agent.raw) || herd.projects[entry.project].map { needle.isIn($0.name) } ?? false
        case .project(let name): return projects[name.text]?.contains(entry.project) ?? false
        case .field(.id, let needle): return needle.begins(entry.agent.raw)
        case .field(.title, let needle): return needle.isIn(entry.title)
        case .not(let inner): return !matches(inner, entry, herd)
        case .both(let terms): return terms.allSatisfy { matches($0, entry, herd) }
        case .either(let terms): return terms.contains { matches($0, entry, herd) }
        case .status, .place, .measure, .has, .state, .field: return herd.agents[entry.agent].map { matches(term, $0, herd) } ?? false
        }
    }

    private mutating func collect(_ term: Term, _ herd: Herd) {
        switch term {
        case .project(let name): projects[name.text] = Self.projects(named: name, in: herd)
        case .not(let inner): collect(inner, herd)
        case .both(let terms), .either(let terms): for inner in terms { collect(inner, herd) }
        case .all, .word, .status, .place, .measure, .has, .state, .field: break
        }
    }

    /// `project:api` is the project of that name (or id); without one, all whose names begin so. So `archive project:api` never means `api-gateway`
    /// while there is an `api`, and the filter helps before the name is complete.
    private static func projects(named name: Needle, in herd: Herd) -> Set<ProjectID> {
        let exact = herd.projects.values.filter { name.equals($0.name) || name.equals($0.id.raw) }
        return Set((exact.isEmpty ? herd.projects.values.filter { name.begins($0.name) } : exact).map(\.id))
    }

    private func matches(_ term: Term, _ agent: Agent, _ herd: Herd) -> Bool {
        switch term {
        case .all: true
        case .word(let needle, let exact): finds(needle, exact: exact, agent, herd)
        case .status(let wanted): wanted.contains(agent.status)
        case .project(let name): projects[name.text]?.contains(agent.project) ?? false
        case .place(let kinds): herd.places[agent.place].map { kinds.contains($0.kind) } ?? false
        case .measure(let measure, let how, let limit): compare(value(of: measure, agent), how, limit)
        case .has(let thing): has(thing, agent, herd)
        case .state(let state): isIn(state, agent)
        case .field(let field, let needle): finds(needle, in: field, agent, herd)
        case .not(let inner): !matches(inner, agent, herd)
        case .both(let terms): terms.allSatisfy { matches($0, agent, herd) }
        case .either(let terms): terms.contains { matches($0, agent, herd) }
        }
    }

    private func finds(_ needle: Needle, exact: Bool, _ agent: Agent, _ herd: Herd) -> Bool {
        if needle.isIn(agent.title) || needle.isIn(agent.activity.target) || needle.isIn(agent.activity.verb) { return true }
        if let project = herd.projects[agent.project], needle.isIn(project.name) { return true }
        if let branch = herd.places[agent.place]?.branch, needle.isIn(branch) { return true }
        if needle.equals(agent.id.raw) { return true }
        return !exact && needle.abbreviates(agent.title)
    }

    private func finds(_ needle: Needle, in field: Term.Field, _ agent: Agent, _ herd: Herd) -> Bool {
        switch field {
        case .model: agent.model.map(needle.isIn) ?? false
        case .mode: agent.mode.map(needle.isIn) ?? false
        case .branch: herd.places[agent.place]?.branch.map(needle.isIn) ?? false
        case .title: needle.isIn(agent.title)
        case .id: needle.begins(agent.id.raw)
        case .directory: herd.places[agent.place].map { needle.isIn($0.directory) } ?? false
        }
    }

    /// Nil: not known, so neither more nor less than anything.
    private func value(of measure: Term.Measure, _ agent: Agent) -> Double? {
        switch measure {
        case .age: Double(now.milliseconds) - Double(agent.since.milliseconds)
        case .created: Double(now.milliseconds) - Double(agent.created.milliseconds)
        case .cost: agent.cost
        case .tokens: Double(agent.tokens.total)
        case .context: agent.contextUse.map { $0 * 100 }
        }
    }

    private func compare(_ value: Double?, _ how: Term.Comparison, _ limit: Double) -> Bool {
        guard let value else { return false }
        return switch how {
        case .over: value > limit
        case .under: value < limit
        case .atLeast: value >= limit
        case .atMost: value <= limit
        }
    }

    private func has(_ thing: Term.Thing, _ agent: Agent, _ herd: Herd) -> Bool {
        switch thing {
        case .diff: !agent.changes.isEmpty
        case .request: !agent.requests.isEmpty
        case .question: agent.requests.contains { if case .question = herd.requests[$0]?.kind { true } else { false } }
        case .error: agent.error != nil
        case .todo: agent.todos.contains { $0.status != "completed" && $0.status != "cancelled" }
        case .subagent: !agent.subAgents.isEmpty
        case .queue: !agent.queued.isEmpty
        }
    }

    private func isIn(_ state: Term.State, _ agent: Agent) -> Bool {
        switch state {
        case .unseen: agent.unseen
        case .archived: agent.archived
        case .working: agent.status.isWorking
        case .idle: !agent.status.isWorking
        }
    }
}
