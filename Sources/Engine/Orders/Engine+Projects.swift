import Domain

/// Projects and places: registering, listing, removing what can be brought back, bringing it back.
extension Engine {
    struct Removal: Equatable {
        var agents: [AgentID]
        var places: [PlaceID]
        var errand: Errand?
    }

    @discardableResult
    mutating func register(_ facts: ProjectReport) -> Project {
        let id = Project.identifier(of: facts.path)
        var project = herd.projects[id] ?? Project(path: facts.path, isRepository: facts.isRepository, added: now.wall)
        project.branch = facts.branch
        project.remote = facts.remote
        project.isRepository = facts.isRepository
        project.trouble = nil
        let isNew = herd.projects[id] == nil
        guard isNew || herd.projects[id] != project else { return project }
        herd.projects[id] = project
        changes.projects.insert(id)
        let folder = Place.folder(of: project)
        herd.places[folder.id] = folder
        changes.places.insert(folder.id)
        emit(.save(.project(project), isDurable: true))
        if isNew {
            if servers[project.server] == nil { servers[project.server] = ServerState(used: now.instant) }
            showServer(project.server, project: project)
        }
        if facts.isRepository { emit(.listPlaces(project)) }
        return project
    }

    mutating func inspected(_ errand: Errand, _ result: Result<ProjectReport, Refusal>) {
        guard case .project(let order)? = gatherings.removeValue(forKey: errand) else { return }
        if shutdown != nil { return refuse(errand, Refusal(.refused, "the daemon is stopping", remedy: "try again in a moment")) }
        switch (order, result) {
        case (_, .failure(let refusal)): refuse(errand, refusal)
        case (.new(let wanted), .success(let facts)): launch(wanted, facts, errand)
        case (_, .success(let facts)):
            let project = register(facts)
            want(project.server)
            reply(errand, .project(project))
        }
    }

    mutating func projectsFound(_ errand: Errand, _ result: Result<[ProjectReport], Refusal>) {
        gatherings[errand] = nil
        switch result {
        case .failure(let refusal): refuse(errand, refusal)
        case .success(let found): reply(errand, .projects(found.map { register($0) }))
        }
    }

    private mutating func removeProjectNow(_ id: ProjectID) {
        let server = ServerID(id.raw)
        for (agent, value) in herd.agents where value.project == id { dismiss(agent) }
        for (place, value) in herd.places where value.project == id { dropPlace(place) }
        for (session, state) in sessions where state.server == server { forget(session) }
        drive(server, .stop(startsAgain: false))
        herd.projects[id] = nil
        changes.projects.insert(id)
        herd.servers[server] = nil
        changes.servers.insert(server)
        emit(.forget(RecordKey(kind: .project, id: id.raw), isDurable: true))
    }

    /// Only from drover's list: not a file is touched.
    mutating func removeProject(_ id: ProjectID, _ errand: Errand) {
        guard let project = herd.projects[id] else {
            return refuse(errand, Refusal(.notFound, "there is no project \(id)", remedy: "drover project ls lists them"))
        }
        if hasNeed(of: project.server) {
            return refuse(errand, Refusal(.refused, "agents of \(project.name) are at work", remedy: "stop them first: drover stop AGENT…"))
        }
        if herd.places.values.contains(where: { $0.project == id && $0.kind == .worktree && $0.isOurs }) {
            return refuse(errand, Refusal(.refused, "\(project.name) has worktrees that drover made", remedy: "remove their agents first: drover rm AGENT…"))
        }
        removeProjectNow(id)
        reply(errand, .done)
    }

    // MARK: Places

    mutating func placesListed(_ id: ProjectID, _ places: [Place]) {
        guard let project = herd.projects[id] else { return }
        guard shutdown == nil else { return }
        let listed = Set(places.map(\.directory))
        for place in places {
            if let known = herd.places.values.first(where: { $0.directory == place.directory && $0.project == id }) {
                var merged = known
                merged.branch = place.branch ?? known.branch
                merged.trouble = place.trouble
                update(merged)
            } else {
                update(place)
            }
        }
        for place in herd.places.values where place.project == id && place.kind == .worktree && !listed.contains(place.directory) {
            // One of ours may have been made after the list was: it is looked at before anything is said of it.
            if place.isOurs || herd.agents.values.contains(where: { $0.place == place.id }) { emit(.inspectPlace(place)) } else { dropPlace(place.id) }
        }
        coverNew(project.server)
    }

