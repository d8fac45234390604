package import Domain
import Query
import Screen

/// What follows from the herd and the filters: made once for each change, not for each frame.
package struct Listing: Sendable {
    /// Another number for each that is made: what was drawn from the same one needs not be drawn again.
    let version: Int
    /// The agents of the list, in order.
    package private(set) var rows: [AgentID] = []
    /// The same with what their rows say, so that a frame looks nothing up.
    private(set) var shown: [Row] = []
    /// All agents that are not archived, without the filters: for counts.
    package private(set) var total = 0
    package private(set) var byStatus: [Status: Int] = [:]
    /// Places and statuses that occur, in the order of the left column.
    private(set) var places: [Count<Place.Kind>] = []
    private(set) var statuses: [Count<Status>] = []
    /// The person's views, and how many agents each means.
    private(set) var views: [Count<String>] = []
    /// Projects by name.
    private(set) var sides: [Side] = []
    /// Cells of the longest name among them.
    private(set) var longestName = 0
    private(set) var liveServers = 0
    package private(set) var queue: [RequestID] = []
    private(set) var words = HeaderWords()

    struct Row: Equatable, Sendable {
        var agent: Agent
        var project: String
        var place: Place.Kind?
    }
    struct Count<Kind: Sendable & Equatable>: Equatable, Sendable {
        var kind: Kind
        var count: Int
    }
    /// A project in the left column.
    struct Side: Equatable, Sendable {
        var id: ProjectID
        var name: String
        var count = 0
        /// Of the agent that needs a person most; nil without agents.
        var status: Status?
        var server: ServerWords?
    }
    struct ServerWords: Equatable, Sendable {
        var state: Server.State
        /// Its memory, or its state.
        var text: String
    }
    /// What the first line says.
    struct HeaderWords: Equatable, Sendable {
        var counts = "", waiting = "", spent = "", tokens = "", servers = ""
    }

    /// Agents with a request.
    package var waiting: Int { byStatus[.waiting] ?? 0 }
    package var projects: [ProjectID] { sides.map(\.id) }
    package func count(of project: ProjectID) -> Int { sides.first { $0.id == project }?.count ?? 0 }

    package init() {
        version = 0
        words = HeaderWords(Herd(), self)
    }

    init(_ herd: Herd, _ ui: UI, _ views: [NamedQuery], now: Timestamp, after before: Listing) {
        version = before.version + 1
        let matcher = Matcher(ui.filter.query, in: herd, now: now)
        let named = views.map { Matcher($0.query, in: herd, now: now) }
        var byView = views.map { _ in 0 }
        var chosen: Matcher?
        if case .view(let name) = ui.scope { chosen = views.firstIndex { $0.name == name }.map { named[$0] } }
        var agents: [Agent] = []
        var byProject: [ProjectID: (count: Int, status: Status)] = [:]
        var byPlace: [Place.Kind: Int] = [:]
        for agent in herd.agents.values {
            let place = herd.places[agent.place]?.kind
            if !agent.archived {
                total += 1
                byStatus[agent.status, default: 0] += 1
                if let place { byPlace[place, default: 0] += 1 }
                let known = byProject[agent.project]
                let worst = known.map { $0.status.attention < agent.status.attention ? $0.status : agent.status } ?? agent.status
                byProject[agent.project] = ((known?.count ?? 0) + 1, worst)
            }
            for index in named.indices where named[index].matches(agent, in: herd) { byView[index] += 1 }
            if Self.isIn(ui.scope, agent, place), chosen?.matches(agent, in: herd) ?? true, matcher.matches(agent, in: herd) { agents.append(agent) }
        }
        rows = ui.order.sorted(agents, in: herd)
        shown = rows.compactMap { herd.agents[$0] }.map {
            Row(agent: $0, project: herd.projects[$0.project]?.name ?? "", place: herd.places[$0.place]?.kind)
        }
        places = Place.Kind.allCases.compactMap { kind in byPlace[kind].map { Count(kind: kind, count: $0) } }
        statuses = Status.allCases.compactMap { status in byStatus[status].map { Count(kind: status, count: $0) } }
        self.views = zip(views, byView).map { Count(kind: $0.name, count: $1) }
        sides = herd.projects.values.map { (key: $0.name.lowercased(), project: $0) }.sorted { ($0.key, $0.project.id) < ($1.key, $1.project.id) }.map {
            let known = byProject[$0.project.id]
            return Side(
                id: $0.project.id, name: $0.project.name, count: known?.count ?? 0, status: known?.status,
                server: herd.servers[$0.project.server].map(ServerWords.init))
        }
        longestName = sides.reduce(0) { max($0, displayWidth($1.name)) }
        liveServers = herd.servers.values.count { $0.state == .live }
        queue = requestQueue(of: herd)
        words = HeaderWords(herd, self)
    }

    private static func isIn(_ scope: UI.Scope, _ agent: Agent, _ place: Place.Kind?) -> Bool {
        switch scope {
        case .all, .view: true
        case .project(let id): agent.project == id
        case .place(let kind): place == kind
        case .status(let status): agent.status == status
        }
    }

    /// The left column from top to bottom.
    package func scopes() -> [UI.Scope] {
        [.all] + sides.map { .project($0.id) } + views.map { .view($0.kind) } + places.map { .place($0.kind) } + statuses.map { .status($0.kind) }
    }
}

extension Listing.ServerWords {
    init(_ server: Server) {
        state = server.state
        text =
            switch server.state {
            case .live: server.memory > 0 ? byteSize(server.memory) : "live"
            case .backingOff: "retries"
            case .down, .starting, .silent, .stopping, .failed: server.state.rawValue
            }
    }
}

extension Listing.HeaderWords {
    init(_ herd: Herd, _ listing: Listing) {
        counts = counted(herd.projects.count, "project") + "  " + counted(listing.total, "agent")
        if listing.waiting > 0 { waiting = "! \(listing.waiting) need\(listing.waiting == 1 ? "s" : "") you" }
        spent = dollars(micros: micros(herd.today.cost))
        tokens = compact(herd.today.tokens.total)
        servers = counted(listing.liveServers, "server")
    }
}
