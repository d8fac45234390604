package import Domain

/// Which values of the herd changed since somebody last asked; whole small values are made of it when it is time to send.
package struct ChangeSet: Equatable, Sendable {
    package var projects: Set<ProjectID> = []
    package var places: Set<PlaceID> = []
    package var servers: Set<ServerID> = []
    package var agents: Set<AgentID> = []
    package var requests: Set<RequestID> = []
    package var today = false
    package var notices: [Notice] = []
    /// What happened, for those who follow the feed.
    package var feed: [FeedEntry] = []
    package init() {}

    package var isEmpty: Bool {
        projects.isEmpty && places.isEmpty && servers.isEmpty && agents.isEmpty && requests.isEmpty && !today && notices.isEmpty && feed.isEmpty
    }

    package mutating func formUnion(_ other: ChangeSet) {
        projects.formUnion(other.projects)
        places.formUnion(other.places)
        servers.formUnion(other.servers)
        agents.formUnion(other.agents)
        requests.formUnion(other.requests)
        today = today || other.today
        notices += other.notices
        feed += other.feed
    }

    /// The values as they are now; what is gone is named as removed.
    package func values(in herd: Herd) -> HerdChange {
        var change = HerdChange()
        for id in projects { if let value = herd.projects[id] { change.projects.append(value) } else { change.removedProjects.append(id) } }
        for id in places { if let value = herd.places[id] { change.places.append(value) } else { change.removedPlaces.append(id) } }
        for id in servers { if let value = herd.servers[id] { change.servers.append(value) } else { change.removedServers.append(id) } }
        for id in agents { if let value = herd.agents[id] { change.agents.append(value) } else { change.removedAgents.append(id) } }
        for id in requests { if let value = herd.requests[id] { change.requests.append(value) } else { change.removedRequests.append(id) } }
        if today { change.today = herd.today }
        change.notices = notices
        change.feed = feed
        return change
    }
}
