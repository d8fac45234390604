import Domain

/// Removing agents and places so that everything can come back, and bringing it back.
extension Engine {
    struct Removal: Equatable {
        var agents: [AgentID]
        var places: [PlaceID]
        var errand: Errand?
        /// What the order is told when the place is gone: it was made for nothing.
        var refusal: Refusal?
        /// What is being brought back.
        var undoes: String?
    }

    // MARK: Places

    mutating func removePlace(_ id: PlaceID, _ errand: Errand) {
        switch removable(id) {
        case .failure(let refusal): refuse(errand, refusal)
        case .success(let (place, _)):
            audit(AuditLine(actor: "person", action: "remove place", subject: id.raw, detail: place.directory), then: .removePlace(id, errand))
        }
    }

    mutating func removePlaceNow(_ id: PlaceID, _ errand: Errand) {
        switch removable(id) {
        case .failure(let refusal): refuse(errand, refusal)
        case .success(let (place, project)):
            removals[errand] = Removal(agents: [], places: [id], errand: errand)
            emit(.removePlace(errand, place, projectPath: project.path, isFresh: false))
        }
    }

    private func removable(_ id: PlaceID) -> Result<(place: Place, project: Project), Refusal> {
        guard let place = herd.places[id], let project = herd.projects[place.project] else {
            return .failure(Refusal(.notFound, "there is no place \(id)", remedy: "drover place ls lists them"))
        }
        if let agent = herd.agents.values.first(where: { $0.place == id && !$0.archived }) {
            return .failure(Refusal(.refused, "the agent \(agent.id) (\(agent.title)) lives in \(id)", remedy: "drover rm \(agent.id) removes both"))
        }
        guard place.kind != .folder else {
            return .failure(Refusal(.refused, "\(place.directory) is the project itself", remedy: "drover project rm takes it from the list"))
        }
        return .success((place, project))
    }

    // MARK: Agents

    /// Archived on the server, its place captured and removed: everything can come back with `undo`.
    mutating func remove(_ ids: [AgentID], _ order: ClientOrder, _ errand: Errand) {
        for id in ids { if let refusal = staying(id) { return refuse(errand, refusal) } }
        gatherings[errand] = .parts(open: ids.count)
        for id in ids {
            audit(AuditLine(actor: "person", action: "remove", subject: id.raw, detail: herd.agents[id]?.title ?? ""), then: .remove(id, errand))
        }
    }

    /// Why an agent cannot be removed now.
    private func staying(_ id: AgentID) -> Refusal? {
        guard let agent = herd.agents[id] else { return unknownAgent(id) }
        let remedy = "stop it first: drover stop \(id)"
        if launches[id] != nil { return Refusal(.refused, "\(agent.title) is still being started", remedy: remedy) }
        if outbox[id]?.isEmpty == false { return Refusal(.refused, "\(agent.title) has a prompt on its way", remedy: remedy) }
        let family = agent.session.map { self.family(of: $0) } ?? []
        if family.contains(where: working.contains) { return Refusal(.refused, "\(agent.title) is running", remedy: remedy) }
        return runElsewhere(id)
    }

    mutating func removeNow(_ id: AgentID, _ errand: Errand) {
        guard let agent = herd.agents[id] else { return gathered(errand, unknownAgent(id)) }
        if let refusal = staying(id) { return gathered(errand, refusal) }
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
        tell(.removed, id, agent.title)
        remember(Removed(agent: agent, place: place, at: now.wall))
        if let session = agent.session, let state = sessions[session], servers[state.server]?.isLive == true {
            call(state.server, .archive(session, directory: state.info.directory, archived: true, at: now.wall), for: .aside)
        }
        dismiss(id, isDurable: true)
    }

    private mutating func remember(_ gone: Removed) {
        removed.append(gone)
        emit(.save(.removed(gone), isDurable: true))
    }

