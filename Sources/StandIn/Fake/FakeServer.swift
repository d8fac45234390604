import JSON
import Sys

/// A stand-in for `opencode serve`: sessions, events, requests, turns that are scripted by their prompts.
/// Everything happens on the reactor's thread.
final class FakeServer {
    let options: FakeOptions
    let config: FakeConfig
    let reactor: Reactor
    let events: FakeEvents
    let journal: FakeJournal
    let projects = FakeProjects()
    private(set) var sessions: [FakeSession] = []
    private var sessionsByID: [String: FakeSession] = [:]
    var requests: [FakeRequest] = []
    /// What "always" allowed, by directory; lost on restart and not visible anywhere, as measured.
    var allowedAlways: [String: [FakeRule]] = [:]
    /// Directories that have been asked for.
    var instances: Set<String> = []
    private var ids = FakeID()

    init(_ options: FakeOptions, _ reactor: Reactor) {
        self.options = options
        self.reactor = reactor
        config = FakeConfig(options)
        events = FakeEvents(reactor)
        journal = FakeJournal(dataHome: options.dataHome, reactor)
        for session in journal.readBack() { keep(session) }
        makeSessions(options.sessions - sessions.count)
    }

    func mint(_ prefix: String) -> String { ids.mint(prefix) }
    func now() -> Int64 { Clock.wallMilliseconds() }

    // MARK: sessions

    func session(_ id: String) -> FakeSession? { sessionsByID[id] }
    func children(of id: String) -> [FakeSession] { sessions.filter { $0.parentID == id } }
    func sessions(in directory: String) -> [FakeSession] { sessions.filter { $0.directory == directory } }

    private func keep(_ session: FakeSession) {
        sessions.append(session)
        sessionsByID[session.id] = session
    }

    func make(in directory: String, title: String? = nil, parent: FakeSession? = nil, _ change: (FakeSession) -> Void = { _ in }) -> FakeSession {
        let nowMs = now()
        let session = FakeSession(
            id: mint("ses"), directory: directory, projectID: projects.id(directory), title: title ?? "New session - \(ISOTime.text(nowMs))", nowMs: nowMs)
        if let parent { session.info["parentID"] = .string(parent.id) }
        change(session)
        keep(session)
        journal.session(session)
        emitStored("session.created", session, ["sessionID": .string(session.id), "info": session.json])
        return session
    }

    func remove(_ session: FakeSession) {
        for child in children(of: session.id) { remove(child) }
        session.turn?.drop()
        requests.removeAll { $0.session === session }
        sessions.removeAll { $0 === session }
        sessionsByID[session.id] = nil
        journal.removed(session: session)
        emitStored("session.deleted", session, ["sessionID": .string(session.id), "info": session.json])
    }

    /// Sessions with one finished turn each, as if somebody had worked here.
    private func makeSessions(_ count: Int) {
        guard count > 0 else { return }
        for number in 1...count {
            let session = make(in: options.directory, title: "Prepared session \(number)")
            let user = makeUserMessage(session, parts: [["type": "text", "text": .string("Prepared prompt \(number)")]])
            let assistant = makeAssistantMessage(session, parent: user)
            putPart(session, assistant, ["type": "text", "text": "Prepared answer.", "time": ["start": 0, "end": 0]])
            assistant.info["finish"] = "stop"
            assistant.info["time"] = ["created": .int(Int(now())), "completed": .int(Int(now()))]
            put(session, assistant)
        }
    }

    // MARK: events about a session

    private func scope(_ session: FakeSession) -> FakeEvents.Scope {
        FakeEvents.Scope(directory: session.directory, project: session.projectID)
    }

    func emit(_ type: String, _ session: FakeSession, _ properties: JSONTree) { events.emit(type, scope(session), properties) }

    func emitStored(_ type: String, _ session: FakeSession, _ properties: JSONTree) {
        var scope = scope(session)
        scope.sequence = (session.id, session.sequence)
        session.sequence += 1
        events.emit(type, scope, properties)
    }

    func emit(_ type: String, directory: String, _ properties: JSONTree) {
        events.emit(type, FakeEvents.Scope(directory: directory, project: projects.id(directory)), properties)
    }

    func touch(_ session: FakeSession) { session.setTime("updated", now()) }

    func put(_ session: FakeSession) {
        journal.session(session)
        emitStored("session.updated", session, ["sessionID": .string(session.id), "info": session.json])
    }

    func put(_ session: FakeSession, _ message: FakeMessage) {
        journal.message(session, message)
        emitStored("message.updated", session, ["sessionID": .string(session.id), "info": .object(message.info)])
    }

