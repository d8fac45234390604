import Domain

/// Starting an agent: project, place, server, session, prompt. Each step is written down before it is done and can be done again.
extension Engine {
    mutating func launch(_ order: NewAgent, _ facts: ProjectReport, _ errand: Errand) {
        let kind = order.kind ?? (facts.isRepository && facts.hasCommits ? .worktree : .folder)
        guard kind == .folder || kind == .worktree else {
            return refuse(errand, Refusal(.refused, "agents cannot be started in \(kind.rawValue) yet", remedy: "use -w worktree or -w folder"))
        }
        if kind == .worktree, !facts.isRepository {
            return refuse(errand, Refusal(.refused, "\(facts.path) is no git repository, so it can have no worktree", remedy: "use -w folder, or git init and commit first"))
        }
        if kind == .worktree, !facts.hasCommits {
            return refuse(errand, Refusal(.refused, "\(facts.path) has no commits yet, so it can have no worktree", remedy: "make a first commit, or use -w folder"))
        }
        if order.prompt.allSatisfy(\.isWhitespace) { return refuse(errand, Refusal(.usage, "the prompt is empty", remedy: "say what the agent should do")) }
        let project = register(facts)
        let id = freeAgentID()
        let title = order.title ?? Self.title(from: order.prompt)
        let place = kind == .folder ? project.folder : PlaceID("\(project.id.raw).\(id.raw)")
        let wish = PlaceWish(id: place, project: project.id, projectPath: project.path, kind: kind, slug: Self.slug(from: title, fallback: id.raw), branch: order.branch,
            base: order.base, copiesUncommitted: order.copiesUncommitted, copiesIgnored: settings.copiesIgnored)
        let launch = Launch(agent: id, wish: wish, title: order.title, model: order.model, mode: order.mode, prompt: order.prompt, step: .provisioning, errand: errand)
        var agent = Agent(id: id, project: project.id, place: place, title: title, status: .provisioning, at: now.wall,
            evidence: Evidence(.action, "drover new", at: now.wall))
        agent.model = order.model
        agent.mode = order.mode
        herd.agents[id] = agent
        changes.agents.insert(id)
        launches[id] = launch
        emit(.save(.launch(launch), isDurable: true))
        save(id, isDurable: true)
        emit(.audit(AuditLine(actor: "person", action: "new", subject: id.raw, detail: "\(kind.rawValue) in \(project.path)")))
        judge(id)
        want(project.server)
        emit(.provision(id, wish, project))
    }

    private mutating func freeAgentID() -> AgentID {
        while true {
            let id = AgentID(Derived.name(from: random.next(), count: 6))
            if herd.agents[id] == nil { return id }
        }
    }

    /// The prompt's first line, at most 60 characters.
    static func title(from prompt: String) -> String {
        let line = prompt.split(whereSeparator: \.isNewline).first { !$0.allSatisfy(\.isWhitespace) } ?? "agent"
        return line.count > 60 ? line.prefix(57) + "…" : String(line)
    }

    /// Letters, digits and single dashes, at most 40: safe as a directory and as a part of a branch name.
    static func slug(from title: String, fallback: String) -> String {
        var slug = ""
        for scalar in title.unicodeScalars.prefix(200) {
            let lower = scalar.properties.lowercaseMapping
            if let first = lower.unicodeScalars.first, lower.unicodeScalars.count == 1, first.isASCII, ("a"..."z").contains(first) || ("0"..."9").contains(first) {
                slug.unicodeScalars.append(first)
            } else if !slug.isEmpty, !slug.hasSuffix("-") {
                slug += "-"
            }
            if slug.utf8.count >= 40 { break }
        }
        while slug.hasSuffix("-") { slug.removeLast() }
        return slug.isEmpty ? fallback : slug
    }

    mutating func provisioned(_ id: AgentID, _ result: Result<Place, Refusal>) {
        guard var launch = launches[id] else { return }
        switch result {
        case .failure(let refusal): abandon(launch, refusal)
        case .success(let place):
            herd.places[place.id] = place
            changes.places.insert(place.id)
            emit(.save(.place(place), isDurable: true))
            change(id) { $0.place = place.id }
            launch.step = .starting
            step(launch)
            if let refusal = finalTrouble(of: ServerID(place.project.raw)) { return abandon(launch, refusal) }
            advance(id)
        }
    }

