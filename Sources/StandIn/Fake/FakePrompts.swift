import JSON

/// Prompts and what else starts or changes a turn.
extension FakeServer {
    /// Takes a prompt in; starts a turn, or leaves it to the running one, which answers it after its present step.
    /// Returns the turn that was started.
    @discardableResult
    func prompt(_ session: FakeSession, _ body: JSONTree = [:], parts: [JSONTree], runs: Bool = true) -> FakeTurn? {
        forgetReverted(session)
        adoptAgent(session, body)
        let given = body["messageID"]?.string
        if let given, let known = session.message(given) { return again(session, known, parts) }
        let user = makeUserMessage(session, id: given, agent: body["agent"]?.string, model: body["model"], parts: parts)
        touch(session)
        put(session)
        guard runs, session.turn == nil else { return nil }
        if let problem = modelProblem(body["model"]) { return refuse(session, problem) }
        return begin(FakeTurn(self, session, answering: user), in: session)
    }

    /// A model that no provider has shows only now, and without any answer.
    private func modelProblem(_ model: JSONTree?) -> String? {
        guard let provider = model?["providerID"]?.string, let name = model?["modelID"]?.string else { return nil }
        let known = FakeCatalog.providers(config).first { $0["id"]?.string == provider }
        return known?["models"]?[name] == nil ? "Model not found: \(provider)/\(name)." : nil
    }

    private func refuse(_ session: FakeSession, _ problem: String) -> FakeTurn? {
        set(session, .busy)
        emit(
            "session.error", session,
            [
                "sessionID": .string(session.id), "error": ["name": "UnknownError", "data": ["message": .string(problem)]],
            ])
        set(session, .idle)
        return nil
    }

    private func begin(_ turn: FakeTurn, in session: FakeSession) -> FakeTurn {
        session.turn = turn
        // Not before the request is answered: whoever started the turn wants to be told of its end.
        reactor.later { [weak turn] in turn?.start() }
        return turn
    }

    /// The first prompt settles the session's agent and model.
    private func adoptAgent(_ session: FakeSession, _ body: JSONTree) {
        let agent = body["agent"]?.string ?? session.info["agent"]?.string ?? "build"
        let model = body["model"]
        let wanted: JSONTree = [
            "id": model?["modelID"] ?? .string(config.model), "providerID": model?["providerID"] ?? .string(config.provider), "variant": "default",
        ]
        guard session.info["agent"]?.string != agent || session.info["model"] != wanted else { return }
        session.info["agent"] = .string(agent)
        session.info["model"] = wanted
        touch(session)
        put(session)
    }

    /// The same message id again: nothing runs when it has its answer. An unfinished turn is taken up; a part that is new is
    /// added to the old message.
    private func again(_ session: FakeSession, _ user: FakeMessage, _ parts: [JSONTree]) -> FakeTurn? {
        user.info["time"] = ["created": .int(Int(now()))]
        put(session, user)
        for part in parts { putPart(session, user, part) }
        guard session.turn == nil else { return nil }
        let answers = session.messages.filter { $0.info["parentID"]?.string == user.id }
        if let last = answers.last, let finish = last.info["finish"]?.string, finish != "tool-calls" {
            set(session, .busy)
            set(session, .idle)
            return nil
        }
        let results = answers.flatMap(\.parts).count { $0["type"] == "tool" }
        return begin(FakeTurn(self, session, answering: user, resultsSoFar: results), in: session)
    }

    // MARK: compaction

    func summarize(_ session: FakeSession, then done: @escaping () -> Void) {
        if session.turn != nil {
            session.whenIdle.append { [weak self] in self?.summarize(session, then: done) }
            return
        }
        let user = makeUserMessage(session, parts: [["type": "compaction", "auto": false]])
        session.whenIdle.append(done)
        _ = begin(FakeTurn(self, session, answering: user, summary: true), in: session)
    }

    // MARK: revert

    func revert(_ session: FakeSession, to messageID: String) {
        let gone = session.messages.drop { $0.id != messageID }
        let diffs = gone.filter(\.isUser).flatMap { $0.info["summary"]?["diffs"]?.array ?? [] }
        let patch = diffs.compactMap { $0["patch"]?.string }.joined()
        session.info["revert"] = ["messageID": .string(messageID), "snapshot": .string(String(repeating: "0", count: 40)), "diff": .string(patch)]
        emitDiff(session, .array(diffs))
        touch(session)
        put(session)
    }

    func unrevert(_ session: FakeSession) {
        session.info["revert"] = nil
        touch(session)
        put(session)
    }

    /// The next prompt removes what was reverted.
    private func forgetReverted(_ session: FakeSession) {
        guard let first = session.info["revert"]?["messageID"]?.string else { return }
        for message in Array(session.messages.drop { $0.id != first }) { remove(message, from: session) }
        unrevert(session)
    }

    // MARK: fork

    func fork(_ session: FakeSession, before messageID: String?) -> FakeSession {
        let number = sessions.count { $0.title.hasPrefix(session.title + " (fork #") } + 1
        let copy = make(in: session.directory, title: "\(session.title) (fork #\(number))")
        var newIDs: [String: JSONTree] = [:]
        for message in session.messages.prefix(while: { messageID == nil || $0.id != messageID }) {
            var info = message.info
            newIDs[message.id] = .string(mint("msg"))
            info["id"] = newIDs[message.id]
            info["sessionID"] = .string(copy.id)
            if let parent = info["parentID"]?.string { info["parentID"] = newIDs[parent] }
            let twin = FakeMessage(info)
            copy.messages.append(twin)
            put(copy, twin)
            for var part in message.parts {
                part["id"] = nil
                putPart(copy, twin, .object(part))
            }
        }
        return copy
    }
}
