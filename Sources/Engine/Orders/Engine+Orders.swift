import Domain

/// What clients ask for.
extension Engine {
    mutating func obey(_ order: ClientOrder, _ errand: Errand) {
        if shutdown != nil, order != .shutdown {
            return refuse(errand, .daemonStops)
        }
        switch order {
        case .new(let wish) where isAskedAgain(wish, errand): break
        case .new, .addProject:
            gatherings[errand] = .project(order)
            emit(.inspectProject(errand, path: order.path))
        case .send(let id, let text, _, _): send(id, text, order, errand)
        case .unqueue(let id, let message): unqueue(id, message, errand)
        case .answer(let id, let answer): self.answer(id, answer, errand)
        case .stop(let ids): stop(ids, errand)
        case .resume(let ids): goOn(ids, order, errand, isResume: true)
        case .retry(let ids): goOn(ids, order, errand, isResume: false)
        case .archive(let ids, let archived): archive(ids, archived, order, errand)
        case .remove(let ids): remove(ids, order, errand)
        case .undo: undo(errand)
        case .rename(let id, let title): rename(id, title, order, errand)
        case .seen(let ids): seen(ids, errand)
        case .attach(let id): attach(id, order, errand)
        case .transcript(let id): transcript(id, order, errand)
        case .diff(let id): diff(id, order, errand)
        case .removeProject(let id): removeProject(id, errand)
        case .scanProjects(let path):
            gatherings[errand] = .project(order)
            emit(.findProjects(errand, below: path))
        case .removePlace(let id): removePlace(id, errand)
        case .choices(let id): choices(id, order, errand)
        case .files(let place, _), .facts(let place, _), .offers(let place): answer(order, about: place, errand)
        case .trust(let id):
            guard let project = herd.projects[id] else { return refuse(errand, unknownProject(id)) }
            audit(AuditLine(actor: "person", action: "trust script", subject: id.raw, detail: project.path), then: .trust(id, errand))
        case .feed(let limit, _): feed(limit, errand)
        case .look(let id):
            if let id, herd.agents[id] == nil { return refuse(errand, unknownAgent(id)) }
            look(id, errand.client)
            reply(errand, .done)
        case .wake(let id):
            guard herd.projects[id] != nil else { return refuse(errand, Refusal(.notFound, "there is no project \(id)")) }
            let server = ServerID(id.raw)
            if servers[server]?.isLive == true, servers[server]?.broken.isEmpty == false { relist(server) }
            want(server)
            reply(errand, .done)
        case .stopServer(let id): stopServer(id, errand)
        case .shutdown: beginShutdown(errand)
        }
    }

    mutating func clientLeft(_ client: ClientID) {
        clients.remove(client)
        look(nil, client)
        looks[client] = nil
        openErrands = openErrands.filter { $0.client != client }
        for (id, launch) in launches where launch.errand?.client == client { launches[id]?.errand = nil }
        for id in servers.keys { servers[id]?.parked.removeAll { $0.errand.client == client } }
        for id in sending.keys { sending[id]?.removeAll { $0.errand.client == client } }
        gatherings = gatherings.filter { $0.key.client != client }
    }

    // MARK: Finding what an order is about

    /// What is asked of several agents is done to all of them or to none.
    private mutating func ready(_ ids: [AgentID], _ order: ClientOrder, _ errand: Errand) -> [(agent: Agent, session: SessionState)]? {
        var found: [(Agent, SessionState)] = []
        for id in ids {
            guard let one = ready(id, order, errand) else { return nil }
            found.append(one)
        }
        return found
    }

    /// The agent, its session and its live server. When the server does not run it is started and the order waits for it.
    private mutating func ready(_ id: AgentID, _ order: ClientOrder, _ errand: Errand) -> (agent: Agent, session: SessionState)? {
        guard let agent = herd.agents[id] else {
            refuse(errand, unknownAgent(id))
            return nil
        }
        guard launches[id] == nil, let session = agent.session else {
            refuse(errand, Refusal(.refused, "\(id) is still being started", remedy: "drover wait \(id) --until running"))
            return nil
        }
        let server = ServerID(agent.project.raw)
        if servers[server]?.isLive == true {
            if let state = sessions[session] { return (agent, state) }
            refuse(
                errand,
                Refusal(.notFound, "the server does not know the session \(session) of \(id) any more", remedy: "drover rm \(id) takes it from the list"))
            return nil
        }
        park(order, errand, at: server)
        return nil
    }

