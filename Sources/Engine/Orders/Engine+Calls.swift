import Domain

/// Answers of servers, back to where they were asked for.
extension Engine {
    mutating func called(_ id: CallID, _ result: Result<ServerAnswer, CallFailure>) {
        guard let purpose = calls.removeValue(forKey: id) else {
            counters.lateAnswers += 1
            return
        }
        switch purpose {
        case .truth(let server, let stream, let directory): truthAnswered(id, server, stream, directory, result)
        case .cover(let server, let directory): coverAnswered(id, server, directory, result)
        case .relist(let server, let directory):
            if case .success(.sessions(let infos)) = result { relisted(server, directory, infos) }
        case .tail(let session): tailRead(session, result)
        case .models(let server):
            if case .success(.models(let models)) = result {
                servers[server]?.contexts = Dictionary(models.map { ($0.id, $0.context) }, uniquingKeysWith: { first, _ in first })
                for state in sessions.values where state.server == server { if let answer = state.lastAnswer { noteContext(answer) } }
            }
        case .todos(let session):
            if case .success(.todos(let todos)) = result { todosChanged(session, todos) }
        case .create(let agent): created(agent, result)
        case .orphan(let agent, let session): orphanRead(agent, session, result)
        case .orphans(let agent, let directory): orphansListed(agent, directory, result)
        case .prompt(let agent, let message): prompted(agent, message, id, result)
        case .lookUpPrompt(let agent, let message): promptLookedUp(agent, message, id, result)
        case .prepare(let errand): prepareAnswered(errand, result)
        case .transcript(let agent, let session): transcriptRead(agent, session, result)
        case .lookUpLast(let errand, let agent, let isResume): lastFound(errand, agent, isResume: isResume, result)
        case .order(let errand, let order): ordered(errand, order, result)
        case .part(let errand, let order): part(errand, order, result)
        case .gather(let errand):
            if case .failure(let failure) = result { gathered(errand, failure.refusal(about: "the server did not do it")) } else { gathered(errand, nil) }
        case .aside: break
        }
    }

    private mutating func ordered(_ errand: Errand, _ order: ClientOrder, _ result: Result<ServerAnswer, CallFailure>) {
        switch (order, result) {
        case (.answer(let id, let answer), _): answered(id, answer, errand, result)
        case (.transcript, .success(.messages(let records))): reply(errand, .transcript(transcriptItems(of: records)))
        case (.diff(let id), .success(.messages(let records))): askDiffs(id, records, errand)
        case (.choices, .success(.commands(let commands))): chose(errand) { $0.commands = commands.map(\.name) }
        case (.choices, _): chose(errand) { _ in }
        case (_, .failure(let failure)): refuse(errand, failure.refusal(about: "the server did not answer"))
        case (_, .success): reply(errand, .done)
        }
    }

    private mutating func part(_ errand: Errand, _ order: ClientOrder, _ result: Result<ServerAnswer, CallFailure>) {
        switch order {
        case .choices:
            switch result {
            case .success(.models(let models)): chose(errand) { $0.models = models }
            case .success(.configuration(let model)): chose(errand) { $0.fallback = model }
            case .success(.names(let names)): chose(errand) { $0.modes = names }
            case .success, .failure: chose(errand) { _ in }
            }
        case .diff: diffed(errand, result)
        case .offers: offered(errand, result)
        default: partDone(errand, order, result)
        }
    }

    private struct Choices {
        var models: [ModelInfo]
        var fallback: String?
        var modes: [String]
        var commands: [String]
    }

    private mutating func chose(_ errand: Errand, _ fill: (inout Choices) -> Void) {
        guard case .choices(let id, let open, let models, let fallback, let modes, let commands, let branches)? = gatherings[errand] else { return }
        var choices = Choices(models: models, fallback: fallback, modes: modes, commands: commands)
        fill(&choices)
        chosen(
            errand,
            .choices(
                id, open: open - 1, models: choices.models, fallback: choices.fallback, modes: choices.modes, commands: choices.commands, branches: branches))
    }

    /// The changes of each turn, the newest first: `GET …/diff` needs a user message (v1-measured.md §9).
    private mutating func askDiffs(_ id: AgentID, _ records: [MessageRecord], _ errand: Errand) {
        guard let session = herd.agents[id]?.session, let state = sessions[session] else { return reply(errand, .diff([])) }
        let turns = records.filter { $0.info.role == .user }.map(\.info.id).suffix(20)
        guard !turns.isEmpty else { return reply(errand, .diff([])) }
        gatherings[errand] = .diff(open: turns.count, changes: [])
        for turn in turns { call(state.server, .diff(session, directory: state.info.directory, message: turn), for: .part(errand, of: .diff(id))) }
    }

    private mutating func diffed(_ errand: Errand, _ result: Result<ServerAnswer, CallFailure>) {
        guard case .diff(let open, var changes)? = gatherings[errand] else { return }
        if case .success(.diff(let more)) = result { changes += more }
        gatherings[errand] = open > 1 ? .diff(open: open - 1, changes: changes) : nil
        if open <= 1 { reply(errand, .diff(changes)) }
    }
}
