import Domain

/// Reading the truth back: after each connect everything that can be asked is asked, then the events that came meanwhile are applied in order.
extension Engine {
    /// What a call was for.
    enum Purpose: Equatable {
        case truth(ServerID, stream: Int, directory: String)
        case cover(ServerID, directory: String)
        case relist(ServerID, directory: String)
        case tail(SessionID)
        case models(ServerID)
        case todos(SessionID)
        case create(AgentID)
        /// Whether this session is the one whose creation was never answered: it has no message then.
        case orphan(AgentID, SessionID)
        /// The sessions once more: the creation may have been under way when they were listed.
        case orphans(AgentID, directory: String)
        case prompt(AgentID, MessageID)
        case lookUpPrompt(AgentID, MessageID)
        case prepare(Errand)
        case transcript(AgentID, SessionID)
        case order(Errand, ClientOrder)
        case gather(Errand)
        case part(Errand, of: ClientOrder)
        case lookUpLast(Errand?, AgentID, isResume: Bool)
        case aside
    }

    @discardableResult
    mutating func call(_ server: ServerID, _ call: ServerCall, for purpose: Purpose) -> CallID {
        lastCall += 1
        let id = CallID(number: lastCall)
        calls[id] = purpose
        emit(.call(id, server, generation: servers[server]?.machine.currentGeneration ?? 0, call))
        return id
    }

    /// Where sessions of this project can be.
    func directories(of id: ServerID) -> [String] {
        let places = herd.places.values.filter { $0.project.raw == id.raw && $0.trouble == nil && ($0.kind == .folder || $0.kind == .worktree) }
        return Set(places.map(\.directory)).sorted()
    }

    mutating func readTruth(_ id: ServerID, _ generation: Int, _ stream: Int) {
        lookForOthers()
        var reading = ServerState.Reading(stream: stream)
        servers[id]?.buffer.removeAll()
        servers[id]?.broken.removeAll()
        let all = directories(of: id)
        for directory in all {
            reading.listings[directory] = ServerState.Listing()
            for question in truth(of: directory) { reading.open.insert(call(id, question, for: .truth(id, stream: stream, directory: directory))) }
        }
        servers[id]?.reading = reading
        servers[id]?.covered = Set(all)
        if servers[id]?.contexts.isEmpty == true, let first = all.first { call(id, .models(directory: first), for: .models(id)) }
        if reading.open.isEmpty { drive(id, .truthRead(generation, stream: stream)) }
    }

    /// Phases before requests: a request that appears between the two is in the waiting events as well.
    private func truth(of directory: String) -> [ServerCall] {
        [.sessions(directory: directory), .phases(directory: directory), .permissions(directory: directory), .questions(directory: directory)]
    }

    mutating func truthAnswered(_ callID: CallID, _ id: ServerID, _ stream: Int, _ directory: String, _ result: Result<ServerAnswer, CallFailure>) {
        guard var reading = servers[id]?.reading, reading.stream == stream, reading.open.remove(callID) != nil else {
            counters.lateAnswers += 1
            return
        }
        switch result {
        case .success(let answer): reading.listings[directory]?.take(answer)
        case .failure(let failure) where failure.isOfTheDirectory:
            reading.listings[directory] = nil
            directoryFailed(id, directory, failure)
        case .failure: reading.hasFailed = true
        }
        servers[id]?.reading = reading
        guard reading.open.isEmpty else { return }
        let generation = servers[id]?.machine.currentGeneration ?? 0
        if reading.hasFailed {
            // The stream is given up, so that the next connect reads everything again.
            emit(.closeStream(id, generation: generation, stream: stream))
            streamClosed(id, generation, stream, "the sessions could not be read")
        } else {
            drive(id, .truthRead(generation, stream: stream))
        }
    }

    /// A directory that is gone or whose configuration is broken must not keep the others from being shown.
    private mutating func directoryFailed(_ id: ServerID, _ directory: String, _ failure: CallFailure) {
        if servers[id]?.mendAt == nil {
            let pause = min(Int64(2000) << Int64(min(servers[id]?.mends ?? 0, 5)), 60_000)
            servers[id]?.mends += 1
            servers[id]?.mendAt = now.instant + .milliseconds(pause)
        }
        guard servers[id]?.broken.updateValue(failure.message, forKey: directory) == nil else { return }
        guard servers[id]?.told.contains("\(directory)\n\(failure.message)") == false else { return }
        servers[id]?.told.insert("\(directory)\n\(failure.message)")
        note(.error, "\(directory): \(failure.message)", remedy: "mend it; it is read again within a minute")
    }