    private mutating func update(_ place: Place) {
        guard herd.places[place.id] != place else { return }
        herd.places[place.id] = place
        changes.places.insert(place.id)
        if place.isOurs { emit(.save(.place(place), isDurable: false)) }
    }

    private mutating func dropPlace(_ id: PlaceID) {
        herd.places[id] = nil
        changes.places.insert(id)
        emit(.forget(RecordKey(kind: .place, id: id.raw), isDurable: false))
    }

    mutating func inspectPlace(of id: AgentID) {
        guard let agent = herd.agents[id], let place = herd.places[agent.place] else { return }
        emit(.inspectPlace(place))
    }

    mutating func placeInspected(_ id: PlaceID, _ facts: PlaceReport) {
        guard var place = herd.places[id] else { return }
        place.branch = facts.branch ?? place.branch
        place.trouble = facts.exists ? nil : "the directory \(place.directory) is gone"
        let wasInTrouble = herd.places[id]?.trouble != nil
        update(place)
        if wasInTrouble != (place.trouble != nil) {
            for (agent, value) in herd.agents where value.place == id { judge(agent) }
            coverNew(ServerID(place.project.raw))
        }
        guard let changes = facts.changes, place.kind == .worktree else { return }
        for (agent, value) in herd.agents where value.place == id { change(agent) { $0.changes = changes } }
    }

    mutating func removePlace(_ id: PlaceID, _ errand: Errand) {
        guard let place = herd.places[id], let project = herd.projects[place.project] else {
            return refuse(errand, Refusal(.notFound, "there is no place \(id)", remedy: "drover place ls lists them"))
        }
        if let agent = herd.agents.values.first(where: { $0.place == id && !$0.archived }) {
            return refuse(errand, Refusal(.refused, "the agent \(agent.id) (\(agent.title)) lives in \(id)", remedy: "drover rm \(agent.id) removes both"))
        }
        guard place.kind != .folder else {
            return refuse(errand, Refusal(.refused, "\(place.directory) is the project itself", remedy: "drover project rm takes it from the list"))
        }
        removals[errand] = Removal(agents: [], places: [id], errand: errand)
        emit(.audit(AuditLine(actor: "person", action: "remove place", subject: id.raw, detail: place.directory)))
        emit(.removePlace(errand, place, projectPath: project.path, isFresh: false))
    }

    // MARK: Removing agents

    /// Archived on the server, its place captured and removed: everything can come back with `undo`.
    mutating func remove(_ ids: [AgentID], _ order: ClientOrder, _ errand: Errand) {
        for id in ids {
            guard let agent = herd.agents[id] else { return refuse(errand, unknownAgent(id)) }
            if outbox[id]?.isEmpty == false, launches[id] == nil {
                return refuse(errand, Refusal(.refused, "\(agent.title) has a prompt on its way", remedy: "stop it first: drover stop \(id)"))
            }
            if let session = agent.session, let state = sessions[session], state.isBusy {
                return refuse(errand, Refusal(.refused, "\(agent.title) is running", remedy: "stop it first: drover stop \(id)"))
            }
            if launches[id] != nil {
                return refuse(errand, Refusal(.refused, "\(agent.title) is still being started", remedy: "stop it first: drover stop \(id)"))
            }
        }
        gatherings[errand] = .parts(open: ids.count)
        for id in ids { removeOne(id, errand) }
    }

    private mutating func removeOne(_ id: AgentID, _ errand: Errand) {
        guard let agent = herd.agents[id] else { return }
        emit(.audit(AuditLine(actor: "person", action: "remove", subject: id.raw, detail: agent.title)))
        let shared = herd.agents.values.contains { $0.id != id && $0.place == agent.place }
        if let place = herd.places[agent.place], let project = herd.projects[agent.project], place.kind == .worktree, place.isOurs, place.trouble == nil,
            !shared
        {
            let own = ownErrand()
            removals[own] = Removal(agents: [id], places: [place.id], errand: errand)
            emit(.removePlace(own, place, projectPath: project.path, isFresh: false))
        } else {
            takeFromList(id, place: nil)
            gathered(errand, nil)
        }
    }

