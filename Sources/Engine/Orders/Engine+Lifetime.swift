import Domain

/// The beginning and the end of the daemon.
extension Engine {
    mutating func start(_ restored: Restored) {
        settings = restored.settings
        random = SplitMix(seed: restored.seed)
        herd.today = restored.today.day == now.day(of: now.wall) ? restored.today : DayTotal(day: now.day(of: now.wall))
        changes.today = true
        for record in restored.records { restore(record) }
        feed.sort { $0.number < $1.number }
        dropHalfMade()
        for id in outbox.keys { if outbox[id]?.first?.isRaw == false { outbox[id]?[0].isLost = true } }
        for project in herd.projects.values {
            let folder = Place.folder(of: project)
            herd.places[folder.id] = folder
            changes.places.insert(folder.id)
            servers[project.server] = ServerState(used: now.instant)
        }
        for record in restored.servers { adopt(record) }
        for project in herd.projects.values {
            showServer(project.server, project: project)
            if project.isRepository { emit(.listPlaces(project)) }
        }
        planSweep()
        for text in restored.notices { note(.warning, text, remedy: "drover doctor") }
        for id in herd.agents.keys.sorted() { judge(id) }
        for launch in launches.values.sorted(by: { $0.agent < $1.agent }) { resume(launch, of: launch.agent) }
        for id in outbox.keys.sorted() { if let agent = herd.agents[id] { want(ServerID(agent.project.raw)) } }
    }

    /// Everything that another run needs.
    mutating func saveAll() {
        for project in herd.projects.values.sorted(by: { $0.id < $1.id }) { emit(.save(.project(project), isDurable: false)) }
        for place in herd.places.values.sorted(by: { $0.id < $1.id }) where place.isOurs { emit(.save(.place(place), isDurable: false)) }
        for id in herd.agents.keys.sorted() { save(id) }
        for prompt in outbox.values.joined().sorted(by: { $0.number < $1.number }) { emit(.save(.prompt(prompt), isDurable: false)) }
        for launch in launches.values.sorted(by: { $0.agent < $1.agent }) { emit(.save(.launch(launch), isDurable: false)) }
        for gone in removed { emit(.save(.removed(gone), isDurable: false)) }
        for entry in feed { emit(.save(.feed(entry), isDurable: false)) }
    }

    /// What was written of a launch before the launch itself, and prompts and launches of nobody.
    private mutating func dropHalfMade() {
        for (id, agent) in herd.agents where agent.session == nil && launches[id] == nil { dismiss(id) }
        for id in outbox.keys where herd.agents[id] == nil { forgetPrompts(of: id) }
        for id in launches.keys where herd.agents[id] == nil {
            launches[id] = nil
            emit(.forget(RecordKey(kind: .launch, id: id.raw), isDurable: false))
        }
    }

    private mutating func restore(_ record: Record) {
        switch record {
        case .project(let project):
            herd.projects[project.id] = project
            changes.projects.insert(project.id)
        case .place(let place):
            herd.places[place.id] = place
            changes.places.insert(place.id)
        case .agent(let agent):
            herd.agents[agent.id] = agent
            herd.agents[agent.id]?.requests = []
            changes.agents.insert(agent.id)
            // Nothing is said of it yet: which servers run is not known.
            if let session = agent.session {
                owners[session] = agent.id
                keepers[session] = agent.id
            }
        case .launch(let launch): launches[launch.agent] = launch
        case .prompt(let prompt):
            outbox[prompt.agent, default: []].append(prompt)
            outbox[prompt.agent]?.sort { $0.number < $1.number }
            lastPrompt = max(lastPrompt, prompt.number)
            if prompt.input.isCompound { doubtful.insert(prompt.input.message) }
        case .removed(let gone): removed.append(gone)
        case .feed(let entry): feed.append(entry)
        }
    }

    private mutating func adopt(_ record: ServerRecord) {
        guard herd.projects[ProjectID(record.server.raw)] != nil else {
            // A server of a project that is not ours any more: only cleared away.
            emit(.adoptServer(record, generation: 0))
            return
        }
        servers[record.server, default: ServerState(used: now.instant)].record = record
        drive(record.server, .found)
        // What the store says is of yesterday: nothing is claimed until the server was heard.
        servers[record.server]?.isShownUnknown = true
        judgeAll(of: record.server)
    }

    /// A launch that a crash cut: its step is done again.
    private mutating func resume(_ launch: Launch, of id: AgentID) {
        launches[id]?.errand = nil
        guard let agent = herd.agents[id], let project = herd.projects[agent.project] else { return dismiss(id) }
        if launch.step == .prompting, outbox[id] == nil || outbox[id]?.isEmpty == true {
            launches[id] = nil
            emit(.forget(RecordKey(kind: .launch, id: id.raw), isDurable: false))
            return
        }
        if launch.step == .provisioning { emit(.provision(id, launch.wish, project)) }
        judge(id)
        want(project.server)
    }

    // MARK: The end

    struct Shutdown: Equatable {
        var errands: [Errand]
        var deadline: Instant?
        var isDone = false
    }

    mutating func beginShutdown(_ errand: Errand) {
        if shutdown == nil {
            shutdown = Shutdown(errands: [], deadline: now.instant + .seconds(30))
            for id in servers.keys.sorted() { drive(id, .stop(startsAgain: false)) }
        }
        shutdown?.errands.append(errand)
    }

    mutating func continueShutdown() {
        guard let end = shutdown, !end.isDone else { return }
        let isOver = servers.values.allSatisfy { server in
            switch server.machine.phase {
            case .down, .failed: true
            case .starting, .connecting, .reading, .live, .silent, .reconnecting, .backingOff, .stopping: false
            }
        }
        // What was begun with places is brought to its end, too.
        let isTidy = deeds.isEmpty && removals.isEmpty
        guard (isOver && isTidy) || end.deadline.map({ now.instant >= $0 }) ?? false else { return }
        shutdown?.isDone = true
        for id in herd.agents.keys.sorted() { save(id) }
        for errand in end.errands { reply(errand, .done) }
        for errand in openErrands.sorted(by: { ($0.client, $0.number) < ($1.client, $1.number) }) {
            refuse(errand, .daemonStopped)
        }
        emit(.exit)
    }
}