    private func finalTrouble(of id: ServerID) -> Refusal? {
        guard let server = servers[id], server.machine.phase == .failed, let trouble = server.trouble else { return nil }
        return Refusal(.failed, trouble.why, remedy: trouble.remedy)
    }

    private mutating func step(_ launch: Launch) {
        launches[launch.agent] = launch
        emit(.save(.launch(launch), isDurable: true))
        judge(launch.agent)
    }

    /// Goes on with a launch as far as its server allows.
    mutating func advance(_ id: AgentID) {
        guard var launch = launches[id], let agent = herd.agents[id], let place = herd.places[agent.place] else { return }
        let server = ServerID(agent.project.raw)
        guard servers[server]?.isLive == true else { return want(server) }
        switch launch.step {
        case .provisioning, .creating: break
        case .starting:
            launch.step = .creating
            step(launch)
            call(server, .create(directory: place.directory, title: launch.title), for: .create(id))
        case .prompting: deliver(id)
        }
    }

    mutating func created(_ id: AgentID, _ result: Result<ServerAnswer, CallFailure>) {
        guard var launch = launches[id], let agent = herd.agents[id] else { return }
        guard case .success(.session(let info)) = result else {
            if case .failure(let failure) = result {
                if failure.isOfTheLink {  // it may or may not exist; the next truth tells
                    launch.step = .starting
                    return step(launch)
                }
                abandon(launch, failure.refusal(about: "the session could not be created"))
            }
            return
        }
        let server = ServerID(agent.project.raw)
        bind(id, to: info.id)
        upsert(info, server: server, evidence: Evidence(.read, "POST /session", at: now.wall, server: describe(server)))
        sessions[info.id]?.isTailKnown = true
        if looks.values.contains(id) { readTranscript(id) }
        launch.step = .prompting
        launches[id] = launch
        queue(id, text: launch.prompt, model: launch.model, mode: launch.mode)
        save(id, isDurable: true)
        step(launch)
        deliver(id)
    }

    /// The session's event may have come before the answer and made an agent of its own: there is one agent to a session.
    private mutating func bind(_ id: AgentID, to session: SessionID) {
        if let other = owners[session], other != id {
            herd.agents[other] = nil
            changes.agents.insert(other)
            emit(.forget(RecordKey(kind: .agent, id: other.raw), isDurable: false))
        }
        owners[session] = id
        change(id) { $0.session = session }
    }

    /// Nothing half-made stays: the place goes again, the agent never was.
    mutating func abandon(_ launch: Launch, _ refusal: Refusal) {
        let id = launch.agent
        launches[id] = nil
        emit(.forget(RecordKey(kind: .launch, id: id.raw), isDurable: true))
        if let agent = herd.agents[id], let place = herd.places[agent.place], place.kind == .worktree, place.isOurs, agent.session == nil {
            let errand = ownErrand()
            removals[errand] = Removal(agents: [], places: [place.id], errand: nil)
            emit(.removePlace(errand, place, projectPath: launch.wish.projectPath, isFresh: true))
        }
        if herd.agents[id]?.session == nil {
            herd.agents[id] = nil
            changes.agents.insert(id)
            emit(.forget(RecordKey(kind: .agent, id: id.raw), isDurable: true))
        }
        outbox[id] = nil
        refuse(launch.errand, refusal)
    }

    // MARK: Prompts on their way

    @discardableResult
    mutating func queue(_ id: AgentID, text: String, model: String?, mode: String?) -> PendingPrompt {
        lastPrompt += 1
        let input = PromptInput(message: MessageID(freshID("msg")), part: PartID(freshID("prt")), text: text, model: model, mode: mode)
        let prompt = PendingPrompt(agent: id, input: input, number: lastPrompt)
        outbox[id, default: []].append(prompt)
        emit(.save(.prompt(prompt), isDurable: true))
        change(id) { $0.queued.append(QueuedPrompt(message: input.message, text: text)) }
        judge(id)
        return prompt
    }