    /// Adds or replaces a part. What it lacks of `id`, `messageID` and `sessionID` is put in. Returns it as it is then.
    @discardableResult
    func putPart(_ session: FakeSession, _ message: FakeMessage, _ part: JSONTree) -> JSONObject {
        var object = JSONObject.of(part)
        if object["id"] == nil { object["id"] = .string(mint("prt")) }
        object["messageID"] = .string(message.id)
        object["sessionID"] = .string(session.id)
        message.put(object)
        journal.part(session, object)
        emitStored(
            "message.part.updated", session,
            [
                "sessionID": .string(session.id), "part": .object(object), "time": .int(Int(now())),
            ])
        return object
    }

    func emitDelta(_ session: FakeSession, _ message: FakeMessage, part: String, _ delta: String) {
        events.emit("message.part.delta", scope(session)) {
            $0.object {
                $0.field("sessionID", session.id)
                $0.field("messageID", message.id)
                $0.field("partID", part)
                $0.field("field", "text")
                $0.field("delta", delta)
            }
        }
    }

    func set(_ session: FakeSession, _ status: FakeStatus) {
        session.status = status
        emit("session.status", session, ["sessionID": .string(session.id), "status": status.json])
        if status == .idle { emit("session.idle", session, ["sessionID": .string(session.id)]) }
    }

    func emitDiff(_ session: FakeSession, _ diff: JSONTree = []) {
        emit("session.diff", session, ["sessionID": .string(session.id), "diff": diff])
    }

    // MARK: messages

    func makeUserMessage(_ session: FakeSession, id: String? = nil, agent: String? = nil, model: JSONTree? = nil, parts: [JSONTree]) -> FakeMessage {
        let model = model ?? ["providerID": .string(config.provider), "modelID": .string(config.model)]
        let message = FakeMessage(
            .of([
                "id": .string(id ?? mint("msg")), "role": "user", "sessionID": .string(session.id), "time": ["created": .int(Int(now()))],
                "agent": .string(agent ?? session.info["agent"]?.string ?? "build"), "model": model,
            ]))
        session.messages.append(message)
        put(session, message)
        for part in parts { putPart(session, message, options.showsScripts ? part : withoutScript(part, message)) }
        return message
    }

    /// A demo's prompt as a person would have written it: what stands before the first directive.
    private func withoutScript(_ part: JSONTree, _ message: FakeMessage) -> JSONTree {
        guard case .object(var object) = part, let text = object["text"]?.string, let start = text.firstRange(of: "[["), start.lowerBound > text.startIndex
        else { return part }
        message.script = text
        var words = text[..<start.lowerBound]
        while words.last?.isWhitespace == true { words.removeLast() }
        object["text"] = .string(String(words))
        return .object(object)
    }

    func makeAssistantMessage(_ session: FakeSession, parent: FakeMessage, isSummary: Bool = false) -> FakeMessage {
        let agent: JSONTree = isSummary ? "compaction" : parent.info["agent"] ?? "build"
        let model = parent.info["model"]
        var info = JSONObject.of([
            "id": .string(mint("msg")), "parentID": .string(parent.id), "role": "assistant", "mode": agent, "agent": agent,
            "path": ["cwd": .string(session.directory), "root": .string(projects.root(session.directory))], "cost": 0,
            "tokens": FakeTokens().json(total: false), "modelID": model?["modelID"] ?? .string(config.model),
            "providerID": model?["providerID"] ?? .string(config.provider), "time": ["created": .int(Int(now()))],
            "sessionID": .string(session.id),
        ])
        if isSummary { info["summary"] = true }
        let message = FakeMessage(info)
        session.messages.append(message)
        put(session, message)
        return message
    }

    func remove(_ message: FakeMessage, from session: FakeSession) {
        session.messages.removeAll { $0 === message }
        journal.removed(message, of: session)
        emitStored("message.removed", session, ["sessionID": .string(session.id), "messageID": .string(message.id)])
    }

    // MARK: instances

    /// The first request for a directory makes its instance.
    func visit(_ directory: String) {
        guard instances.insert(directory).inserted else { return }
        let project = FakeEvents.Scope(directory: "global", project: projects.id(directory))
        events.emit("project.updated", project, projects.json(directory, nowMs: now()))
    }

    /// Ends all turns of a directory; streams of it end.
    func dispose(_ directory: String) {
        for session in sessions(in: directory) { session.turn?.abort(atOnce: true) }
        requests.removeAll { $0.session.directory == directory }
        allowedAlways[directory] = nil
        guard instances.remove(directory) != nil else { return }
        emit("server.instance.disposed", directory: directory, ["directory": .string(directory)])
        events.end(directory: directory)
    }

    func disposeAll() {
        for directory in instances.sorted() { dispose(directory) }
        events.emit("global.disposed", nil, [:])
    }
}