    private mutating func takeFromList(_ id: AgentID, place: RemovedPlace?) {
        guard let agent = herd.agents[id] else { return }
        let gone = RemovedAgent(agent: agent, place: place, at: now.wall)
        removed.append(gone)
        emit(.save(.removed(gone), isDurable: true))
        if let session = agent.session, let state = sessions[session], servers[state.server]?.isLive == true {
            call(state.server, .archive(session, directory: state.info.directory, archived: true, at: now.wall), for: .aside)
        }
        dismiss(id, isDurable: true)
    }

    mutating func placeRemoved(_ errand: Errand, _ result: Result<RemovedPlace, Refusal>) {
        guard let removal = removals.removeValue(forKey: errand) else { return }
        switch result {
        case .failure(let refusal):
            if let outer = removal.errand, !removal.agents.isEmpty { gathered(outer, refusal) } else { refuse(removal.errand, refusal) }
        case .success(let gone):
            for place in removal.places { placeIsGone(place, besides: removal.agents) }
            for agent in removal.agents { takeFromList(agent, place: gone) }
            if let outer = removal.errand { if removal.agents.isEmpty { reply(outer, .done) } else { gathered(outer, nil) } }
        }
    }

    /// An agent that appeared in it meanwhile is left with the trouble, which it says.
    private mutating func placeIsGone(_ id: PlaceID, besides gone: [AgentID]) {
        guard var place = herd.places[id], herd.agents.values.contains(where: { $0.place == id && !gone.contains($0.id) }) else { return dropPlace(id) }
        place.trouble = "the directory \(place.directory) is gone"
        update(place)
        for (agent, value) in herd.agents where value.place == id { judge(agent) }
    }

    // MARK: Undo

    mutating func undo(_ errand: Errand) {
        // Of those that went together the one that went last.
        let known = removed.enumerated().filter { herd.projects[$0.element.agent.project] != nil }
        guard let last = known.max(by: { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) })?.element else {
            if let other = removed.last {
                return refuse(
                    errand,
                    Refusal(.notFound, "\(other.agent.title) belongs to a project that is not in the list", remedy: "drover project add it again, then undo"))
            }
            return refuse(errand, Refusal(.notFound, "there is nothing to undo", remedy: "undo brings back agents that were removed"))
        }
        if let place = last.place {
            removals[errand] = Removal(agents: [last.agent.id], places: [place.place.id], errand: errand)
            emit(.restorePlace(errand, place))
        } else {
            bringBack(last, place: nil, errand)
        }
    }

    mutating func placeRestored(_ errand: Errand, _ result: Result<Place, Refusal>) {
        guard let removal = removals.removeValue(forKey: errand) else { return }
        guard let last = removed.first(where: { removal.agents.contains($0.agent.id) }) else {
            return refuse(errand, Refusal(.notFound, "it was brought back already"))
        }
        switch result {
        case .failure(let refusal): refuse(errand, refusal)
        case .success(let place): bringBack(last, place: place, errand)
        }
    }

    private mutating func bringBack(_ gone: RemovedAgent, place: Place?, _ errand: Errand) {
        removed.removeAll { $0.agent.id == gone.agent.id }
        if let place { update(place) }
        var agent = gone.agent
        agent.archived = false
        agent.requests = []
        agent.queued = []
        herd.agents[agent.id] = agent
        changes.agents.insert(agent.id)
        if let session = agent.session {
            own(session, by: agent.id)
            let server = ServerID(agent.project.raw)
            if let state = sessions[session], servers[server]?.isLive == true {
                call(server, .archive(session, directory: state.info.directory, archived: false, at: now.wall), for: .aside)
            } else {
                unarchives.insert(session)
                coverNew(server)
            }
        }
        emit(.forget(RecordKey(kind: .removed, id: agent.id.raw), isDurable: true))
        save(agent.id, isDurable: true)
        emit(.audit(AuditLine(actor: "person", action: "undo remove", subject: agent.id.raw, detail: agent.title)))
        judge(agent.id)
        reply(errand, .words("\(agent.title) is back"))
    }
}