    /// In OpenCode's own form: prefix, twelve hexadecimal digits of time, fourteen letters of chance (api.md §9). Servers check the prefix only.
    private mutating func freshID(_ prefix: String) -> String {
        let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        let time = UInt64(bitPattern: now.wall.milliseconds) &* 4096 & 0xffff_ffff_ffff
        let hex = String(time, radix: 16)
        let chance = (0..<14).map { _ in letters[Int(random.next() % 62)] }
        return prefix + "_" + String(repeating: "0", count: 12 - hex.utf8.count) + hex + String(decoding: chance, as: UTF8.self)
    }

    /// Sends the first waiting prompt; the next follows when it was accepted, so that their order holds.
    mutating func deliver(_ id: AgentID) {
        guard let first = outbox[id]?.first, !inFlight.contains(first.input.message) else { return }
        guard let session = herd.agents[id]?.session, let state = sessions[session] else { return want(ServerID(herd.agents[id]?.project.raw ?? "")) }
        guard servers[state.server]?.isLive == true else { return want(state.server) }
        inFlight.insert(first.input.message)
        servers[state.server]?.used = now.instant
        call(state.server, .prompt(session, directory: state.info.directory, first.input), for: .prompt(id, first.input.message))
    }

    mutating func deliverAll(of server: ServerID) {
        for (id, agent) in herd.agents where agent.project.raw == server.raw {
            if launches[id] != nil { recover(id) } else if outbox[id]?.isEmpty == false { deliver(id) }
        }
    }

    /// After the truth was read: a launch whose session was made although its answer never came takes that session.
    private mutating func recover(_ id: AgentID) {
        guard var launch = launches[id], let agent = herd.agents[id] else { return }
        guard launch.step == .creating else { return advance(id) }
        guard !calls.values.contains(.create(id)) else { return }
        let directory = herd.places[agent.place]?.directory
        // In a worktree of its own the only session without a prompt is ours; in a folder a second, empty session is the smaller harm.
        let orphan = sessions.values.first { $0.info.directory == directory && $0.info.parent == nil && $0.lastUser == nil && $0.lastAnswer == nil }
        if let orphan, launch.wish.kind == .worktree {
            created(id, .success(.session(orphan.info)))
        } else {
            launch.step = .starting
            step(launch)
            advance(id)
        }
    }

    mutating func prompted(_ id: AgentID, _ message: MessageID, _ result: Result<ServerAnswer, CallFailure>) {
        inFlight.remove(message)
        guard let position = outbox[id]?.firstIndex(where: { $0.input.message == message }) else { return }
        switch result {
        case .success:
            outbox[id]?.remove(at: position)
            emit(.forget(RecordKey(kind: .prompt, id: message.raw), isDurable: false))
            accepted(id)
            finishLaunch(id)
            deliver(id)
        case .failure(let failure) where failure.isOfTheLink:
            break  // it goes again, with the same ids, as soon as the server is live
        case .failure(let failure):
            outbox[id]?.remove(at: position)
            emit(.forget(RecordKey(kind: .prompt, id: message.raw), isDurable: false))
            change(id) { $0.queued.removeAll { $0.message == message } }
            if let launch = launches[id] {
                abandon(launch, failure.refusal(about: "the prompt was not accepted"))
            } else {
                note(.error, "the prompt was not accepted: \(failure.message)", agent: id)
            }
            judge(id)
        }
    }

    private mutating func accepted(_ id: AgentID) {
        guard let session = herd.agents[id]?.session, let state = sessions[session] else { return }
        if state.phase == .idle {
            change(id) { $0.queued.removeAll() }  // it waits for nothing
            sessions[session]?.beginTurn()
            sessions[session]?.awaitsTurnSince = now.instant
            sessions[session]?.heard = now.instant
            sessions[session]?.activity = Activity(verb: "starting")
            mark(session, Evidence(.action, "the prompt was accepted", at: now.wall, server: describe(state.server)))
        }
        judge(id)
    }

    private mutating func finishLaunch(_ id: AgentID) {
        guard let launch = launches.removeValue(forKey: id) else { return }
        emit(.forget(RecordKey(kind: .launch, id: id.raw), isDurable: false))
        judge(id)
        if let agent = herd.agents[id] { reply(launch.errand, .agent(agent)) }
    }
}

extension CallFailure {
    /// Nothing is known about what the server did; asking again is right.
    var isOfTheLink: Bool {
        switch self {
        case .unreachable, .timedOut, .cancelled: true
        case .unauthorised, .notFound, .busy, .rejected, .serverError, .unreadable: false
        }
    }
}
