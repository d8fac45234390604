import Domain

/// Starting an agent: project, place, server, session, prompt. Each step is written down before it is done and can be done again.
extension Engine {
    mutating func launch(_ order: NewAgent, _ facts: ProjectReport, _ errand: Errand) {
        let kind = order.kind ?? (facts.isRepository && facts.hasCommits ? .worktree : .folder)
        guard kind == .folder || kind == .worktree else {
            return refuse(errand, Refusal(.refused, "agents cannot be started in \(kind.rawValue) yet", remedy: "use -w worktree or -w folder"))
        }
        if kind == .worktree, !facts.isRepository {
            return refuse(
                errand,
                Refusal(.refused, "\(facts.path) is no git repository, so it can have no worktree", remedy: "use -w folder, or git init and commit first"))
        }
        if kind == .worktree, !facts.hasCommits {
            return refuse(
                errand, Refusal(.refused, "\(facts.path) has no commits yet, so it can have no worktree", remedy: "make a first commit, or use -w folder"))
        }
        if order.prompt.allSatisfy(\.isWhitespace) { return refuse(errand, Refusal(.usage, "the prompt is empty", remedy: "say what the agent should do")) }
        let id = order.id ?? freeAgentID()
        var order = order
        order.kind = kind
        audit(AuditLine(actor: "person", action: "new", subject: id.raw, detail: "\(kind.rawValue) in \(facts.path)"), then: .launch(id, order, facts, errand))
    }

    /// A client that lost its answer asks again, with the identifier it chose. True: the agent is there or on its way, and the answer too.
    mutating func isAskedAgain(_ order: NewAgent, _ errand: Errand) -> Bool {
        guard let id = order.id else { return false }
        if let agent = herd.agents[id], now.wall.milliseconds - agent.created.milliseconds < Self.longestRepeat.milliseconds {
            if launches[id] == nil { reply(errand, .agent(agent)) } else { launches[id]?.errand = errand }
            return true
        }
        guard Derived.isName(id.raw), isFree(id) else {
            refuse(errand, Refusal(.refused, "the identifier \(id) cannot be given to a new agent", remedy: "choose another, or none"))
            return true
        }
        return false
    }

    /// A client asks again at once or never: an older agent of that name is another one.
    private static let longestRepeat = Span.minutes(10)

    mutating func launchNow(_ id: AgentID, _ order: NewAgent, _ facts: ProjectReport, _ errand: Errand) {
        let kind = order.kind ?? .folder
        let project = register(facts)
        let title = order.title ?? Self.title(from: order.prompt)
        let place = kind == .folder ? project.folder : PlaceID("\(project.id.raw).\(id.raw)")
        let wish = PlaceWish(
            id: place, project: project.id, projectPath: project.path, kind: kind, slug: Self.slug(from: title, fallback: id.raw), branch: order.branch,
            base: order.base, copiesUncommitted: order.copiesUncommitted, copiesIgnored: settings.copiesIgnored)
        let launch = Launch(
            agent: id, wish: wish, title: order.title, model: order.model, mode: order.mode, prompt: order.prompt, step: .provisioning, errand: errand)
        var agent = Agent(
            id: id, project: project.id, place: place, title: title, status: .provisioning, at: now.wall,
            evidence: Evidence(.action, "drover new", at: now.wall))
        agent.model = order.model
        agent.mode = order.mode
        herd.agents[id] = agent
        changes.agents.insert(id)
        launches[id] = launch
        tell(.new, id, launch.prompt, result: kind.rawValue)
        // The launch last: without it, what was written before counts for nothing (see `restore`).
        save(id, isDurable: true)
        queue(id, text: launch.prompt, model: launch.model, mode: launch.mode, isRaw: !Self.isPlain(launch.prompt))
        emit(.save(.launch(launch), isDurable: true))
        judge(id)
        want(project.server)
        emit(.provision(id, wish, project))
    }

    private mutating func freeAgentID() -> AgentID {
        while true {
            let id = AgentID(Derived.name(from: random.next(), count: 6))
            if isFree(id) { return id }
        }
    }

