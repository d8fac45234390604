import Domain
import TestKit
import Testing

@testable import Engine

let api = "/p/api"
let apiID = Project.identifier(of: api)
let apiServer = ServerID(apiID.raw)
let web = "/p/web"
let webID = Project.identifier(of: web)
let webServer = ServerID(webID.raw)

/// A world with two repositories and a plain directory, all invariants watched, the daemon started.
func makeWorld(settings: EngineSettings = EngineSettings()) -> EngineWorld {
    var world = EngineWorld()
    world.settings = settings
    world.projects[api] = ProjectReport(path: api, branch: "main", isRepository: true, hasCommits: true)
    world.projects[web] = ProjectReport(path: web, branch: "main", isRepository: true, hasCommits: true)
    world.projects["/p/notes"] = ProjectReport(path: "/p/notes", isRepository: false, hasCommits: false)
    world.projects["/p/empty"] = ProjectReport(path: "/p/empty", isRepository: true, hasCommits: false)
    world.inspect = { engine, effects, now in breaches(of: engine, effects, now) }
    world.start()
    world.run()
    return world
}

extension EngineWorld {
    /// Starts an agent and lets everything run; nil when it was refused.
    mutating func new(_ prompt: String = "fix the bug", in directory: String = api, kind: Place.Kind? = .folder, title: String? = nil) -> AgentID? {
        let errand = order(.new(NewAgent(directory: directory, kind: kind, title: title, prompt: prompt)))
        run()
        guard case .success(.agent(let agent))? = reply(to: errand) else { return nil }
        return agent.id
    }

    mutating func mustStart(_ prompt: String = "fix the bug", in directory: String = api, kind: Place.Kind? = .folder) throws -> AgentID {
        let id = new(prompt, in: directory, kind: kind)
        return try #require(id)
    }

    func agent(_ id: AgentID) -> Agent? { engine.herd.agents[id] }
    func status(_ id: AgentID) -> Status? { engine.herd.agents[id]?.status }
    func session(_ id: AgentID) -> SessionID { engine.herd.agents[id]?.session ?? SessionID("none") }
    func server(_ id: AgentID) -> ServerID { ServerID(engine.herd.agents[id]?.project.raw ?? "") }

    /// Something happens in the agent's session; then everything runs.
    @discardableResult
    mutating func on<Value>(_ id: AgentID, _ body: (inout FakeOpenCode, SessionID) -> Value) -> Value? {
        let session = session(id)
        let value = at(server(id)) { body(&$0, session) }
        run()
        return value
    }

    @discardableResult
    mutating func obey(_ order: ClientOrder) -> Result<ClientReply, Refusal>? {
        let errand = self.order(order)
        run()
        return reply(to: errand)
    }

    /// Statuses shown since the last time, without what was before.
    func shown(_ id: AgentID, since count: Int) -> [Status] { Array((statuses[id] ?? []).dropFirst(count)) }
    func shownCount(_ id: AgentID) -> Int { statuses[id]?.count ?? 0 }

    /// The end of a script: nothing was wrong, nobody was left without an answer.
    mutating func finish(_ location: SourceLocation = #_sourceLocation) {
        run()
        #expect(problems == [], sourceLocation: location)
        #expect(unanswered == [], sourceLocation: location)
    }
}

/// What must hold after every event.
func breaches(of engine: Engine, _ effects: [Effect], _ now: Now) -> [String] {
    var found: [String] = []
    for (id, request) in engine.herd.requests {
        guard let state = engine.sessions[request.session] else {
            found.append("request \(id) belongs to an unknown session")
            continue
        }
        if state.phase == .idle { found.append("request \(id) belongs to an idle session") }
    }
    for (id, agent) in engine.herd.agents {
        let server = engine.servers[ServerID(agent.project.raw)]
        let mine = engine.herd.requests.values.filter { $0.agent == id }.sorted { ($0.asked, $0.id) < ($1.asked, $1.id) }.map(\.id)
        if agent.requests != mine { found.append("\(id) has requests \(agent.requests), the herd \(mine)") }
        if server?.isLive == true, engine.launches[id] == nil, (agent.status == .waiting) != !mine.isEmpty {
            found.append("\(id) is \(agent.status) with \(mine.count) requests (\(agent.evidence.what))")
        }
        // Shown as one phrase: "starting starting the server" is none.
        let verb = agent.activity.verb.lowercased().filter { $0 != ":" }
        if !verb.isEmpty, agent.activity.target.lowercased().hasPrefix(verb) { found.append("\(id) is shown as “\(agent.activity.text)”") }
        if agent.evidence.what.isEmpty { found.append("\(id) has no evidence for \(agent.status)") }
        if agent.evidence.at > now.wall { found.append("\(id)'s evidence is of the future") }
        if agent.since > now.wall { found.append("\(id) is what it is since the future") }
        switch agent.status {
        case .running, .waiting, .limited, .quiet:
            let isWithinGrace =
                switch server?.machine.phase {
                case .connecting?, .reading?, .reconnecting?: server?.isShownUnknown == false && server?.crash == nil
                default: false
                }
            if server?.isLive != true, !isWithinGrace { found.append("\(id) is \(agent.status) without a live server") }
        default: break
        }
        if let session = agent.session, engine.owners[session] != id { found.append("\(id) does not own its session") }
    }
    for (session, id) in engine.owners where engine.herd.agents[id]?.session != session {
        found.append("\(session) is owned by \(id), which has \(engine.herd.agents[id]?.session?.raw ?? "none")")
    }
    for id in engine.launches.keys where engine.herd.agents[id] == nil { found.append("a launch without its agent \(id)") }
    for (id, prompts) in engine.outbox where !prompts.isEmpty && engine.herd.agents[id] == nil { found.append("prompts of nobody: \(id)") }
    for effect in effects {
        let (id, generation): (ServerID, Int) =
            switch effect {
            case .spawnServer(let id, let generation, _), .stopServer(let id, let generation), .measureServer(let id, let generation),
                .openStream(let id, let generation, _),
                .closeStream(let id, let generation, _), .call(_, let id, let generation, _):
                (id, generation)
            default: (ServerID(""), 0)
            }
        if id.raw != "", let current = engine.servers[id]?.machine.currentGeneration, current != generation {
            found.append("an effect of generation \(generation) at \(current)")
        }
    }
    return found
}