    func unknownAgent(_ id: AgentID) -> Refusal { Refusal(.notFound, "there is no agent \(id)", remedy: "drover ls lists them") }

    mutating func park(_ order: ClientOrder, _ errand: Errand, at server: ServerID) {
        want(server)
        if servers[server]?.machine.phase == .failed, let trouble = servers[server]?.trouble {
            return refuse(errand, Refusal(.failed, trouble.why, remedy: trouble.remedy))
        }
        servers[server]?.parked.append((errand, order))
    }

    mutating func refuseParked(_ id: ServerID, _ refusal: Refusal) {
        refuseOrders(parkedAt: id, refusal)
        for launch in launches.values.sorted(by: { $0.agent < $1.agent }) where launch.wish.project.raw == id.raw && launch.step != .provisioning {
            abandon(launch, refusal)
        }
    }

    mutating func refuseOrders(parkedAt id: ServerID, _ refusal: Refusal) {
        let parked = servers[id]?.parked ?? []
        servers[id]?.parked.removeAll()
        for (errand, _) in parked { refuse(errand, refusal) }
    }

    private mutating func stopServer(_ id: ServerID, _ errand: Errand) {
        guard servers[id] != nil, let project = project(of: id) else {
            return refuse(errand, Refusal(.notFound, "there is no server \(id)", remedy: "drover daemon status lists them"))
        }
        if let agent = herd.agents.values.first(where: { $0.project == project.id && (launches[$0.id] != nil || outbox[$0.id]?.isEmpty == false) }) {
            return refuse(errand, Refusal(.refused, "a prompt of \(agent.title) is on its way to it", remedy: "stop that first: drover stop \(agent.id)"))
        }
        drive(id, .stop(startsAgain: false))
        reply(errand, .done)
    }

    // MARK: Prompts

    private mutating func send(_ id: AgentID, _ text: String, _ order: ClientOrder, _ errand: Errand) {
        guard mayBeSent(id, text, errand) else { return }
        // Without a place yet, or behind others that wait for theirs: prepared when it is about to go.
        if launches[id] != nil { return queued(order, errand) { $0.queue(id, text: text, model: $1, mode: $2, isRaw: !Self.isPlain(text)) } }
        if sending[id] != nil || !Self.isPlain(text) { return prepare(order, for: id, text, errand) }
        send(order, Prepared(text: Self.words(text)), errand)
    }

    /// All that it names is known. While that was found out, much may have happened.
    mutating func send(_ order: ClientOrder, _ ready: Prepared, _ errand: Errand) {
        guard case .send(let id, let text, _, _) = order, mayBeSent(id, text, errand) else { return }
        warnOfOthers(id)
        let ready = with(ready)
        queued(order, errand) { $0.queue(id, text: text, model: $1, mode: $2, ready: ready) }
        if launches[id] == nil { deliver(id) }
    }

    private mutating func queued(_ order: ClientOrder, _ errand: Errand, _ queue: (inout Engine, String?, String?) -> Void) {
        guard case .send(let id, let text, let model, let mode) = order else { return }
        tell(.prompt, id, text)
        queue(&self, model, mode)
        change(id) { $0.unseen = false }
        reply(errand, .done)
    }

    private mutating func mayBeSent(_ id: AgentID, _ text: String, _ errand: Errand) -> Bool {
        guard let refusal = whyNotSend(id, text) else { return true }
        refuse(errand, refusal)
        return false
    }

    private func whyNotSend(_ id: AgentID, _ text: String) -> Refusal? {
        guard let agent = herd.agents[id] else { return unknownAgent(id) }
        guard !text.allSatisfy(\.isWhitespace) else { return Refusal(.usage, "the message is empty") }
        if let trouble = herd.places[agent.place]?.trouble {
            return Refusal(.refused, "\(agent.title): \(trouble)", remedy: "drover rm \(id) takes it from the list; its conversation stays in OpenCode")
        }
        if isGone(id) { return lost(agent) }
        return runElsewhere(id)
    }