    private func isFree(_ id: AgentID) -> Bool {
        let isPromised = deeds.values.contains { if case .launch(id, _, _, _) = $0 { true } else { false } }
        return herd.agents[id] == nil && !isPromised && !removed.contains { $0.agent?.id == id }
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
            if let first = lower.unicodeScalars.first, lower.unicodeScalars.count == 1, first.isASCII,
                ("a"..."z").contains(first) || ("0"..."9").contains(first)
            {
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
        guard var launch = launches[id], launch.step == .provisioning else {
            // Stopped while its place was being made: nothing half-made stays.
            let answering = givenUp.removeValue(forKey: id)
            if case .success(let place) = result, launches[id] == nil, !herd.agents.values.contains(where: { $0.place == place.id }) {
                return clearAway(place, answering)
            }
            return refuse(answering)
        }
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
            servers[server]?.used = now.instant
            call(server, .create(directory: place.directory, title: launch.title), for: .create(id))
        case .prompting: deliver(id)
        }
    }

    mutating func created(_ id: AgentID, _ result: Result<ServerAnswer, CallFailure>) {
        guard let launch = launches[id], launch.step == .creating, let agent = herd.agents[id] else {
            // Made for an agent that was stopped meanwhile. Its event may have come before: then it has an agent of its own by now.
            if case .success(.session(let info)) = result, launches[id] == nil, sessions[info.id]?.lastUser == nil { bury(info) }
            return
        }
        switch result {
        case .success(.session(let info)): adopt(info, for: launch, of: ServerID(agent.project.raw))
        case .success: abandon(launch, CallFailure.unreadable("no session in it").refusal(about: "the session could not be created"))
        // It may or may not exist: what is read next tells.
        case .failure(let failure) where failure.isOfTheLink: rereadSoon(ServerID(agent.project.raw))
        case .failure(let failure): abandon(launch, failure.refusal(about: "the session could not be created"))
        }
    }

    private mutating func adopt(_ info: SessionInfo, for launch: Launch, of server: ServerID) {
        var launch = launch
        if let other = owners[info.id], other != launch.agent { dismiss(other) }
        change(launch.agent) { $0.session = info.id }
        own(info.id, by: launch.agent)
        if let directory = herd.agents[launch.agent].flatMap({ herd.places[$0.place]?.directory }) {
            launch.step = .prompting
            launches[launch.agent] = launch
            upsert(info, server: server, evidence: Evidence(.read, "POST /session", at: now.wall, server: describe(server)))
            showHeldBack(in: directory)
        }
        sessions[info.id]?.isTailKnown = true
        sessions[info.id]?.isForeign = false
        if looks.values.contains(launch.agent) { readTranscript(launch.agent) }
        if outbox[launch.agent]?.isEmpty ?? true {
            queue(launch.agent, text: launch.prompt, model: launch.model, mode: launch.mode, isRaw: !Self.isPlain(launch.prompt))
        }
        save(launch.agent, isDurable: true)
        step(launch)
        deliver(launch.agent)
    }

    /// A session that was made for an agent that is no more.
    private mutating func bury(_ info: SessionInfo) {
        let place = herd.places.values.first { $0.directory == info.directory }
        let server = sessions[info.id]?.server ?? ServerID(place?.project.raw ?? "")
        forget(info.id)
        buried.insert(info.id)
        if servers[server]?.isLive == true { call(server, .delete(info.id, directory: info.directory), for: .aside) }
    }

    /// Nothing half-made stays: the session and the place go again, the agent never was. The answer comes when they are gone.
    mutating func abandon(_ launch: Launch, _ refusal: Refusal, placeIsComing: Bool = false) {
        let id = launch.agent
        let agent = herd.agents[id]
        let made = agent?.session.flatMap { sessions[$0]?.info }
        launches[id] = nil
        // The agent before its launch: an agent without one would be an agent like any other after the next start.
        dismiss(id, isDurable: true)
        emit(.forget(RecordKey(kind: .launch, id: id.raw), isDurable: true))
        if let made { bury(made) }
        let answering = launch.errand.map { Answering(errand: $0, refusal: refusal) }
        if placeIsComing {
            givenUp[id] = answering
            return
        }
        guard let agent, let place = herd.places[agent.place] else { return refuse(answering) }
        // Somebody else's session may be in it by now: then the place is no longer only ours to take away.
        showHeldBack(in: place.directory)
        if herd.agents.values.contains(where: { $0.place == place.id }) { refuse(answering) } else { clearAway(place, answering) }
    }

    private mutating func clearAway(_ place: Place, _ answering: Answering?) {
        guard place.kind == .worktree, place.isOurs, herd.projects[place.project] != nil else { return refuse(answering) }
        audit(AuditLine(actor: "drover", action: "clear away", subject: place.id.raw, detail: place.directory), then: .clearAway(place, answering))
    }

