/// Money and tokens of one calendar day.
package struct DayTotal: Equatable, Sendable {
    package var day: String
    package var cost: Double
    package var tokens: Tokens
    package var byProject: [ProjectID: Double]
    package init(day: String = "", cost: Double = 0, tokens: Tokens = Tokens(), byProject: [ProjectID: Double] = [:]) {
        self.day = day
        self.cost = cost
        self.tokens = tokens
        self.byProject = byProject
    }
}

/// Everything a client is shown, except transcripts. The daemon's model and the dashboard's copy of it.
package struct Herd: Equatable, Sendable {
    package var projects: [ProjectID: Project] = [:]
    package var places: [PlaceID: Place] = [:]
    package var servers: [ServerID: Server] = [:]
    package var agents: [AgentID: Agent] = [:]
    package var requests: [RequestID: Request] = [:]
    package var today = DayTotal()
    /// The newest last; at most 50.
    package var notices: [Notice] = []
    package init() {}
}

/// What is new in a herd since the last time: whole small values, never differences inside one.
package struct HerdChange: Equatable, Sendable {
    package var projects: [Project] = []
    package var places: [Place] = []
    package var servers: [Server] = []
    package var agents: [Agent] = []
    package var requests: [Request] = []
    package var removedProjects: [ProjectID] = []
    package var removedPlaces: [PlaceID] = []
    package var removedServers: [ServerID] = []
    package var removedAgents: [AgentID] = []
    package var removedRequests: [RequestID] = []
    package var today: DayTotal?
    package var notices: [Notice] = []
    /// What happened meanwhile; only for clients that follow the feed.
    package var feed: [FeedEntry] = []
    package init() {}

    package var isEmpty: Bool {
        projects.isEmpty && places.isEmpty && servers.isEmpty && agents.isEmpty && requests.isEmpty && removedProjects.isEmpty && removedPlaces.isEmpty
            && removedServers.isEmpty && removedAgents.isEmpty && removedRequests.isEmpty && today == nil && notices.isEmpty && feed.isEmpty
    }
}

extension Herd {
    package mutating func apply(_ change: HerdChange) {
        for project in change.projects { projects[project.id] = project }
        for place in change.places { places[place.id] = place }
        for server in change.servers { servers[server.id] = server }
        for agent in change.agents { agents[agent.id] = agent }
        for request in change.requests { requests[request.id] = request }
        for id in change.removedProjects { projects[id] = nil }
        for id in change.removedPlaces { places[id] = nil }
        for id in change.removedServers { servers[id] = nil }
        for id in change.removedAgents { agents[id] = nil }
        for id in change.removedRequests { requests[id] = nil }
        if let day = change.today { today = day }
        notices = (notices + change.notices).suffix(50)
    }
}

/// A change of one agent's transcript, sent only to those who look at that agent.
package enum TranscriptChange: Equatable, Sendable {
    /// The whole of it, in order; what was before is gone.
    case reset([TranscriptItem])
    /// A new item at the end, or a new version of the item with this id where it stands.
    case put(TranscriptItem)
    /// More text of the item with this id.
    case append(id: String, text: String)
    case remove(id: String)
}
