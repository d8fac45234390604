import Domain

/// What a text means is found out before it is sent: which of the names in it are files or OpenCode's agents, and whether the command that it
/// begins with is there. A prompt to an agent that is still being made is prepared when it is about to go.
extension Engine {
    struct Preparing: Equatable {
        enum Purpose: Equatable {
            /// An order that waits for an answer.
            case send(Errand, ClientOrder)
            /// A prompt that was queued as it was typed.
            case delivery(MessageID)
        }
        var agent: AgentID
        var text: String
        var purpose: Purpose
        var mentions: [Mention]
        var facts: [FileFact]?
        var command: PromptCommand?
        /// Calls that are still out.
        var open = 0
        var commands: [CommandInfo]?
        var subAgents: [String] = []
        var trouble: Refusal?
    }

    /// What of an order is ready to be sent.
    struct Prepared: Equatable {
        var text: String
        var files: [PromptFile] = []
        var agents: [PromptAgent] = []
        var command: PromptCommand?
    }

    /// Nothing in it is more than words.
    static func isPlain(_ text: String) -> Bool { text.first != "/" && PromptText.mentions(of: text).isEmpty }

    /// A space before a `/` has said that no command is meant, and is not sent.
    static func words(_ text: String) -> String {
        let body = text.drop { $0 == " " }
        return body.first == "/" ? String(body) : text
    }

    /// An order to send waits until what it names is known. Those of the same agent keep their order.
    mutating func prepare(_ order: ClientOrder, for id: AgentID, _ text: String, _ errand: Errand) {
        guard sending[id] == nil else {
            sending[id]?.append((errand, order))
            return
        }
        sending[id] = []
        begin(Preparing(agent: id, text: text, purpose: .send(errand, order), mentions: PromptText.mentions(of: text), command: PromptText.command(of: text)))
    }

    /// The first prompt in the outbox, as it was typed.
    mutating func prepare(_ prompt: PendingPrompt) {
        guard !preparing.values.contains(where: { $0.purpose == .delivery(prompt.input.message) }) else { return }
        let text = prompt.input.text
        begin(
            Preparing(
                agent: prompt.agent, text: text, purpose: .delivery(prompt.input.message), mentions: PromptText.mentions(of: text),
                command: PromptText.command(of: text)))
    }

    private mutating func begin(_ one: Preparing) {
        let errand = ownErrand()
        preparing[errand] = one
        let names = one.mentions.reduce(into: [String]()) { if !$0.contains($1.name) { $0.append($1.name) } }
        guard !names.isEmpty, let directory = herd.agents[one.agent].flatMap({ herd.places[$0.place]?.directory }) else {
            return factsRead(errand, .success([]))
        }
        emit(.readFacts(errand, directory: directory, names))
    }

    mutating func factsRead(_ errand: Errand, _ result: Result<[FileFact], Refusal>) {
        guard preparing[errand] != nil else {
            switch result {
            case .success(let facts): return reply(errand, .facts(facts))
            case .failure(let refusal): return refuse(errand, refusal)
            }
        }
        switch result {
        case .failure(let refusal): return prepared(errand, .failure(refusal))
        case .success(let facts):
            preparing[errand]?.facts = facts
            if let wrong = facts.first(where: { $0.trouble != nil }) {
                return prepared(errand, .failure(Refusal(.usage, wrong.trouble ?? "", remedy: "to send it as words, write it without the @")))
            }
        }
        askServer(errand)
    }

    private mutating func askServer(_ errand: Errand) {
        guard let one = preparing[errand] else { return }
        let needsAgents = one.mentions.contains { mention in mention.isWord && one.facts?.contains { $0.name == mention.name } != true }
        guard one.command != nil || needsAgents else { return assemble(errand) }
        guard let agent = herd.agents[one.agent], let directory = herd.places[agent.place]?.directory else { return assemble(errand) }
        let server = ServerID(agent.project.raw)
        guard servers[server]?.isLive == true else { return waitForServer(errand, one, server) }
        preparing[errand]?.open = (one.command != nil ? 1 : 0) + (needsAgents ? 1 : 0)
        if one.command != nil { call(server, .commands(directory: directory), for: .prepare(errand)) }
        if needsAgents { call(server, .subAgents(directory: directory), for: .prepare(errand)) }
    }

    /// An order begins anew when its server runs; a prompt in the outbox is delivered then.
    private mutating func waitForServer(_ errand: Errand, _ one: Preparing, _ server: ServerID) {
        preparing[errand] = nil
        switch one.purpose {
        case .send(let client, let order):
            let waiting = sending.removeValue(forKey: one.agent) ?? []
            for (errand, order) in [(client, order)] + waiting { park(order, errand, at: server) }
        case .delivery: want(server)
        }
    }