    mutating func placeRemoved(_ errand: Errand, _ result: Result<RemovedPlace, Refusal>) {
        guard let removal = removals.removeValue(forKey: errand) else { return }
        switch result {
        case .failure(let refusal) where removal.refusal != nil:
            for place in removal.places {
                note(.error, "the place \(place) of an agent that was not started stays: \(refusal.message)", remedy: "drover place rm \(place)")
            }
            refuse(removal.errand, removal.refusal ?? refusal)
            for project in herd.projects.values where removal.places.contains(where: { $0.raw.hasPrefix(project.id.raw + ".") }) { emit(.listPlaces(project)) }
        case .failure(let refusal):
            if let outer = removal.errand, !removal.agents.isEmpty { gathered(outer, refusal) } else { refuse(removal.errand, refusal) }
        case .success(let gone):
            for place in removal.places { placeIsGone(place, besides: removal.agents) }
            for agent in removal.agents { takeFromList(agent, place: gone) }
            if removal.agents.isEmpty, removal.refusal == nil, removal.errand != nil { remember(Removed(agent: nil, place: gone, at: now.wall)) }
            guard let outer = removal.errand else { return }
            if let refusal = removal.refusal { refuse(outer, refusal) } else if removal.agents.isEmpty { reply(outer, .done) } else { gathered(outer, nil) }
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
        let known = removed.enumerated().filter { herd.projects[$0.element.project] != nil }
        let last = known.max(by: { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) })?.element
        if let (agents, at) = lastArchived, last.map({ at >= $0.at }) ?? true {
            lastArchived = nil
            let archived = agents.filter { herd.agents[$0]?.archived == true }
            if !archived.isEmpty { return archive(archived, false, .archive(archived, false), errand) }
        }
        guard let last else {
            if let other = removed.last {
                return refuse(
                    errand,
                    Refusal(.notFound, "\(other.title) belongs to a project that is not in the list", remedy: "drover project add it again, then undo"))
            }
            return refuse(
                errand, Refusal(.notFound, "there is nothing to undo", remedy: "undo brings back agents and places that were removed, and archived agents"))
        }
        audit(AuditLine(actor: "person", action: "undo remove", subject: last.id, detail: last.title), then: .undo(last.id, errand))
    }

    mutating func undoNow(_ id: String, _ errand: Errand) {
        guard let last = removed.first(where: { $0.id == id }) else { return refuse(errand, Refusal(.notFound, "it was brought back already")) }
        if let place = last.place {
            removals[errand] = Removal(agents: [], places: [place.place.id], errand: errand, undoes: id)
            emit(.restorePlace(errand, place))
        } else {
            bringBack(last, place: nil, errand)
        }
    }

    mutating func placeRestored(_ errand: Errand, _ result: Result<Place, Refusal>) {
        guard let removal = removals.removeValue(forKey: errand) else { return }
        guard let last = removed.first(where: { $0.id == removal.undoes }) else {
            return refuse(errand, Refusal(.notFound, "it was brought back already"))
        }
        switch result {
        case .failure(let refusal): refuse(errand, refusal)
        case .success(let place): bringBack(last, place: place, errand)
        }
    }

    private mutating func bringBack(_ gone: Removed, place: Place?, _ errand: Errand) {
        removed.removeAll { $0.id == gone.id }
        emit(.forget(RecordKey(kind: .removed, id: gone.id), isDurable: true))
        if let place {
            update(place)
            coverNew(ServerID(place.project.raw))
        }
        if let agent = gone.agent { bringBack(agent) }
        reply(errand, .words("\(gone.title) is back"))
    }

    private mutating func bringBack(_ gone: Agent) {
        var agent = gone
        agent.archived = false
        agent.requests = []
        agent.queued = []
        // What it did when it went is not what it does now.
        if agent.status.isWorking || agent.status == .waiting {
            (agent.status, agent.lastKnown) = (.unknown, agent.status)
            agent.evidence = Evidence(.action, "it was brought back", at: now.wall)
        }
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
        tell(.restored, agent.id, agent.title)
        save(agent.id, isDurable: true)
        judge(agent.id)
    }
}
