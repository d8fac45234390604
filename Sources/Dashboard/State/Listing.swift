package import Domain
import Query

/// What follows from the herd and the filters: made once for each change, not for each frame.
package struct Listing: Equatable, Sendable {
    /// The agents of the list, in order.
    package var rows: [AgentID] = []
    /// All agents that are not archived, without the filters: for counts.
    package var total = 0
    package var byProject: [ProjectID: (count: Int, status: Status)] = [:]
    package var byPlace: [Place.Kind: Int] = [:]
    package var byStatus: [Status: Int] = [:]
    /// Projects by name.
    package var projects: [ProjectID] = []
    package var queue: [RequestID] = []
    /// Agents with a request.
    package var waiting: Int { byStatus[.waiting] ?? 0 }

    package init() {}

    init(_ herd: Herd, _ ui: UI, now: Timestamp) {
        let matcher = Matcher(ui.filter.query, in: herd, now: now)
        var shown: [Agent] = []
        for agent in herd.agents.values {
            if !agent.archived { count(agent, herd) }
            if Self.isIn(ui.scope, agent, herd), matcher.matches(agent, in: herd) { shown.append(agent) }
        }
        rows = ui.order.sorted(shown, in: herd)
        projects = herd.projects.values.sorted { ($0.name.lowercased(), $0.id) < ($1.name.lowercased(), $1.id) }.map(\.id)
        queue = requestQueue(of: herd)
    }

    private mutating func count(_ agent: Agent, _ herd: Herd) {
        total += 1
        byStatus[agent.status, default: 0] += 1
        if let kind = herd.places[agent.place]?.kind { byPlace[kind, default: 0] += 1 }
        let known = byProject[agent.project]
        let worst = known.map { $0.status.attention < agent.status.attention ? $0.status : agent.status } ?? agent.status
        byProject[agent.project] = ((known?.count ?? 0) + 1, worst)
    }

    private static func isIn(_ scope: UI.Scope, _ agent: Agent, _ herd: Herd) -> Bool {
        switch scope {
        case .all: true
        case .project(let id): agent.project == id
        case .place(let kind): herd.places[agent.place]?.kind == kind
        case .status(let status): agent.status == status
        }
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.rows == right.rows && left.total == right.total && left.byStatus == right.byStatus && left.byPlace == right.byPlace
            && left.projects == right.projects && left.queue == right.queue
            && left.byProject.mapValues(\.count) == right.byProject.mapValues(\.count)
            && left.byProject.mapValues(\.status) == right.byProject.mapValues(\.status)
    }

    /// The left column from top to bottom.
    package func scopes() -> [UI.Scope] {
        [.all] + projects.map { .project($0) } + Place.Kind.allCases.filter { byPlace[$0] != nil }.map { .place($0) }
            + Status.allCases.filter { byStatus[$0] != nil }.map { .status($0) }
    }
}
