import Domain

/// Reading the truth back: after each connect everything that can be asked is asked, then the events that came meanwhile are applied in order.
extension Engine {
    /// What a call was for.
    enum Purpose: Equatable {
        case truth(ServerID, stream: Int, directory: String)
        case relist(ServerID, directory: String)
        case tail(SessionID)
        case models(ServerID)
        case todos(SessionID)
        case create(AgentID)
        case prompt(AgentID, MessageID)
        case transcript(AgentID, SessionID)
        case order(Errand, ClientOrder)
        case gather(Errand)
        case part(Errand, of: ClientOrder)
        case lookUpLast(Errand?, AgentID, isResume: Bool)
        case deliverFirst(AgentID)
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
        var reading = ServerState.Reading(stream: stream)
        servers[id]?.buffer.removeAll()
        let all = directories(of: id)
        for directory in all { ask(id, directory, stream, &reading) }
        servers[id]?.reading = reading
        servers[id]?.covered = Set(all)
        if servers[id]?.contexts.isEmpty == true, let first = all.first { call(id, .models(directory: first), for: .models(id)) }
        if reading.open.isEmpty { drive(id, .truthRead(generation, stream: stream)) }
    }

    /// Phases before requests: a request that appears between the two is in the waiting events as well.
    private mutating func ask(_ id: ServerID, _ directory: String, _ stream: Int, _ reading: inout ServerState.Reading) {
        let purpose = Purpose.truth(id, stream: stream, directory: directory)
        reading.listings[directory] = ServerState.Listing()
        for question in [ServerCall.sessions(directory: directory), .phases(directory: directory), .permissions(directory: directory), .questions(directory: directory)] {
            reading.open.insert(call(id, question, for: purpose))
        }
    }

    mutating func truthAnswered(_ callID: CallID, _ id: ServerID, _ stream: Int, _ directory: String, _ result: Result<ServerAnswer, CallFailure>) {
        guard var reading = servers[id]?.reading, reading.stream == stream, reading.open.remove(callID) != nil else {
            counters.lateAnswers += 1
            return
        }
        switch result {
        case .success(.sessions(let sessions)): reading.listings[directory]?.sessions = sessions
        case .success(.phases(let phases)): reading.listings[directory]?.phases = phases
        case .success(.requests(let requests)): reading.listings[directory]?.requests += requests
        case .success: break
        case .failure(let failure): directoryFailed(id, directory, failure, &reading)
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
    private mutating func directoryFailed(_ id: ServerID, _ directory: String, _ failure: CallFailure, _ reading: inout ServerState.Reading) {
        switch failure {
        case .rejected, .notFound, .serverError:
            servers[id]?.trouble = (failure.message, "")
            if reading.listings[directory]?.sessions == nil, reading.listings.removeValue(forKey: directory) != nil {
                note(.error, "\(directory): \(failure.message)", remedy: "mend it, then drover daemon stop and start")
            }
        case .unreachable, .timedOut, .unauthorised, .busy, .unreadable, .cancelled:
            reading.hasFailed = true
        }
    }

    mutating func goLive(_ id: ServerID) {
        guard let reading = servers[id]?.reading else { return }
        servers[id]?.reading = nil
        for (directory, listing) in reading.listings.sorted(by: { $0.key < $1.key }) { take(listing, of: directory, server: id) }
        let waiting = servers[id]?.buffer ?? []
        servers[id]?.buffer.removeAll()
        for event in waiting { apply(event, from: id) }
        judgeAll(of: id)
        if let project = project(of: id) { showServer(id, project: project) }
        planMeasure()
        readLookedAt(id)
        deliverAll(of: id)
        let parked = servers[id]?.parked ?? []
        servers[id]?.parked.removeAll()
        for (errand, order) in parked { obey(order, errand) }
    }

    private mutating func take(_ listing: ServerState.Listing, of directory: String, server id: ServerID) {
        guard let infos = listing.sessions, let phases = listing.phases else { return }
        let evidenceOf = { (engine: Engine, what: String) in Evidence(.read, what, at: engine.now.wall, server: engine.describe(id)) }
        for info in infos {
            upsert(info, server: id, evidence: evidenceOf(self, "GET /session lists it"))
            let phase = phases[info.id] ?? .idle
            sessions[info.id]?.phase = phase
            mark(info.id, evidenceOf(self, "GET /session/status: \(phase.words)"))
            sessions[info.id]?.awaitsTurnSince = nil
            if phase != .idle { sessions[info.id]?.beginTurn() }
        }
        let listed = Set(infos.map(\.id))
        for (session, state) in sessions where state.server == id && state.info.directory == directory && !listed.contains(session) { forget(session) }
        let asked = Set(listing.requests.map(\.id))
        for (request, value) in herd.requests where sessions[value.session]?.info.directory == directory && !asked.contains(request) { drop(request) }
        // Aborted requests stay listed for ever: those of an idle session are none (v1-measured.md §5).
        for request in listing.requests where sessions[request.session]?.phase != .idle { take(request, evidence: evidenceOf(self, "GET lists \(request.id)")) }
        for info in infos where info.parent == nil && phases[info.id] == nil && isShown(info) { readTail(info.id) }
        for info in infos where info.parent == nil && phases[info.id] != nil { readTail(info.id) }
    }

    /// The newest messages tell how the last turn ended.
    mutating func readTail(_ session: SessionID) {
        guard let state = sessions[session] else { return }
        call(state.server, .messages(session, directory: state.info.directory, limit: 3), for: .tail(session))
        call(state.server, .todos(session, directory: state.info.directory), for: .todos(session))
    }

    mutating func tailRead(_ session: SessionID, _ records: [MessageRecord]) {
        guard sessions[session] != nil else { return }
        for record in records {
            if record.info.role == .user {
                sessions[session]?.lastUser = record.info.id
            } else {
                sessions[session]?.lastAnswer = record.info
            }
            for part in record.parts { noteActivity(of: part) }
        }
        sessions[session]?.isTailKnown = true
        if let answer = sessions[session]?.lastAnswer { noteContext(answer) }
        judge(session: session)
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
            call(id, .sessions(directory: directory), for: .relist(id, directory: directory))
            servers[id]?.covered.insert(directory)
        }
    }

    mutating func relisted(_ id: ServerID, _ directory: String, _ infos: [SessionInfo]) {
        for info in infos where sessions[info.id]?.info != info {
            let isNew = sessions[info.id] == nil
            upsert(info, server: id, evidence: Evidence(.read, "GET /session lists it", at: now.wall, server: describe(id)))
            if info.parent == nil, isShown(info), sessions[info.id]?.isBusy == false || isNew { readTail(info.id) }
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