    mutating func clearAwayNow(_ place: Place, _ answering: Answering?) {
        guard let project = herd.projects[place.project] else { return refuse(answering) }
        let errand = ownErrand()
        removals[errand] = Removal(agents: [], places: [place.id], errand: answering?.errand, refusal: answering?.refusal)
        emit(.removePlace(errand, place, projectPath: project.path, isFresh: true))
    }

    // MARK: Prompts on their way

    @discardableResult
    mutating func queue(_ id: AgentID, text: String, model: String?, mode: String?, isRaw: Bool = false, ready: Prepared? = nil) -> PendingPrompt {
        lastPrompt += 1
        let words = isRaw ? text : Self.words(text)
        let input = PromptInput(message: MessageID(freshID("msg")), part: PartID(freshID("prt")), text: words, model: model, mode: mode)
        var prompt = PendingPrompt(agent: id, input: input, number: lastPrompt, isRaw: isRaw)
        if let ready { prompt.take(ready) }
        outbox[id, default: []].append(prompt)
        emit(.save(.prompt(prompt), isDurable: true))
        change(id) { $0.queued.append(QueuedPrompt(message: input.message, text: text)) }
        judge(id)
        return prompt
    }

    /// In OpenCode's own form: prefix, twelve hexadecimal digits of time, fourteen letters of chance (api.md §9). Servers check the prefix only.
    mutating func freshID(_ prefix: String) -> String {
        let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        let time = UInt64(bitPattern: now.wall.milliseconds) &* 4096 & 0xffff_ffff_ffff
        let hex = String(time, radix: 16)
        let chance = (0..<14).map { _ in letters[Int(random.next() % 62)] }
        return prefix + "_" + String(repeating: "0", count: 12 - hex.utf8.count) + hex + String(decoding: chance, as: UTF8.self)
    }

    /// A prompt that was sent and not answered yet.
    struct Flight: Equatable {
        var call: CallID
        var generation: Int
        /// Turns of the session that had begun when it was sent: when there are more, its turn is one of them.
        var turns: Int
        var wasBusy: Bool
        /// It goes again, and what answered it was cut.
        var wasAnswered = false
    }

    /// Sends the first waiting prompt; the next follows when it was accepted, so that their order holds.
    mutating func deliver(_ id: AgentID) {
        guard let first = outbox[id]?.first, let agent = herd.agents[id] else { return }
        if let launch = launches[id], launch.step != .prompting { return }
        let server = ServerID(agent.project.raw)
        guard servers[server]?.isLive == true else { return want(server) }
        guard let session = agent.session, let state = sessions[session] else { return isGone(id) ? giveUpPrompts(of: id, lost(agent)) : () }
        if launches[id] == nil {
            if mayBeElsewhere(state) { return }
            if let refusal = runElsewhere(id) { return giveUpPrompts(of: id, refusal) }
        }
        let generation = servers[server]?.machine.currentGeneration ?? 0
        guard inFlight[first.input.message]?.generation != generation, !first.isLost else { return }
        if first.isRaw { return prepare(first) }
        if inFlight[first.input.message] != nil, first.input.isCompound { doubtful.insert(first.input.message) }
        servers[server]?.used = now.instant
        let call =
            if doubtful.contains(first.input.message) {
                lookUp(first, session, state.info.directory, server)
            } else if first.input.command != nil {
                self.call(server, .command(session, directory: state.info.directory, first.input), for: .prompt(id, first.input.message))
            } else {
                self.call(server, .prompt(session, directory: state.info.directory, first.input), for: .prompt(id, first.input.message))
            }
        inFlight[first.input.message] = Flight(
            call: call, generation: generation, turns: state.turns, wasBusy: state.phase != .idle,
            wasAnswered: state.lastUser == first.input.message && !state.isUnanswered)
        judge(id)
    }

    /// Everything in its directory was read, and its session was not there.
    func isGone(_ id: AgentID) -> Bool {
        guard let agent = herd.agents[id], let session = agent.session, sessions[session] == nil, let server = servers[ServerID(agent.project.raw)],
            server.isLive
        else { return false }
        guard let place = herd.places[agent.place], place.trouble == nil else { return true }
        let directory = place.directory
        return server.covered.contains(directory) && server.broken[directory] == nil && server.coverings[directory] == nil
    }