    private mutating func unqueue(_ id: AgentID, _ message: MessageID, _ errand: Errand) {
        if launches[id] != nil, outbox[id]?.first?.input.message == message {
            return refuse(errand, Refusal(.refused, "it is the prompt that the agent is being started for", remedy: "drover stop \(id)"))
        }
        guard let position = outbox[id]?.firstIndex(where: { $0.input.message == message }), inFlight[message] == nil else {
            return refuse(errand, Refusal(.refused, "the server has that prompt already", remedy: "stop the agent to end its turn"))
        }
        outbox[id]?.remove(at: position)
        if outbox[id]?.isEmpty == true { outbox[id] = nil }
        emit(.forget(RecordKey(kind: .prompt, id: message.raw), isDurable: true))
        change(id) { $0.queued.removeAll { $0.message == message } }
        judge(id)
        reply(errand, .done)
    }

    // MARK: Stop, resume, retry

    private mutating func stop(_ ids: [AgentID], _ errand: Errand) {
        for id in ids where herd.agents[id] == nil { return refuse(errand, unknownAgent(id)) }
        for id in ids { if let refusal = runElsewhere(id) { return refuse(errand, refusal) } }
        // What may be going on where nothing can be told now is stopped when it can.
        for id in ids where isOutOfReach(id) { return park(.stop(ids), errand, at: ServerID(herd.agents[id]?.project.raw ?? "")) }
        var open = 0
        for id in ids {
            if let launch = launches[id], !hasInFlight(id) {
                abandon(launch, Refusal(.refused, "the agent was stopped before it had begun"), placeIsComing: launch.step == .provisioning)
                continue
            }
            if hasInFlight(id) { stopsWhenAccepted.insert(id) }
            dropPrompts(of: id)
            defer { judge(id) }
            guard let session = herd.agents[id]?.session, let state = sessions[session], servers[state.server]?.isLive == true else { continue }
            guard state.phase != .idle || family(of: session).contains(where: working.contains) || herd.agents[id]?.requests.isEmpty == false else { continue }
            open += 1
            abort(id, for: .part(errand, of: .stop([id])))
        }
        gather(errand, open: open)
    }

    private func hasInFlight(_ id: AgentID) -> Bool { outbox[id]?.contains { isOnItsWay($0) } ?? false }

    /// The first prompt of an agent that is being started is, too, when it may have arrived: its turn must not run on with nobody to show it.
    private func isOnItsWay(_ prompt: PendingPrompt) -> Bool {
        inFlight[prompt.input.message] != nil || (prompt.isLost && launches[prompt.agent] != nil)
    }

    private func isOutOfReach(_ id: AgentID) -> Bool {
        guard let agent = herd.agents[id], let server = servers[ServerID(agent.project.raw)], server.isUp, !server.isLive else { return false }
        if launches[id] != nil { return hasInFlight(id) }
        if case .stopping = server.machine.phase { return false }
        if case .backingOff = server.machine.phase { return false }
        guard !server.isFresh else { return false }
        return agent.session.flatMap { sessions[$0]?.isBusy } ?? (agent.status == .unknown)
    }

    /// Prompts that were not sent yet are taken back.
    private mutating func dropPrompts(of id: AgentID) {
        for prompt in outbox[id] ?? [] where !isOnItsWay(prompt) {
            emit(.forget(RecordKey(kind: .prompt, id: prompt.input.message.raw), isDurable: true))
        }
        let waiting = outbox[id]?.filter { isOnItsWay($0) }
        outbox[id] = waiting
        if outbox[id]?.isEmpty == true { outbox[id] = nil }
        change(id) { $0.queued.removeAll() }
    }

    /// After an abort the status follows from the events; one that leaves no trace (while waiting for a retry) from `wasStopped`.
    private mutating func stopped(_ id: AgentID) {
        guard let session = herd.agents[id]?.session else { return }
        setAwaiting(session, since: nil)
        mark(session, Evidence(.action, "stopped by a person", at: now.wall))
        judge(id)
    }

    private mutating func goOn(_ ids: [AgentID], _ order: ClientOrder, _ errand: Errand, isResume: Bool) {
        guard let found = ready(ids, order, errand) else { return }
        for (agent, state) in found where state.isBusy || outbox[agent.id]?.isEmpty == false {
            return refuse(errand, Refusal(.refused, "\(agent.title) is running already"))
        }
        for (agent, _) in found { if let refusal = runElsewhere(agent.id) { return refuse(errand, refusal) } }
        for (agent, state) in found {
            call(state.server, .messages(state.info.id, directory: state.info.directory, limit: 40), for: .lookUpLast(errand, agent.id, isResume: isResume))
        }
        gather(errand, open: ids.count)
    }