    mutating func prepareAnswered(_ errand: Errand, _ result: Result<ServerAnswer, CallFailure>) {
        guard let one = preparing[errand] else { return }
        preparing[errand]?.open -= 1
        switch result {
        case .success(.commands(let commands)): preparing[errand]?.commands = commands
        case .success(.names(let names)): preparing[errand]?.subAgents = names
        case .failure(let failure) where failure.isOfTheLink:
            guard let server = herd.agents[one.agent].map({ ServerID($0.project.raw) }) else { break }
            rereadSoon(server)
            return waitForServer(errand, one, server)
        case .failure(let failure): preparing[errand]?.trouble = failure.refusal(about: "the server did not say which commands it has")
        case .success: break
        }
        if preparing[errand]?.open == 0 { assemble(errand) }
    }

    private mutating func assemble(_ errand: Errand) {
        guard let one = preparing[errand] else { return }
        var ready = Prepared(text: Self.words(one.text))
        if let command = one.command {
            if one.commands?.contains(where: { $0.name == command.name }) == true {
                ready.command = command
            } else if !command.name.contains("/") {  // with another it is a path, and a word like any other
                if let trouble = one.trouble { return prepared(errand, .failure(trouble)) }
                return prepared(errand, .failure(Self.unknown(command.name, among: one.commands ?? [])))
            }
        }
        // The spaces that were taken away in front.
        let shift = one.text.utf16.count - ready.text.utf16.count
        var seen: Set<String> = []
        for mention in one.mentions {
            var mention = mention
            mention.start -= shift
            if let fact = one.facts?.first(where: { $0.name == mention.name }) {
                guard seen.insert("\(fact.path)#\(mention.lines.map { "\($0)" } ?? "")").inserted else { continue }
                if fact.kind != .file { mention.lines = nil }
                ready.files.append(PromptFile(part: PartID(""), path: fact.path, mime: fact.mime, mention: mention))
            } else if mention.isWord, one.subAgents.contains(mention.name), seen.insert("@" + mention.name).inserted, ready.command == nil {
                ready.agents.append(PromptAgent(part: PartID(""), mention: mention))
            }
        }
        prepared(errand, .success(ready))
    }

    static func unknown(_ name: String, among commands: [CommandInfo]) -> Refusal {
        let near = commands.map { (name: $0.name, far: distance(name, $0.name)) }.min { $0.far < $1.far }
        let hint = near.flatMap { $0.far <= max(2, name.count / 3) ? "; did you mean /\($0.name)?" : nil } ?? ""
        return Refusal(
            .usage, "the server has no command /\(name)\(hint)",
            remedy: "it has \(commands.map { "/" + $0.name }.sorted().prefix(12).joined(separator: " ")); with a space before the / it is sent as text")
    }

    private mutating func prepared(_ errand: Errand, _ result: Result<Prepared, Refusal>) {
        guard let one = preparing.removeValue(forKey: errand) else { return }
        switch (one.purpose, result) {
        case (.send(let client, let order), _):
            switch result {
            case .success(let ready): send(order, ready, client)
            case .failure(let refusal): refuse(client, refusal)
            }
            // The next one of this agent, and all behind it wait again if it has to.
            let waiting = sending.removeValue(forKey: one.agent) ?? []
            for (errand, order) in waiting { obey(order, errand) }
        case (.delivery(let message), .success(let ready)):
            guard let position = outbox[one.agent]?.firstIndex(where: { $0.input.message == message }) else { return deliver(one.agent) }
            let parts = with(ready)
            outbox[one.agent]?[position].take(parts)
            if let prompt = outbox[one.agent]?[position] { emit(.save(.prompt(prompt), isDurable: true)) }
            deliver(one.agent)
        case (.delivery(let message), .failure(let refusal)):
            if let launch = launches[one.agent] { return abandon(launch, refusal) }
            dropUnsent(message, of: one.agent, refusal)
        }
    }

    /// A prompt that cannot go: the person is told, and the next one goes.
    private mutating func dropUnsent(_ message: MessageID, of id: AgentID, _ refusal: Refusal) {
        guard let position = outbox[id]?.firstIndex(where: { $0.input.message == message }) else { return }
        let text = outbox[id]?.remove(at: position).input.text ?? ""
        if outbox[id]?.isEmpty == true { outbox[id] = nil }
        emit(.forget(RecordKey(kind: .prompt, id: message.raw), isDurable: false))
        change(id) { $0.queued.removeAll { $0.message == message } }
        note(.error, refusal.message, remedy: "it was not sent: \(Self.title(from: text))", agent: id)
        judge(id)
        deliver(id)
    }

