import Domain

/// Requests as a queue: who asks, since when, and what becomes of them.
extension Engine {
    /// A request of a session that nobody has heard of waits until that is told.
    struct Stray: Equatable {
        var request: Request
        var server: ServerID
    }

    /// A session that asks is busy, whatever was said of it before.
    mutating func asked(_ request: Request, _ id: ServerID) {
        dead[request.id] = nil  // it was listed before it was told of, and before its turn was
        let evidence = evidence("\(request.isQuestion ? "question" : "permission").asked \(request.id)", id)
        if sessions[request.session]?.phase == .idle {
            sessions[request.session]?.beginTurn()
            setAwaiting(request.session, since: nil)
            setPhase(request.session, .busy)
            mark(request.session, evidence)
        }
        take(request, server: id, evidence: evidence)
    }

    mutating func take(_ request: Request, server id: ServerID, evidence: Evidence) {
        guard sessions[request.session] != nil else {
            strays[request.id] = Stray(request: request, server: id)
            return
        }
        var request = request
        request.agent = agent(of: request.session)
        if let known = herd.requests[request.id] { request.asked = known.asked } else { request.asked = now.wall }
        if herd.requests.updateValue(request, forKey: request.id) != request { changes.requests.insert(request.id) }
        mark(request.session, evidence)
        if let id = request.agent {
            tell(.request, id, request.title, request: request.id)
            judge(id)
        }
    }

    mutating func adoptStrays(of session: SessionID) {
        guard !strays.isEmpty else { return }
        for stray in strays.values.filter({ $0.request.session == session }).sorted(by: { $0.request.id < $1.request.id }) {
            strays[stray.request.id] = nil
            asked(stray.request, stray.server)
        }
    }

    /// Told once: an answer of ours comes back as an event, too.
    mutating func tellAnswer(to id: RequestID, _ how: String) {
        if let request = herd.requests[id], let agent = request.agent { tell(.answer, agent, request.title, result: how.firstLine, request: id) }
    }

    mutating func drop(_ id: RequestID) {
        guard let request = herd.requests.removeValue(forKey: id) else { return }
        changes.requests.insert(id)
        if let agent = request.agent { judge(agent) }
    }

    /// The session belongs to an agent from now on, and so do its requests.
    mutating func adoptRequests(of session: SessionID) {
        let id = agent(of: session)
        for (request, value) in herd.requests where value.session == session && value.agent != id {
            herd.requests[request]?.agent = id
            changes.requests.insert(request)
        }
        if let id { judge(id) }
    }

    /// Pending requests of an agent and its sub-agents, oldest first.
    func requests(of agent: AgentID) -> [RequestID] {
        guard !herd.requests.isEmpty else { return [] }
        return herd.requests.values.filter { $0.agent == agent }.sorted { ($0.asked, $0.id) < ($1.asked, $1.id) }.map(\.id)
    }

    mutating func answer(_ id: RequestID, _ answer: Answer, _ errand: Errand) {
        switch answerable(id, answer) {
        case .failure(let refusal): refuse(errand, refusal)
        case .success(let found):
            let line = AuditLine(actor: "person", action: "answer", subject: id.raw, detail: "\(answer.words) \(found.request.title)")
            audit(line, then: .answer(id, answer, errand))
        }
    }

    mutating func answerNow(_ id: RequestID, _ answer: Answer, _ errand: Errand) {
        switch answerable(id, answer) {
        case .failure(let refusal): refuse(errand, refusal)
        case .success(let (request, state)):
            servers[state.server]?.used = now.instant
            let call = ServerCall.answer(id, directory: state.info.directory, isQuestion: request.isQuestion, answer)
            self.call(state.server, call, for: .order(errand, .answer(id, answer)))
        }
    }

    /// The request and the session that asks, when it can be answered like this now.
    private func answerable(_ id: RequestID, _ answer: Answer) -> Result<(request: Request, state: SessionState), Refusal> {
        guard let request = herd.requests[id] else {
            return .failure(Refusal(.notFound, "there is no pending request \(id)", remedy: "drover requests lists them"))
        }
        guard let state = sessions[request.session] else {
            return .failure(Refusal(.failed, "the session of \(id) is not known any more", remedy: "drover requests lists what is pending"))
        }
        if let problem = request.problem(with: answer) { return .failure(Refusal(.usage, problem.message, remedy: problem.remedy)) }
        guard servers[state.server]?.isLive == true else {
            return .failure(Refusal(.unreachable, "the server that asked cannot be reached now", remedy: "wait until its agent is no longer unknown"))
        }
        return .success((request, state))
    }

    mutating func answered(_ id: RequestID, _ answer: Answer, _ errand: Errand, _ result: Result<ServerAnswer, CallFailure>) {
        switch result {
        case .success:
            tellAnswer(to: id, answer.words)
            if let session = herd.requests[id]?.session {
                mark(session, Evidence(.action, "request \(id) was answered", at: now.wall))
                sessions[session]?.heard = now.instant
            }
            drop(id)
            reply(errand, .done)
        case .failure(.notFound):
            drop(id)
            refuse(errand, Refusal(.notFound, "\(id) was answered already or its turn has ended", remedy: "drover requests lists what is pending"))
        case .failure(let failure):
            refuse(errand, failure.refusal(about: "the answer to \(id) did not arrive"))
        }
    }
}

extension Request {
    func problem(with answer: Answer) -> (message: String, remedy: String)? {
        switch (kind, answer) {
        case (.permission, .once), (.permission, .always), (.permission, .reject), (.question, .reject): nil
        case (.permission, .choices): ("\(id) asks for a permission, not for a choice", "answer once, always or reject")
        case (.question, .once), (.question, .always): ("\(id) is a question", "answer with --option N or --text T, or reject it")
        case (.question(let questions), .choices(let choices)):
            choices.count == questions.count
                ? nil : ("\(id) has \(questions.count) questions, \(choices.count) answers were given", "give one answer for each question")
        }
    }
}

extension Answer {
    var words: String {
        switch self {
        case .once: "once"
        case .always: "always"
        case .reject(let message): message.map { "reject: \($0)" } ?? "reject"
        case .choices(let choices): choices.map { $0.joined(separator: ", ") }.joined(separator: "; ")
        }
    }
}

extension CallFailure {
    func refusal(about what: String) -> Refusal {
        switch self {
        case .unreachable, .timedOut, .cancelled: Refusal(.unreachable, "\(what): \(message)", remedy: "try again; drover daemon status shows the servers")
        case .unauthorised: Refusal(.failed, "\(what): \(message)", remedy: "drover daemon stop, then try again")
        case .notFound: Refusal(.notFound, "\(what): \(message)")
        case .busy: Refusal(.refused, "\(what): \(message)", remedy: "stop the agent first, or wait until it is done")
        case .rejected, .serverError, .unreadable: Refusal(.failed, "\(what): \(message)", remedy: "drover doctor checks the server")
        }
    }
}