    mutating func lastFound(_ errand: Errand?, _ id: AgentID, isResume: Bool, _ result: Result<ServerAnswer, CallFailure>) {
        guard let errand else { return }
        guard case .success(.messages(let records)) = result else {
            if case .failure(let failure) = result { gathered(errand, failure.refusal(about: "the last prompt could not be read")) }
            return
        }
        let last = records.last { record in record.info.role == .user && record.parts.contains { $0.isPrompt } }
        guard let last, let part = last.parts.first(where: \.isPrompt), case .text(let text, _) = part.content else {
            return gathered(errand, Refusal(.failed, "\(id) has no prompt to go on with", remedy: "send it a message"))
        }
        guard herd.agents[id] != nil, outbox[id]?.isEmpty ?? true else { return gathered(errand, Refusal(.refused, "\(id) goes on already")) }
        let isCut = records.last.map { $0.info.role == .user || ($0.info.completed == nil && $0.info.error == nil) } ?? true
        if isResume, isCut {
            // The same message and part ids: no second user message, and the model sees how far it had come (v1-measured.md §3).
            lastPrompt += 1
            let input = PromptInput(message: last.info.id, part: part.id, text: text, model: last.info.model, mode: last.info.mode)
            let prompt = PendingPrompt(agent: id, input: input, number: lastPrompt)
            outbox[id, default: []].append(prompt)
            emit(.save(.prompt(prompt), isDurable: true))
            judge(id)
            deliver(id)
        } else {
            // Files that it named go along again. A command's words are those of its template by now: no command any more.
            let again = text.first == "/" ? " " + text : text
            queue(id, text: isResume ? "Continue where you were stopped." : again, model: nil, mode: nil, isRaw: !isResume && !Self.isPlain(text))
            deliver(id)
        }
        gathered(errand, nil)
    }

    // MARK: Orders in several parts

    /// What is still out before an order can be answered.
    enum Gathering: Equatable {
        case project(ClientOrder)
        case parts(open: Int)
        case choices(ProjectID, open: Int, models: [ModelInfo], fallback: String?, modes: [String], commands: [String], branches: [String])
        case diff(open: Int, changes: [FileChange])
        case offers(open: Int, commands: [CommandInfo], agents: [String])
    }

    private mutating func gather(_ errand: Errand, open: Int) {
        if open == 0 { reply(errand, .done) } else { gatherings[errand] = .parts(open: open) }
    }

    mutating func gathered(_ errand: Errand, _ refusal: Refusal?) {
        guard case .parts(let open)? = gatherings[errand] else { return }
        if let refusal {
            gatherings[errand] = nil
            refuse(errand, refusal)
        } else if open > 1 {
            gatherings[errand] = .parts(open: open - 1)
        } else {
            gatherings[errand] = nil
            reply(errand, .done)
        }
    }

    mutating func partDone(_ errand: Errand, _ order: ClientOrder, _ result: Result<ServerAnswer, CallFailure>) {
        switch (order, result) {
        case (.stop(let ids), .success): for id in ids { stopped(id) }
        case (.archive(let ids, let archived), .success):
            for id in ids {
                if archived, herd.agents[id]?.archived == false { tell(.archived, id, herd.agents[id]?.title ?? "") }
                change(id) { $0.archived = archived }
                save(id)
            }
        case (.rename(let id, let title), .success):
            change(id) { $0.title = title }
            save(id)
        case (.stop(let ids), .failure):  // then it was not stopped
            for id in ids { if let session = herd.agents[id]?.session { sessions[session]?.wasStopped = false } }
        default: break
        }
        if case .failure(let failure) = result { gathered(errand, failure.refusal(about: "the server did not do it")) } else { gathered(errand, nil) }
    }

    // MARK: Small orders

    mutating func archive(_ ids: [AgentID], _ archived: Bool, _ order: ClientOrder, _ errand: Errand) {
        guard let found = ready(ids, order, errand) else { return }
        for (agent, state) in found where archived && state.isBusy {
            return refuse(errand, Refusal(.refused, "\(agent.title) is running", remedy: "stop it first: drover stop \(agent.id)"))
        }
        if archived { lastArchived = (ids, now.wall) }
        for (agent, state) in found {
            call(
                state.server, .archive(state.info.id, directory: state.info.directory, archived: archived, at: now.wall),
                for: .part(errand, of: .archive([agent.id], archived)))
        }
        gather(errand, open: found.count)
    }

