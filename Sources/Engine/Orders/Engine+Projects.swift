import Domain

/// Projects and their places: registering, listing, looking at them.
extension Engine {
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
        if shutdown != nil { return refuse(errand, .daemonStops) }
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

    mutating func placesListed(_ id: ProjectID, _ result: Result<[Place], Refusal>) {
        guard let project = herd.projects[id], shutdown == nil else { return }
        let about = "the worktrees of \(project.name) cannot be listed"
        switch result {
        case .failure(let refusal): tellOnce(about, refusal)
        case .success(let places):
            troubles[about] = nil
            take(places, of: project)
        }
    }

    /// What does not hinder anybody's work, but should be known: said once for as long as it is the same.
    private mutating func tellOnce(_ about: String, _ refusal: Refusal, agent: AgentID? = nil) {
        guard troubles.updateValue(refusal.message, forKey: about) != refusal.message else { return }
        note(.warning, "\(about): \(refusal.message)", remedy: refusal.remedy, agent: agent)
    }

    private mutating func take(_ places: [Place], of project: Project) {
        let id = project.id
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

    mutating func update(_ place: Place) {
        guard herd.places[place.id] != place else { return }
        herd.places[place.id] = place
        changes.places.insert(place.id)
        if place.isOurs { emit(.save(.place(place), isDurable: false)) }
    }

    mutating func dropPlace(_ id: PlaceID) {
        herd.places[id] = nil
        changes.places.insert(id)
        emit(.forget(RecordKey(kind: .place, id: id.raw), isDurable: false))
    }

    mutating func inspectPlace(of id: AgentID) {
        guard let agent = herd.agents[id], let place = herd.places[agent.place] else { return }
        emit(.inspectPlace(place))
    }

    mutating func placeInspected(_ id: PlaceID, _ result: Result<PlaceReport, Refusal>) {
        guard let place = herd.places[id] else { return }
        let about = "\(place.directory) cannot be looked at"
        switch result {
        case .failure(let refusal): tellOnce(about, refusal, agent: herd.agents.values.filter { $0.place == id }.map(\.id).min())
        case .success(let facts):
            troubles[about] = nil
            take(facts, of: place)
        }
    }

    private mutating func take(_ facts: PlaceReport, of known: Place) {
        var place = known
        let id = place.id
        place.branch = facts.branch ?? place.branch
        place.trouble = facts.exists ? nil : "the directory \(place.directory) is gone"
        let wasInTrouble = herd.places[id]?.trouble != nil
        update(place)
        if wasInTrouble != (place.trouble != nil) {
            for (agent, value) in herd.agents where value.place == id {
                judge(agent)
                if outbox[agent]?.isEmpty == false { deliver(agent) }
            }
            coverNew(ServerID(place.project.raw))
        }
        guard let changes = facts.changes, place.kind == .worktree else { return }
        for (agent, value) in herd.agents where value.place == id { change(agent) { $0.changes = changes } }
    }
}
