package import Domain

/// One OpenCode server and its database, as measured of 1.18.33, without a process: calls in, answers and events out.
///
/// The database survives the process; phases, requests and streamed text do not (a part's text is stored when the part ends).
package struct FakeOpenCode {
    package struct Session {
        package var info: SessionInfo
        package var messages: [MessageRecord] = []
        package var todos: [Todo] = []
    }

    // The database.
    package private(set) var sessions: [SessionID: Session] = [:]
    package private(set) var order: [SessionID] = []
    /// How many turns each prompt began: more than one without a crash between is a prompt run twice.
    package private(set) var turns: [MessageID: Int] = [:]
    /// How often each prompt arrived.
    package private(set) var deliveries: [MessageID: Int] = [:]
    /// How often the template of each command was filled in.
    package private(set) var expansions: [MessageID: Int] = [:]
    /// Answers that the death of a process left open.
    private var cut: Set<MessageID> = []

    // The process.
    package private(set) var phases: [SessionID: SessionPhase] = [:]
    package private(set) var requests: [Request] = []
    /// Listed for ever although their turn has ended.
    package private(set) var staleRequests: Set<RequestID> = []
    /// Directories whose configuration cannot be read: everything about them is refused.
    package var brokenDirectories: Set<String> = []
    /// What the server says on its stream and nobody took yet.
    package var outgoing: [ServerEvent] = []
    package var wall = Timestamp(milliseconds: 0)

    /// The newest tool call, for the request that it makes.
    package private(set) var lastCallName = ""
    private let name: String
    private var lastName = 0

    package init(name: String) { self.name = name }

    // MARK: Calls

    package mutating func perform(_ call: ServerCall) -> Result<ServerAnswer, CallFailure> {
        if let directory = call.directory, brokenDirectories.contains(directory) { return .failure(.rejected("ConfigJsonError in \(directory)")) }
        switch call {
        case .health: return .success(.health(version: "1.18.33"))
        case .configuration: return .success(.configuration(model: "test/large"))
        case .sessions(let directory): return .success(.sessions(order.compactMap { sessions[$0]?.info }.filter { $0.directory == directory }))
        case .phases(let directory):
            return .success(.phases(phases.filter { sessions[$0.key].map { $0.info.directory == directory } ?? true }))
        case .permissions(let directory): return .success(.requests(listed(in: directory, questions: false)))
        case .questions(let directory): return .success(.requests(listed(in: directory, questions: true)))
        case .messages(let session, _, let limit):
            guard let found = sessions[session] else { return .failure(.notFound("session \(session)")) }
            return .success(.messages(Array(found.messages.suffix(limit ?? .max))))
        case .todos(let session, _): return .success(.todos(sessions[session]?.todos ?? []))
        case .children(let session, _): return .success(.sessions(order.compactMap { sessions[$0]?.info }.filter { $0.parent == session }))
        case .create(let directory, let title): return .success(.session(create(in: directory, title: title)))
        case .rename(let session, _, let title): return update(session) { $0.title = title }
        case .archive(let session, _, let archived, _): return update(session) { $0.archived = archived }
        case .delete(let session, _):
            delete(session)
            return .success(.done)
        case .prompt(let session, _, let input): return prompt(session, input)
        case .command(let session, _, let input): return command(session, input)
        case .message(let session, _, let message):
            guard let found = sessions[session]?.messages.first(where: { $0.info.id == message }) else { return .failure(.notFound("message")) }
            return .success(.messages([found]))
        case .abort(let session, _):
            abort(session)
            return .success(.done)
        case .answer(let request, _, _, let answer): return reply(to: request, answer)
        case .models: return .success(.models([ModelInfo(id: "test/large", name: "Large", context: 1000)]))
        case .modes: return .success(.names(["build", "plan"]))
        case .subAgents: return .success(.names(["general"]))
        case .commands: return .success(.commands([CommandInfo(name: "init"), CommandInfo(name: "review", description: "Look at it")]))
        case .diff: return .success(.diff([FileChange(file: "a", patch: "+a", additions: 1, deletions: 0, status: "added")]))
        case .dispose:
            dispose()
            return .success(.done)
        }
    }

    private func listed(in directory: String, questions: Bool) -> [Request] {
        requests.filter { request in
            let isQuestion = if case .question = request.kind { true } else { false }
            return isQuestion == questions && sessions[request.session]?.info.directory == directory
        }
    }

    private mutating func update(_ session: SessionID, _ body: (inout SessionInfo) -> Void) -> Result<ServerAnswer, CallFailure> {
        guard sessions[session] != nil else { return .failure(.notFound("session \(session)")) }
        change(session, body)
        return .success(.done)
    }

    private mutating func reply(to request: RequestID, _ answer: Answer) -> Result<ServerAnswer, CallFailure> {
        guard let found = requests.first(where: { $0.id == request }) else { return .failure(.notFound("PermissionNotFoundError \(request)")) }
        requests.removeAll { $0.id == request }
        outgoing.append(.answered(request, found.session, how: "\(answer)"))
        if case .reject(nil) = answer, phases[found.session] != nil { finish(found.session) }
        return .success(.done)
    }

    // MARK: Sessions

    @discardableResult
    package mutating func create(in directory: String, title: String? = nil, parent: SessionID? = nil, isAnnounced: Bool = true) -> SessionInfo {
        let id = SessionID(fresh("ses"))
        let info = SessionInfo(
            id: id, parent: parent, directory: directory, title: title ?? (parent == nil ? "New session - now" : "Child session - now"), created: wall,
            updated: wall)
        sessions[id] = Session(info: info)
        order.append(id)
        if isAnnounced { outgoing.append(.session(info)) }
        return info
    }

    package mutating func change(_ session: SessionID, isAnnounced: Bool = true, _ body: (inout SessionInfo) -> Void) {
        guard var info = sessions[session]?.info else { return }
        info.updated = wall
        body(&info)
        sessions[session]?.info = info
        if isAnnounced { outgoing.append(.session(info)) }
    }

    /// A busy one goes on in the background: its phase stays listed (v1-measured.md §5).
    package mutating func delete(_ session: SessionID) {
        guard sessions.removeValue(forKey: session) != nil else { return }
        order.removeAll { $0 == session }
        outgoing.append(.sessionDeleted(session))
        if phases[session] != nil {
            phases[session] = .retry(attempt: 1, message: "Failed query: insert into \"part\"", next: wall)
            outgoing.append(.phase(session, .retry(attempt: 1, message: "Failed query: insert into \"part\"", next: wall)))
        }
    }

    // MARK: Prompts

    package func isBusy(_ session: SessionID) -> Bool { phases[session] != nil }

    private mutating func prompt(_ session: SessionID, _ input: PromptInput) -> Result<ServerAnswer, CallFailure> {
        guard let found = sessions[session] else { return .failure(.notFound("session \(session)")) }
        deliveries[input.message, default: 0] += 1
        if let known = found.messages.firstIndex(where: { $0.info.id == input.message }) {
            outgoing.append(.message(found.messages[known].info))
            guard found.messages[known].parts.contains(where: { $0.id == input.part }) else { return .success(.done) }
            let isAnswered = found.messages.contains { $0.info.parent == input.message && $0.info.completed != nil }
            if isBusy(session) { return .success(.done) }
            outgoing.append(.phase(session, .busy))
            if isAnswered { outgoing.append(.phase(session, .idle)) } else { run(session, input.message) }
            return .success(.done)
        }
        addUser(session, input)
        if isBusy(session) {
            turns[input.message, default: 0] += 1
        } else {
            outgoing.append(.phase(session, .busy))
            run(session, input.message)
        }
        return .success(.done)
    }

    /// It names the part itself: the template's words. Again: its template runs again, and its words are there twice.
    private mutating func command(_ session: SessionID, _ input: PromptInput) -> Result<ServerAnswer, CallFailure> {
        guard let name = input.command?.name, ["init", "review"].contains(name) else { return .failure(.serverError(500, "Unexpected server error")) }
        expansions[input.message, default: 0] += 1
        var input = input
        input.part = PartID(fresh("prt"))
        input.text = "template of \(name)"
        return prompt(session, input)
    }

    private mutating func turnEnds(_ session: SessionID) {
        phases[session] = nil
        for request in requests where request.session == session { staleRequests.insert(request.id) }
    }

    private mutating func run(_ session: SessionID, _ message: MessageID) {
        turns[message, default: 0] += 1
        phases[session] = .busy
    }

    private mutating func addUser(_ session: SessionID, _ input: PromptInput) {
        let info = MessageInfo(id: input.message, session: session, role: .user, created: wall, model: input.model, mode: input.mode)
        let part = PartInfo(id: input.part, session: session, message: input.message, content: .text(input.text, synthetic: false))
        sessions[session]?.messages.append(MessageRecord(info: info, parts: [part]))
        outgoing += [.message(info), .part(part)]
    }

    /// A person types into OpenCode's own screen that is attached to this server.
    @discardableResult
    package mutating func typed(_ session: SessionID, _ text: String) -> MessageID {
        let message = MessageID(fresh("msg"))
        _ = prompt(session, PromptInput(message: message, part: PartID(fresh("prt")), text: text))
        return message
    }

    // MARK: Turns, step by step

    /// An assistant message that answers the newest prompt. The step before is over.
    @discardableResult
    package mutating func answers(_ session: SessionID) -> MessageID {
        if let index = openAnswer(session) { complete(session, index, nil) }
        let parent = sessions[session]?.messages.last { $0.info.role == .user }?.info.id
        let info = MessageInfo(id: MessageID(fresh("msg")), session: session, role: .assistant, created: wall, parent: parent, model: "test/large")
        sessions[session]?.messages.append(MessageRecord(info: info, parts: []))
        outgoing.append(.message(info))
        return info.id
    }

    /// That of a turn which a crash cut stays as it is, also after further turns (v1-measured.md §3).
    private func openAnswer(_ session: SessionID) -> Int? {
        guard let messages = sessions[session]?.messages, let newest = messages.lastIndex(where: { $0.info.role == .assistant }) else { return nil }
        let info = messages[newest].info
        return info.completed == nil && info.error == nil && !cut.contains(info.id) ? newest : nil
    }

    private mutating func answerIndex(_ session: SessionID) -> Int? {
        if sessions[session] == nil { return nil }
        if openAnswer(session) == nil { answers(session) }
        return openAnswer(session)
    }

    /// Text that streams; the database gets it when it ends.
    @discardableResult
    package mutating func says(_ session: SessionID, _ text: String, isThinking: Bool = false, ends: Bool = true) -> PartID? {
        guard let index = answerIndex(session), let message = sessions[session]?.messages[index].info.id else { return nil }
        let id = PartID(fresh("prt"))
        func part(_ text: String, ended: Timestamp?) -> PartInfo {
            PartInfo(
                id: id, session: session, message: message, content: isThinking ? .reasoning(text) : .text(text, synthetic: false), started: wall, ended: ended)
        }
        let open = part("", ended: nil)
        sessions[session]?.messages[index].parts.append(open)
        outgoing.append(.part(open))
        for piece in text.split(separator: " ", omittingEmptySubsequences: false).map({ " " + $0 }) {
            outgoing.append(.delta(session, message, id, text: piece))
        }
        if ends {
            let whole = part(text.isEmpty ? "" : " " + text, ended: wall)
            put(whole, session, index)
        }
        return id
    }

    private mutating func put(_ part: PartInfo, _ session: SessionID, _ index: Int) {
        if let position = sessions[session]?.messages[index].parts.firstIndex(where: { $0.id == part.id }) {
            sessions[session]?.messages[index].parts[position] = part
        } else {
            sessions[session]?.messages[index].parts.append(part)
        }
        outgoing.append(.part(part))
    }

    /// A tool call that runs on until `ends`.
    @discardableResult
    package mutating func uses(_ session: SessionID, _ tool: String, _ target: String, child: SessionID? = nil) -> PartID? {
        guard let index = answerIndex(session), let message = sessions[session]?.messages[index].info.id else { return nil }
        let use = ToolUse(name: tool, callID: fresh("call"), state: .running, target: target, started: wall, child: child)
        lastCallName = use.callID
        let part = PartInfo(id: PartID(fresh("prt")), session: session, message: message, content: .tool(use, output: ""))
        put(part, session, index)
        return part.id
    }

    package mutating func ends(_ session: SessionID, _ tool: PartID, output: String = "ok", state: ToolUse.State = .completed) {
        guard let messages = sessions[session]?.messages else { return }
        for (index, record) in messages.enumerated() {
            guard var part = record.parts.first(where: { $0.id == tool }), case .tool(var use, _) = part.content else { continue }
            use.state = state
            use.ended = wall
            part.content = .tool(use, output: output)
            put(part, session, index)
        }
    }

    @discardableResult
    package mutating func asks(_ session: SessionID, _ command: String = "npm install", callID: String? = nil) -> RequestID {
        let permission = Request.Permission(name: "bash", patterns: [command], always: ["npm *"], detail: command)
        return ask(session, .permission(permission), "per", callID)
    }

    @discardableResult
    package mutating func wonders(_ session: SessionID, _ text: String = "which database?") -> RequestID {
        let question = Request.Question(header: "db", text: text, options: [.init(label: "a"), .init(label: "b")], multiple: false, custom: true)
        return ask(session, .question([question]), "que")
    }

    /// Every request is one of a tool call.
    private mutating func ask(_ session: SessionID, _ kind: Request.Kind, _ prefix: String, _ callID: String? = nil) -> RequestID {
        if callID == nil { uses(session, prefix == "per" ? "bash" : "question", "it") }
        let callID = callID ?? lastCallName
        let request = Request(id: RequestID(fresh(prefix)), session: session, kind: kind, asked: wall, callID: callID)
        requests.append(request)
        outgoing.append(.asked(request))
        return request.id
    }

    /// The normal end, in the measured order: the message, busy again, idle, then the session and the prompt's summary (v1-measured.md §4).
    package mutating func finish(_ session: SessionID, cost: Double = 0, tokens: Tokens = Tokens()) {
        guard phases[session] != nil, let index = answerIndex(session) else { return }
        complete(session, index, nil)
        outgoing.append(.phase(session, .busy))
        turnEnds(session)
        outgoing.append(.phase(session, .idle))
        change(session) {
            $0.cost = ($0.cost ?? 0) + cost
            $0.tokens = ($0.tokens ?? Tokens()) + tokens
        }
        if let user = sessions[session]?.messages.last(where: { $0.info.role == .user })?.info { outgoing.append(.message(user)) }
    }

    private mutating func complete(_ session: SessionID, _ index: Int, _ error: TurnError?) {
        sessions[session]?.messages[index].info.completed = wall
        sessions[session]?.messages[index].info.error = error
        if let info = sessions[session]?.messages[index].info { outgoing.append(.message(info)) }
    }

    /// Error, idle, the closing part, the message, idle again: the first idle comes before the last write (v1-measured.md §4).
    /// With `inTwo` the second half is kept back until `close`.
    package mutating func fails(_ session: SessionID, _ error: TurnError, inTwo: Bool = false) {
        guard phases[session] != nil else { return }
        outgoing.append(.turnError(session, error))
        turnEnds(session)
        outgoing.append(.phase(session, .idle))
        if !inTwo { close(session, error) }
    }

    package mutating func close(_ session: SessionID, _ error: TurnError) {
        guard let index = openAnswer(session), let record = sessions[session]?.messages[index] else {
            outgoing.append(.phase(session, .idle))
            return
        }
        for part in record.parts {
            guard case .tool(var use, let output) = part.content, use.state == .running || use.state == .pending else { continue }
            use.state = .failed
            var closed = part
            closed.content = .tool(use, output: output)
            put(closed, session, index)
        }
        complete(session, index, error)
        outgoing.append(.phase(session, .idle))
    }

    /// "Model not found": idle first, then the error, and no message at all (v1-measured.md §6, §10).
    package mutating func failsWithoutMessage(_ session: SessionID, _ text: String) {
        guard openAnswer(session) == nil else { return fails(session, TurnError(name: "UnknownError", message: text)) }
        turnEnds(session)
        outgoing += [.phase(session, .idle), .turnError(session, TurnError(name: "UnknownError", message: text))]
    }

    package mutating func retries(_ session: SessionID, attempt: Int = 1, _ message: String = "rate limited", next: Timestamp) {
        guard phases[session] != nil else { return }
        if openAnswer(session) == nil { answers(session) }
        phases[session] = .retry(attempt: attempt, message: message, next: next)
        outgoing.append(.phase(session, .retry(attempt: attempt, message: message, next: next)))
    }

    package mutating func goesOn(_ session: SessionID) {
        guard phases[session] != nil else { return }
        phases[session] = .busy
        outgoing.append(.phase(session, .busy))
    }

    /// Requests stay listed and nothing is said of them; while waiting for a retry the message ends without an error (v1-measured.md §5, §8).
    package mutating func abort(_ session: SessionID) {
        for child in order where sessions[child]?.info.parent == session { abort(child) }
        guard let phase = phases[session] else {
            outgoing.append(.phase(session, .idle))
            return
        }
        if case .retry = phase {
            turnEnds(session)
            if let index = openAnswer(session) { complete(session, index, nil) }
            outgoing.append(.phase(session, .idle))
        } else {
            fails(session, TurnError(name: "MessageAbortedError", message: "The operation was aborted."))
        }
    }

    package mutating func dispose() {
        for session in order where phases[session] != nil { abort(session) }
        outgoing.append(.disposed)
    }

    /// Its turns run in another process: this one does not tell of them (v1-measured.md §10).
    package mutating func forgetPhases() { phases = [:] }

    /// The other process ends the turn: only the database shows it.
    package mutating func endsElsewhere(_ session: SessionID) {
        guard let index = openAnswer(session) else { return }
        complete(session, index, nil)
        change(session) { _ in }
        outgoing = []
    }

    /// The process is gone: nothing that was not in the database is left.
    package mutating func die() {
        for session in order { if let index = openAnswer(session), let id = sessions[session]?.messages[index].info.id { cut.insert(id) } }
        phases = [:]
        requests = []
        outgoing = []
    }

    private mutating func fresh(_ prefix: String) -> String {
        lastName += 1
        let digits = String(lastName)
        return "\(prefix)_\(name)\(String(repeating: "0", count: max(0, 5 - digits.utf8.count)))\(digits)"
    }
}

extension ServerCall {
    /// The directory that the call is about, where it has one.
    package var directory: String? {
        switch self {
        case .health, .dispose: nil
        case .configuration(let directory), .sessions(let directory), .phases(let directory), .permissions(let directory), .questions(let directory),
            .create(let directory, _), .models(let directory), .modes(let directory), .subAgents(let directory), .commands(let directory):
            directory
        case .messages(_, let directory, _), .todos(_, let directory), .children(_, let directory), .rename(_, let directory, _),
            .archive(_, let directory, _, _),
            .delete(_, let directory), .prompt(_, let directory, _), .abort(_, let directory), .command(_, let directory, _), .message(_, let directory, _),
            .answer(_, let directory, _, _),
            .diff(_, let directory, _):
            directory
        }
    }
}
