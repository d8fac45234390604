import Config
import Domain
import Query

/// Finds what a person named: an id, or the beginning of one that fits only one.
enum Lookup {
    static func agent(_ name: String, in herd: Herd) throws(Refusal) -> Agent {
        if let agent = herd.agents[AgentID(name)] { return agent }
        return try only(
            herd.agents.values.filter { begins($0.id.raw, name) }, "agent", name, see: "`drover ls`"
        ) { "\($0.id) (\(Visible.line(Cells.cut($0.title, to: 40))))" }
    }

    /// Ids, beginnings of ids, or a query such as `status:done`.
    static func agents(_ names: [String], in herd: Herd, _ run: Run) throws(Refusal) -> [Agent] {
        var found: [Agent] = []
        var seen: Set<AgentID> = []
        for name in names {
            let meant = name.contains(":") ? try select(name, in: herd, run) : [try agent(name, in: herd)]
            for agent in meant where seen.insert(agent.id).inserted { found.append(agent) }
        }
        return found
    }

    private static func select(_ text: String, in herd: Herd, _ run: Run) throws(Refusal) -> [Agent] {
        let agents = try query(text, run).select(from: herd, now: run.now).compactMap { herd.agents[$0] }
        guard !agents.isEmpty else { throw Refusal(.notFound, "no agent fits \"\(text)\"", remedy: "`drover ls` lists them") }
        return agents
    }

    static func query(_ text: String, _ run: Run) throws(Refusal) -> Query {
        // The configuration is read for those who name a view, and for nobody else.
        let views = text.lowercased().contains("view:") ? Config.load(person: run.world.directories.configuration).settings.views : [:]
        do throws(QueryError) {
            return try Query(text, views: views)
        } catch {
            throw Refusal(.usage, error.sentence, remedy: "for example: " + Query.keys.prefix(4).map(\.example).joined(separator: " "))
        }
    }

    /// A request by its id, or the only one of an agent.
    static func request(_ name: String, in herd: Herd) throws(Refusal) -> Request {
        if let request = herd.requests[RequestID(name)] { return request }
        // OpenCode's ids begin with the kind; a person may begin behind it.
        let fitting = herd.requests.values.filter { begins($0.id.raw, name) || begins(String($0.id.raw.drop { $0 != "_" }.dropFirst()), name) }
        if fitting.isEmpty, let agent = try? agent(name, in: herd) { return try request(of: agent, in: herd) }
        return try only(fitting, "request", name, see: "`drover requests`") { "\($0.id) (\(Visible.line(Cells.cut($0.title, to: 40))))" }
    }

    private static func request(of agent: Agent, in herd: Herd) throws(Refusal) -> Request {
        let requests = agent.requests.compactMap { herd.requests[$0] }
        guard let first = requests.first else {
            throw Refusal(.notFound, "\(agent.id) asks nothing", remedy: "`drover requests` lists what is asked")
        }
        guard requests.count == 1 else {
            throw Refusal(
                .usage, "\(agent.id) asks \(requests.count) things: \(requests.map { "\($0.id) (\(Visible.line($0.title)))" }.joined(separator: ", "))",
                remedy: "name one of them")
        }
        return first
    }

    /// The only one there is.
    static func onlyRequest(in herd: Herd) throws(Refusal) -> Request {
        guard let first = herd.requests.values.first else { throw Refusal(.notFound, "nothing is asked") }
        guard herd.requests.count == 1 else {
            throw Refusal(.usage, "\(herd.requests.count) requests are pending", remedy: "name one of them; `drover requests` lists them")
        }
        return first
    }

    /// By id, name, or path.
    static func project(_ name: String, in herd: Herd, realPath: String?) throws(Refusal) -> Project {
        if let path = realPath, let project = herd.projects.values.first(where: { $0.path == path }) { return project }
        let named = herd.projects.values.filter { $0.name == name }
        let fitting = named.isEmpty ? herd.projects.values.filter { begins($0.id.raw, name) } : named
        return try only(fitting, "project", name, see: "`drover project ls`") { "\($0.id) (\(Visible.line($0.path)))" }
    }

    static func place(_ name: String, in herd: Herd) throws(Refusal) -> Place {
        if let place = herd.places[PlaceID(name)] { return place }
        return try only(herd.places.values.filter { begins($0.id.raw, name) }, "place", name, see: "`drover place ls`") {
            "\($0.id) (\(Visible.line($0.directory)))"
        }
    }

    private static func begins(_ id: String, _ name: String) -> Bool { !name.isEmpty && id.utf8.starts(with: name.utf8) }

    private static func only<Value>(
        _ fitting: [Value], _ kind: String, _ name: String, see list: String, _ describe: (Value) -> String
    ) throws(Refusal) -> Value {
        guard let first = fitting.first else { throw Refusal(.notFound, "there is no \(kind) \"\(name)\"", remedy: list + " lists them") }
        guard fitting.count == 1 else {
            let candidates = fitting.map(describe).sorted().prefix(8).joined(separator: ", ")
            throw Refusal(.usage, "\"\(name)\" could be \(fitting.count) \(kind)s: \(candidates)", remedy: "type more of the id")
        }
        return first
    }
}