    mutating func goLive(_ id: ServerID) {
        guard let reading = servers[id]?.reading else { return }
        servers[id]?.reading = nil
        strays = strays.filter { $0.value.server != id }
        for (directory, listing) in reading.listings.sorted(by: { $0.key < $1.key }) { take(listing, of: directory, server: id) }
        for directory in servers[id]?.broken.keys.sorted() ?? [] { giveUp(directory, of: id) }
        let waiting = servers[id]?.buffer ?? []
        servers[id]?.buffer.removeAll()
        for event in waiting { apply(event, from: id) }
        judgeAll(of: id)
        if let project = project(of: id) { showServer(id, project: project) }
        planMeasure()
        coverNew(id)
        readLookedAt(id)
        findLost(at: id)
        deliverAll(of: id)
        let parked = servers[id]?.parked ?? []
        servers[id]?.parked.removeAll()
        for (errand, order) in parked { obey(order, errand) }
    }

    /// What is not told any more is not claimed any more.
    private mutating func giveUp(_ directory: String, of id: ServerID) {
        for (session, state) in sessions where state.server == id && state.info.directory == directory { sessions[session]?.isStale = true }
        for (request, value) in herd.requests where sessions[value.session]?.info.directory == directory { drop(request) }
    }

    /// What could not be read is tried again while the server is live.
    mutating func mendDue() {
        for (id, server) in servers {
            guard let due = server.mendAt, now.instant >= due else { continue }
            servers[id]?.mendAt = nil
            guard server.isLive else { continue }
            for directory in server.broken.keys.sorted() where server.coverings[directory] == nil { cover(id, directory) }
        }
    }

    // MARK: Directories that appear while the server is live

    mutating func coverNew(_ id: ServerID) {
        guard servers[id]?.isLive == true else { return }
        for directory in directories(of: id) where servers[id]?.covered.contains(directory) == false { cover(id, directory) }
    }

    private mutating func cover(_ id: ServerID, _ directory: String) {
        var covering = ServerState.Covering()
        for question in truth(of: directory) { covering.open.insert(call(id, question, for: .cover(id, directory: directory))) }
        servers[id]?.covered.insert(directory)
        servers[id]?.coverings[directory] = covering
    }

    mutating func coverAnswered(_ callID: CallID, _ id: ServerID, _ directory: String, _ result: Result<ServerAnswer, CallFailure>) {
        guard var covering = servers[id]?.coverings[directory], covering.open.remove(callID) != nil else {
            counters.lateAnswers += 1
            return
        }
        switch result {
        case .success(let answer): covering.listing.take(answer)
        case .failure(let failure) where failure.isOfTheDirectory:
            covering.trouble = failure.message
            directoryFailed(id, directory, failure)
        case .failure(let failure):
            covering.trouble = failure.message
            rereadSoon(id)
        }
        guard covering.open.isEmpty else {
            servers[id]?.coverings[directory] = covering
            return
        }
        servers[id]?.coverings[directory] = nil
        guard covering.trouble == nil else { return judgeAll(of: id) }
        servers[id]?.broken[directory] = nil
        if servers[id]?.broken.isEmpty == true { servers[id]?.mends = 0 }
        take(covering.listing, of: directory, server: id)
        for event in covering.since where event.session.map({ sessions[$0]?.info.directory == directory }) ?? false { apply(event, from: id) }
        judgeAll(of: id)
        deliverAll(of: id)
    }

    /// Phases and requests of sessions that were not known yet would be lost: they are applied once more after the reading.
    mutating func keepForCoverings(_ event: ServerEvent, _ id: ServerID) {
        switch event {
        case .phase, .asked, .answered, .turnError:
            for directory in servers[id]?.coverings.keys.sorted() ?? [] { servers[id]?.coverings[directory]?.since.append(event) }
        default: break
        }
    }

    // MARK: What was read