    private mutating func rename(_ id: AgentID, _ title: String, _ order: ClientOrder, _ errand: Errand) {
        guard !title.allSatisfy(\.isWhitespace) else { return refuse(errand, Refusal(.usage, "the title is empty")) }
        guard let (_, state) = ready(id, order, errand) else { return }
        call(state.server, .rename(state.info.id, directory: state.info.directory, title: title), for: .part(errand, of: order))
        gather(errand, open: 1)
    }

    private mutating func seen(_ ids: [AgentID], _ errand: Errand) {
        for id in ids where herd.agents[id]?.unseen == true {
            change(id) { $0.unseen = false }
            save(id)
        }
        reply(errand, .done)
    }

    private mutating func attach(_ id: AgentID, _ order: ClientOrder, _ errand: Errand) {
        guard let (_, state) = ready(id, order, errand) else { return }
        servers[state.server]?.used = now.instant
        guard openErrands.remove(errand) != nil else { return }
        emit(.replyAttach(errand, state.server, directory: state.info.directory, session: state.info.id))
    }

    private mutating func transcript(_ id: AgentID, _ order: ClientOrder, _ errand: Errand) {
        guard let (_, state) = ready(id, order, errand) else { return }
        call(state.server, .messages(state.info.id, directory: state.info.directory, limit: nil), for: .order(errand, order))
    }

    /// The work tree tells it, whether the server runs or not; without a repository the turns do.
    private mutating func diff(_ id: AgentID, _ order: ClientOrder, _ errand: Errand) {
        if let agent = herd.agents[id], launches[id] == nil, let place = herd.places[agent.place], herd.projects[agent.project]?.isRepository == true {
            if let trouble = place.trouble { return refuse(errand, Refusal(.failed, "\(agent.title): \(trouble)")) }
            return emit(.diffPlace(errand, place))
        }
        guard let (_, state) = ready(id, order, errand) else { return }
        call(state.server, .messages(state.info.id, directory: state.info.directory, limit: 60), for: .order(errand, order))
    }

    private mutating func choices(_ id: ProjectID, _ order: ClientOrder, _ errand: Errand) {
        guard let project = herd.projects[id] else { return refuse(errand, Refusal(.notFound, "there is no project \(id)")) }
        guard servers[project.server]?.isLive == true else { return park(order, errand, at: project.server) }
        gatherings[errand] = .choices(id, open: 5, models: [], fallback: nil, modes: [], commands: [], branches: [])
        call(project.server, .models(directory: project.path), for: .part(errand, of: order))
        call(project.server, .configuration(directory: project.path), for: .part(errand, of: order))
        call(project.server, .modes(directory: project.path), for: .part(errand, of: order))
        call(project.server, .commands(directory: project.path), for: .order(errand, order))
        if project.isRepository { emit(.listBranches(errand, projectPath: project.path)) } else { branchesListed(errand, []) }
    }

    mutating func branchesListed(_ errand: Errand, _ branches: [String]) {
        guard case .choices(let id, let open, let models, let fallback, let modes, let commands, _)? = gatherings[errand] else { return }
        chosen(errand, .choices(id, open: open - 1, models: models, fallback: fallback, modes: modes, commands: commands, branches: branches))
    }

    mutating func chosen(_ errand: Errand, _ gathering: Gathering) {
        guard case .choices(_, let open, let models, let fallback, let modes, let commands, let branches) = gathering else { return }
        gatherings[errand] = open > 0 ? gathering : nil
        if open <= 0 { reply(errand, .choices(models: models, fallback: fallback, modes: modes, commands: commands, branches: branches)) }
    }
}

extension ClientOrder {
    /// The directory that an order begins with.
    fileprivate var path: String {
        switch self {
        case .new(let order): order.directory
        case .addProject(let path), .scanProjects(let path): path
        default: ""
        }
    }
}

extension PartInfo {
    /// What a person wrote.
    var isPrompt: Bool { if case .text(_, let synthetic) = content { !synthetic } else { false } }
}