    func lost(_ agent: Agent) -> Refusal {
        Refusal(.notFound, "the server does not know the session of \(agent.title) any more", remedy: "drover rm \(agent.id) takes it from the list")
    }

    private mutating func giveUpPrompts(of id: AgentID, _ refusal: Refusal) {
        if let launch = launches[id] { return abandon(launch, refusal) }
        for prompt in outbox[id] ?? [] { note(.error, refusal.message, remedy: "it was not sent: \(Self.title(from: prompt.input.text))", agent: id) }
        forgetPrompts(of: id)
        change(id) { $0.queued.removeAll() }
        judge(id)
    }

    mutating func deliverAll(of server: ServerID) {
        for id in herd.agents.values.filter({ $0.project.raw == server.raw }).map(\.id).sorted() {
            if launches[id] != nil { recover(id) } else if outbox[id]?.isEmpty == false { deliver(id) }
        }
    }

    /// After the truth was read: a launch whose session was made although its answer never came takes that session.
    private mutating func recover(_ id: AgentID) {
        guard let launch = launches[id], let agent = herd.agents[id] else { return }
        guard launch.step == .creating else { return advance(id) }
        if let session = agent.session {  // it was written down, the step was not
            if let info = sessions[session]?.info { adopt(info, for: launch, of: ServerID(agent.project.raw)) }
            return
        }
        let isOut = calls.values.contains { purpose in
            switch purpose {
            case .create(id), .orphan(id, _), .orphans(id, _): true
            default: false
            }
        }
        if !isOut { lookForOrphan(id, after: nil) }
    }

    /// A session of nobody, made since the launch began, with our title and without a message can only be the one we asked for. Each is
    /// asked for its messages; when there is none, or none is left, a new one is made.
    private mutating func lookForOrphan(_ id: AgentID, after last: SessionID?, isFinal: Bool = false) {
        guard var launch = launches[id], let agent = herd.agents[id], let place = herd.places[agent.place] else { return }
        let candidates = sessions.values.filter { state in
            state.info.parent == nil && state.info.directory == place.directory && owners[state.info.id] == nil && state.info.created >= agent.created
                && state.phase == .idle && state.lastUser == nil && (state.info.title == launch.title || state.info.title.isPlaceholderTitle)
        }
        let next = candidates.map(\.info.id).sorted().first { id in last.map { $0 < id } ?? true }
        if let next {
            call(ServerID(agent.project.raw), .messages(next, directory: place.directory, limit: 1), for: .orphan(id, next))
        } else if isFinal || last != nil {
            launch.step = .starting
            step(launch)
            advance(id)
        } else {
            call(ServerID(agent.project.raw), .sessions(directory: place.directory), for: .orphans(id, directory: place.directory))
        }
    }

    /// A daemon that died between the order and its answer leaves a creation that the server is still busy with: it builds its instance of
    /// the directory first, and may list the sessions before it makes ours.
    mutating func orphansListed(_ id: AgentID, _ directory: String, _ result: Result<ServerAnswer, CallFailure>) {
        guard let launch = launches[id], launch.step == .creating, let agent = herd.agents[id] else { return }
        switch result {
        case .failure(let failure) where failure.isOfTheLink: return rereadSoon(ServerID(agent.project.raw))
        case .success(.sessions(let infos)): relisted(ServerID(agent.project.raw), directory, infos)
        case .success, .failure: break
        }
        lookForOrphan(id, after: nil, isFinal: true)
    }

    mutating func orphanRead(_ id: AgentID, _ session: SessionID, _ result: Result<ServerAnswer, CallFailure>) {
        guard let launch = launches[id], launch.step == .creating, let agent = herd.agents[id] else { return }
        switch result {
        case .success(.messages(let records)) where records.isEmpty && owners[session] == nil && sessions[session] != nil:
            if let info = sessions[session]?.info { adopt(info, for: launch, of: ServerID(agent.project.raw)) }
        case .failure(let failure) where failure.isOfTheLink: rereadSoon(ServerID(agent.project.raw))
        case .success, .failure: lookForOrphan(id, after: session)
        }
    }