    private mutating func take(_ listing: ServerState.Listing, of directory: String, server id: ServerID) {
        guard let infos = listing.sessions, let phases = listing.phases else { return }
        let listed = Set(infos.map(\.id))
        let gone = sessions.values.filter { $0.server == id && $0.info.directory == directory && !listed.contains($0.info.id) }.map(\.info.id)
        for session in gone { forget(session) }
        for info in infos { takeListed(info, phases[info.id] ?? .idle, server: id) }
        let listedRequests = listing.requests.filter { dead[$0.id] == nil }
        let asked = Set(listedRequests.map(\.id))
        for (request, value) in herd.requests where sessions[value.session]?.info.directory == directory {
            if !asked.contains(request) || sessions[value.session]?.phase == .idle { drop(request) }
        }
        // Aborted requests stay listed for ever: those of an idle session are none (v1-measured.md §5).
        for request in listing.requests where sessions[request.session]?.phase == .idle { dead[request.id] = id }
        for request in listedRequests where sessions[request.session]?.phase != .idle {
            take(request, server: id, evidence: Evidence(.read, "GET lists \(request.id)", at: now.wall, server: describe(id)))
        }
        // What is going on is told by events; how it ended otherwise has to be read, the turns that ended unseen first.
        let unread = infos.filter { $0.parent == nil && owners[$0.id] != nil && sessions[$0.id]?.isTailKnown == false }
        for info in unread where phases[info.id] == nil { readTail(info.id) }
        for info in unread where phases[info.id] != nil { readTail(info.id) }
        // Whether the turn that asks is the one that runs is told by its messages, of sub-agents too.
        let asking = Set(listedRequests.map(\.session)).subtracting(unread.map(\.id))
        for session in asking.sorted() where sessions[session]?.phase != .idle { readTail(session) }
    }

    private mutating func takeListed(_ info: SessionInfo, _ phase: SessionPhase, server id: ServerID) {
        let before = sessions[info.id]
        upsert(info, server: id, evidence: Evidence(.read, "GET /session lists it", at: now.wall, server: describe(id)))
        guard sessions[info.id] != nil else { return }
        let isSame = before?.phase == phase && before?.info == info && before?.awaitsTurnSince == nil
        if phase != .idle, before?.phase == .idle { sessions[info.id]?.beginTurn() }
        // Seconds can pass between a prompt's acceptance and the first sign of its turn (measured, on a busy machine): that nothing runs yet is no
        // news. Whether the turn came and went is told by its messages.
        if phase != .idle { setAwaiting(info.id, since: nil) }
        setPhase(info.id, phase)
        // Nothing happened to it while nobody listened: what was known of its end still holds.
        if !isSame { sessions[info.id]?.isTailKnown = false }
        if phase != .idle || before?.phase != phase || before?.cut == nil {
            mark(info.id, Evidence(.read, "GET /session/status: \(phase.words)", at: now.wall, server: describe(id)))
        }
        // What could not be heard does not count as silence.
        if before?.phase != phase || servers[id]?.isShownUnknown == true { sessions[info.id]?.heard = now.instant }
        if phase != .idle { checkAgain(at: now.instant + settings.quietAfter) }
        if info.parent != nil { showSubAgent(info) }
        if unarchives.remove(info.id) != nil, info.archived {
            call(id, .archive(info.id, directory: info.directory, archived: false, at: now.wall), for: .aside)
        }
    }

    /// The newest messages tell how the last turn ended.
    mutating func readTail(_ session: SessionID) {
        guard let state = sessions[session] else { return }
        sessions[session]?.tailAsked = now.wall
        // Prompts that wait stand behind the answer whose tool call asks (v1-measured.md §6).
        let limit = herd.requests.values.contains { $0.session == session } ? 40 : 3
        call(state.server, .messages(session, directory: state.info.directory, limit: limit), for: .tail(session))
        call(state.server, .todos(session, directory: state.info.directory), for: .todos(session))
    }

    mutating func tailRead(_ session: SessionID, _ result: Result<ServerAnswer, CallFailure>) {
        guard let state = sessions[session] else { return }
        switch result {
        case .success(.messages(let records)):
            takeTail(session, records)
            if let read = sessions[session], read.isForeign, read.lacksEnd {
                unfinished.insert(session)
                checkAgain(at: now.instant + settings.quietAfter)
            }
            if wasOverlooked.remove(session) != nil { sendOverlooked(session) }
        case .failure(let failure) where failure.isOfTheLink: return rereadSoon(state.server)
        case .success, .failure:  // it cannot be read: then it is not known how it ended, and asking again does not help
            sessions[session]?.isTailKnown = true
        }
        judge(session: session)
        if let id = owners[session] { deliver(id) }
    }

    /// With the same ids, so that a turn that had begun after all is not run twice (v1-measured.md §6).
    private mutating func sendOverlooked(_ session: SessionID) {
        guard let state = sessions[session], state.isUnanswered, !state.isBusy, !state.wasStopped, state.turnError == nil, state.overlooked != state.lastUser,
            let id = owners[session], outbox[id]?.isEmpty ?? true
        else { return }
        sessions[session]?.overlooked = state.lastUser
        call(state.server, .messages(session, directory: state.info.directory, limit: 40), for: .lookUpLast(ownErrand(), id, isResume: true))
    }