    /// With ids of their own, so that what is sent twice is there once.
    mutating func with(_ ready: Prepared) -> Prepared {
        var ready = ready
        for index in ready.files.indices { ready.files[index].part = PartID(freshID("prt")) }
        for index in ready.agents.indices { ready.agents[index].part = PartID(freshID("prt")) }
        return ready
    }

    // MARK: Whether the server has it already

    /// A prompt of several parts that may have arrived: sent again, its files would be in it twice, and the shell lines of a command's
    /// template would run twice. So the server is asked for its message first.
    mutating func lookUp(_ prompt: PendingPrompt, _ session: SessionID, _ directory: String, _ server: ServerID) -> CallID {
        call(server, .message(session, directory: directory, prompt.input.message), for: .lookUpPrompt(prompt.agent, prompt.input.message))
    }

    mutating func promptLookedUp(_ id: AgentID, _ message: MessageID, _ call: CallID, _ result: Result<ServerAnswer, CallFailure>) {
        guard inFlight[message]?.call == call, let position = outbox[id]?.firstIndex(where: { $0.input.message == message }) else { return }
        inFlight[message] = nil
        switch result {
        case .success(.messages(let records)):
            doubtful.remove(message)
            guard let record = records.first, let part = record.parts.first(where: \.isPrompt), case .text(let text, _) = part.content else {
                // It has no words of its own: then there is nothing to send again, and it counts as accepted.
                inFlight[message] = Flight(call: call, generation: 0, turns: 0, wasBusy: true)
                return prompted(id, message, call, .success(.done))
            }
            // Its words again, with their own ids: nothing runs if it was answered, and a turn that a crash cut goes on (v1-measured.md §3).
            outbox[id]?[position].input = PromptInput(message: message, part: part.id, text: text, model: record.info.model, mode: record.info.mode)
            deliver(id)
        case .failure(let failure) where failure.isOfTheLink:
            lose(message, of: id)
        case .success, .failure:
            doubtful.remove(message)
            deliver(id)
        }
    }

    /// A command is answered when its turn is over; that the server has it shows in its message.
    mutating func commandArrived(_ info: MessageInfo) {
        guard let flight = inFlight[info.id], let id = owners[info.session], calls[flight.call] == .prompt(id, info.id) else { return }
        guard outbox[id]?.first(where: { $0.input.message == info.id })?.input.command != nil else { return }
        prompted(id, info.id, flight.call, .success(.done))
    }

    // MARK: What can be mentioned

    mutating func answer(_ order: ClientOrder, about place: PromptPlace, _ errand: Errand) {
        let directory: String
        let server: ServerID
        switch place {
        case .agent(let id):
            guard let agent = herd.agents[id] else { return refuse(errand, unknownAgent(id)) }
            guard let known = herd.places[agent.place]?.directory else {
                return refuse(errand, Refusal(.refused, "\(id) is still being started", remedy: "drover wait \(id) --until running"))
            }
            (directory, server) = (known, ServerID(agent.project.raw))
        case .project(let id):
            guard let project = herd.projects[id] else { return refuse(errand, unknownProject(id)) }
            (directory, server) = (project.path, project.server)
        }
        switch order {
        case .files(_, let query): emit(.findFiles(errand, directory: directory, like: query))
        case .facts(_, let names): emit(.readFacts(errand, directory: directory, Array(names.prefix(PromptText.mostMentions))))
        case .offers:
            guard servers[server]?.isLive == true else { return park(order, errand, at: server) }
            gatherings[errand] = .offers(open: 2, commands: [], agents: [])
            call(server, .commands(directory: directory), for: .part(errand, of: order))
            call(server, .subAgents(directory: directory), for: .part(errand, of: order))
        default: break
        }
    }

    mutating func offered(_ errand: Errand, _ result: Result<ServerAnswer, CallFailure>) {
        guard case .offers(let open, var commands, var agents)? = gatherings[errand] else { return }
        if case .success(.commands(let found)) = result { commands = found }
        if case .success(.names(let found)) = result { agents = found }
        gatherings[errand] = open > 1 ? .offers(open: open - 1, commands: commands, agents: agents) : nil
        if open <= 1 { reply(errand, .offers(commands: commands, agents: agents)) }
    }
}

/// How many letters have to change for one word to become the other.
private func distance(_ one: String, _ other: String) -> Int {
    let one = Array(one.unicodeScalars.prefix(64)), other = Array(other.unicodeScalars.prefix(64))
    var row = Array(0...other.count)
    for (index, letter) in one.enumerated() {
        var before = row[0]
        row[0] = index + 1
        for column in other.indices {
            let kept = before + (letter == other[column] ? 0 : 1)
            before = row[column + 1]
            row[column + 1] = min(kept, before + 1, row[column] + 1)
        }
    }
    return row[other.count]
}