    mutating func prompted(_ id: AgentID, _ message: MessageID, _ call: CallID, _ result: Result<ServerAnswer, CallFailure>) {
        let flight = inFlight[message]
        if flight?.call == call { inFlight[message] = nil }
        guard let position = outbox[id]?.firstIndex(where: { $0.input.message == message }), let agent = herd.agents[id] else { return }
        switch result {
        case .success:
            inFlight[message] = nil
            outbox[id]?.remove(at: position)
            if outbox[id]?.isEmpty == true { outbox[id] = nil }
            servers[ServerID(agent.project.raw)]?.rereads = 0
            let launch = launches.removeValue(forKey: id)
            // The launch first: without it, a prompt that is left goes again with the same ids and runs nothing twice.
            if launch != nil { emit(.forget(RecordKey(kind: .launch, id: id.raw), isDurable: true)) }
            emit(.forget(RecordKey(kind: .prompt, id: message.raw), isDurable: true))
            accepted(id, message, flight)
            if let agent = herd.agents[id] { reply(launch?.errand, .agent(agent)) }
            stopIfAsked(id)
            deliver(id)
        case .failure(let failure) where failure.isOfTheLink:
            if outbox[id]?[position].input.isCompound == true { doubtful.insert(message) }
            if flight?.call == call { lose(message, of: id) }
        case .failure(let failure):
            guard flight?.call == call else { return }
            stopsWhenAccepted.remove(id)
            if let launch = launches[id] { return abandon(launch, failure.refusal(about: "the prompt was not accepted")) }
            let text = outbox[id]?.remove(at: position).input.text ?? ""
            if outbox[id]?.isEmpty == true { outbox[id] = nil }
            emit(.forget(RecordKey(kind: .prompt, id: message.raw), isDurable: false))
            change(id) { $0.queued.removeAll { $0.message == message } }
            note(.error, "the prompt was not accepted: \(failure.message)", remedy: "it was: \(Self.title(from: text))", agent: id)
            judge(id)
            deliver(id)
        }
    }

    /// It goes again, with the same ids, as soon as everything was read again: not before, whatever is heard of its session meanwhile.
    mutating func lose(_ message: MessageID, of id: AgentID) {
        guard let position = outbox[id]?.firstIndex(where: { $0.input.message == message }), let agent = herd.agents[id] else { return }
        outbox[id]?[position].isLost = true
        rereadSoon(ServerID(agent.project.raw))
    }

    /// Everything was read: what was lost may go again.
    mutating func findLost(at server: ServerID) {
        for (id, prompts) in outbox where herd.agents[id]?.project.raw == server.raw {
            for position in prompts.indices { outbox[id]?[position].isLost = false }
        }
    }

    private mutating func accepted(_ id: AgentID, _ message: MessageID, _ flight: Flight?) {
        guard let session = herd.agents[id]?.session, let state = sessions[session] else { return judge(id) }
        defer { judge(id) }
        let hasBegun = flight.map { state.turns > $0.turns } ?? false
        if state.phase == .idle || hasBegun { change(id) { $0.queued.removeAll { $0.message == message } } }  // it waits for nothing
        guard state.phase == .idle else { return }
        // The events of a short turn may all have come before the acceptance. Then there is nothing left to stop, and the next turn is another one.
        let isAnswered = !state.isUnanswered && flight?.wasAnswered != true
        if hasBegun || (state.lastUser == message && (isAnswered || flight?.wasBusy == true)) {
            stopsWhenAccepted.remove(id)
            return
        }
        sessions[session]?.beginTurn()
        sessions[session]?.heard = now.instant
        setAwaiting(session, since: now.instant)
        sessions[session]?.awaited = message
        sessions[session]?.activity = Activity(verb: "starting")
        mark(session, Evidence(.action, "the prompt was accepted", at: now.wall, server: describe(state.server)))
    }

    /// Stopped while its prompt was on its way: the turn ends as soon as it has begun, an earlier abort would end nothing.
    mutating func stopIfAsked(_ id: AgentID) {
        guard stopsWhenAccepted.contains(id), outbox[id]?.contains(where: { inFlight[$0.input.message] != nil }) != true else { return }
        guard let session = herd.agents[id]?.session, let state = sessions[session], state.phase != .idle else { return }
        stopsWhenAccepted.remove(id)
        abort(id, for: .aside)
    }

    /// Ends the turn of an agent's session and of all below it.
    mutating func abort(_ id: AgentID, for purpose: Purpose) {
        guard let session = herd.agents[id]?.session, let state = sessions[session] else { return }
        sessions[session]?.wasStopped = true
        call(state.server, .abort(session, directory: state.info.directory), for: purpose)
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