    private mutating func takeTail(_ session: SessionID, _ records: [MessageRecord]) {
        let hadPrompt = sessions[session]?.lastUser != nil
        if let prompt = records.last(where: { $0.info.role == .user })?.info, sessions[session]?.note(prompt: prompt) == true, hadPrompt {
            sessions[session]?.beginTurn()  // nobody told of it: it ran elsewhere, or while nobody listened
        }
        if let answer = records.last(where: { $0.info.role == .assistant })?.info { sessions[session]?.note(answer: answer) }
        sessions[session]?.isUnanswered = records.last?.info.role == .user
        if let state = sessions[session], state.awaitsTurnSince != nil, state.awaited == state.lastUser, !state.lacksEnd { setAwaiting(session, since: nil) }
        noteOthers(session)
        for part in records.last?.parts ?? [] { noteActivity(of: part) }
        sessions[session]?.isTailKnown = true
        if let answer = sessions[session]?.lastAnswer { noteContext(answer) }
        dropAnswered(session, records)
    }

    /// A request that was listed before these messages were asked for, but whose tool call is not open in the newest answer, is of a turn that
    /// has ended: it waits for nobody.
    private mutating func dropAnswered(_ session: SessionID, _ records: [MessageRecord]) {
        guard let state = sessions[session], let asked = state.tailAsked else { return }
        let answer = records.last { $0.info.role == .assistant }
        for (id, request) in herd.requests where request.session == session && request.asked <= asked {
            guard let call = request.callID else { continue }
            let isOpen =
                answer?.info.completed == nil
                && answer?.parts.contains { part in
                    guard case .tool(let use, _) = part.content, use.callID == call else { return false }
                    return use.state == .pending || use.state == .running
                } ?? false
            guard !isOpen, let server = sessions[session]?.server else { continue }
            dead[id] = server
            drop(id)
        }
    }

    func describe(_ id: ServerID) -> String {
        guard let facts = servers[id]?.facts else { return "" }
        return "opencode \(facts.version), pid \(facts.pid), \(facts.url.split(separator: "/").last ?? "")"
    }

    // MARK: Sessions that appear without an event

    /// Plain `opencode` writes to the same database; our server does not tell of it. Asked again at most every two seconds, and only after a write.
    mutating func sessionsTouched() {
        if nextRelist == nil { nextRelist = now.instant + .seconds(2) }
    }

    mutating func relistDue() {
        guard let due = nextRelist, now.instant >= due else { return }
        nextRelist = nil
        for (id, server) in servers where server.isLive { relist(id) }
    }

    mutating func relist(_ id: ServerID) {
        for directory in directories(of: id) {
            if servers[id]?.covered.contains(directory) == true, servers[id]?.broken[directory] == nil {
                call(id, .sessions(directory: directory), for: .relist(id, directory: directory))
            } else if servers[id]?.coverings[directory] == nil {
                cover(id, directory)
            }
        }
    }

    mutating func relisted(_ id: ServerID, _ directory: String, _ infos: [SessionInfo]) {
        // Of what runs elsewhere only the messages tell what it does.
        for info in infos where sessions[info.id]?.info == info && sessions[info.id].flatMap({ driver(of: $0) }) != nil { readTail(info.id) }
        for info in infos where sessions[info.id]?.info != info {
            let isNews = sessions[info.id].map { $0.info.updated < info.updated && !$0.isBusy } ?? true
            upsert(info, server: id, evidence: Evidence(.read, "GET /session lists it", at: now.wall, server: describe(id)))
            // Our server tells of everything that it does itself.
            if isNews, sessions[info.id] != nil {
                sessions[info.id]?.isForeign = true
                lookForOthers()
            }
            if info.parent == nil, owners[info.id] != nil, !working.contains(info.id) { readTail(info.id) }
        }
    }
}

extension ServerState.Listing {
    mutating func take(_ answer: ServerAnswer) {
        switch answer {
        case .sessions(let sessions): self.sessions = sessions
        case .phases(let phases): self.phases = phases
        case .requests(let requests): self.requests += requests
        default: break
        }
    }
}

extension ServerEvent {
    /// Whose phase or request it tells of.
    fileprivate var session: SessionID? {
        switch self {
        case .phase(let session, _), .answered(_, let session, _): session
        case .asked(let request): request.session
        case .turnError(let session, _): session
        default: nil
        }
    }
}

extension CallFailure {
    /// The server is well, the directory is not.
    var isOfTheDirectory: Bool {
        switch self {
        case .rejected, .notFound, .serverError: true
        case .unreachable, .timedOut, .unauthorised, .busy, .unreadable, .cancelled: false
        }
    }
}

extension SessionPhase {
    var words: String {
        switch self {
        case .idle: "idle"
        case .busy: "busy"
        case .retry(let attempt, let message, _): "retry \(attempt): \(message)"
        }
    }
}
