import Domain
import JSON

extension ClientOrder {
    var method: Method {
        switch self {
        case .new: .new
        case .send: .send
        case .unqueue: .unqueue
        case .answer: .answer
        case .stop: .stop
        case .resume: .resume
        case .retry: .retry
        case .archive: .archive
        case .remove: .remove
        case .undo: .undo
        case .rename: .rename
        case .seen: .seen
        case .attach: .attach
        case .transcript: .transcript
        case .diff: .diff
        case .feed: .feed
        case .addProject: .addProject
        case .removeProject: .removeProject
        case .scanProjects: .scanProjects
        case .removePlace: .removePlace
        case .choices: .choices
        case .files: .files
        case .facts: .facts
        case .offers: .offers
        case .trust: .trust
        case .look: .look
        case .wake: .wake
        case .stopServer: .stopServer
        case .shutdown: .shutdown
        }
    }

    func writeParameters(to writer: inout JSONWriter) {
        switch self {
        case .new(let new): new.writeMembers(to: &writer)
        case .send(let agent, let text, let model, let mode):
            writer.field("agent", agent)
            writer.field("text", text)
            writer.fieldIfPresent("model", model)
            writer.fieldIfPresent("mode", mode)
        case .unqueue(let agent, let message):
            writer.field("agent", agent)
            writer.field("message", message)
        case .answer(let request, let answer):
            writer.field("request", request)
            answer.writeMembers(to: &writer)
        case .stop(let agents), .resume(let agents), .retry(let agents), .remove(let agents), .seen(let agents):
            writer.field("agents", agents)
        case .archive(let agents, let archived):
            writer.field("agents", agents)
            writer.field("archived", archived)
        case .undo, .shutdown: break
        case .rename(let agent, let title):
            writer.field("agent", agent)
            writer.field("title", title)
        case .attach(let agent), .transcript(let agent), .diff(let agent): writer.field("agent", agent)
        case .look(let agent): writer.field("agent", agent)
        case .feed(let limit, let follows):
            writer.field("limit", limit)
            writer.field("follow", follows)
        case .addProject(let path), .scanProjects(let path): writer.field("path", path)
        case .removeProject(let project), .choices(let project), .wake(let project): writer.field("project", project)
        case .files(let place, let query):
            place.writeMember(to: &writer)
            writer.field("like", query)
        case .facts(let place, let names):
            place.writeMember(to: &writer)
            writer.field("names", names)
        case .offers(let place): place.writeMember(to: &writer)
        case .removePlace(let place): writer.field("place", place)
        case .trust(let project): writer.field("project", project)
        case .stopServer(let server): writer.field("server", server)
        }
    }

    /// Nil when a parameter that must be there is missing, and for the methods that are no orders.
    init?(_ method: Method, parameters: JSONValue) {
        switch method {
        case .hello, .snapshot, .list, .subscribe, .status, .why: return nil
        case .new:
            guard let new = NewAgent(wire: parameters) else { return nil }
            self = .new(new)
        case .send:
            guard let agent: AgentID = parameters.id("agent"), let text = parameters.text("text") else { return nil }
            self = .send(agent, text: text, model: parameters.text("model"), mode: parameters.text("mode"))
        case .unqueue:
            guard let agent: AgentID = parameters.id("agent"), let message: MessageID = parameters.id("message") else { return nil }
            self = .unqueue(agent, message)
        case .answer:
            guard let request: RequestID = parameters.id("request"), let answer = Answer(wire: parameters) else { return nil }
            self = .answer(request, answer)
        case .undo: self = .undo
        case .shutdown: self = .shutdown
        case .files, .facts, .offers: self.init(ofPrompts: method, parameters)
        case .look: self = .look(parameters.id("agent"))
        case .feed: self = .feed(limit: parameters.int("limit") ?? 1000, follows: parameters.flag("follow"))
        case .stop, .resume, .retry, .archive, .remove, .seen: self.init(ofSeveral: method, parameters)
        case .rename, .attach, .transcript, .diff: self.init(ofOne: method, parameters)
        case .addProject, .removeProject, .scanProjects, .removePlace, .choices, .trust, .wake, .stopServer: self.init(ofPlaces: method, parameters)
        }
    }

    private init?(ofSeveral method: Method, _ parameters: JSONValue) {
        guard parameters["agents"]?.isArray == true else { return nil }
        let agents: [AgentID] = parameters.ids("agents")
        switch method {
        case .stop: self = .stop(agents)
        case .resume: self = .resume(agents)
        case .retry: self = .retry(agents)
        case .archive: self = .archive(agents, parameters["archived"]?.bool ?? true)
        case .remove: self = .remove(agents)
        case .seen: self = .seen(agents)
        default: return nil
        }
    }

    private init?(ofOne method: Method, _ parameters: JSONValue) {
        guard let agent: AgentID = parameters.id("agent") else { return nil }
        switch method {
        case .attach: self = .attach(agent)
        case .transcript: self = .transcript(agent)
        case .diff: self = .diff(agent)
        case .rename:
            guard let title = parameters.text("title") else { return nil }
            self = .rename(agent, title)
        default: return nil
        }
    }

    private init?(ofPrompts method: Method, _ parameters: JSONValue) {
        guard let place = PromptPlace(wire: parameters) else { return nil }
        switch method {
        case .files: self = .files(place, like: parameters.text("like") ?? "")
        case .facts: self = .facts(place, parameters.texts("names"))
        case .offers: self = .offers(place)
        default: return nil
        }
    }

    private init?(ofPlaces method: Method, _ parameters: JSONValue) {
        let path = parameters.text("path"), project: ProjectID? = parameters.id("project")
        switch method {
        case .addProject: if let path { self = .addProject(path: path) } else { return nil }
        case .scanProjects: if let path { self = .scanProjects(path: path) } else { return nil }
        case .removeProject: if let project { self = .removeProject(project) } else { return nil }
        case .choices: if let project { self = .choices(project) } else { return nil }
        case .wake: if let project { self = .wake(project) } else { return nil }
        case .removePlace:
            guard let place: PlaceID = parameters.id("place") else { return nil }
            self = .removePlace(place)
        case .stopServer:
            guard let server: ServerID = parameters.id("server") else { return nil }
            self = .stopServer(server)
        case .trust:
            guard let project: ProjectID = parameters.id("project") else { return nil }
            self = .trust(project)
        default: return nil
        }
    }
}

extension NewAgent {
    func writeMembers(to writer: inout JSONWriter) {
        writer.fieldIfPresent("id", id)
        writer.field("directory", directory)
        writer.fieldIfPresent("kind", kind?.rawValue)
        writer.fieldIfPresent("branch", branch)
        writer.fieldIfPresent("base", base)
        writer.fieldIfPresent("title", title)
        writer.fieldIfPresent("model", model)
        writer.fieldIfPresent("mode", mode)
        writer.field("prompt", prompt)
        writer.field("copiesUncommitted", copiesUncommitted)
    }

    /// Nil also for a kind of place that is not known: a different place than the one asked for would be worse than none.
    init?(wire: JSONValue) {
        guard let directory = wire.text("directory"), let prompt = wire.text("prompt") else { return nil }
        let kind: Place.Kind? = wire.word("kind")
        guard kind != nil || wire.text("kind") == nil else { return nil }
        self.init(
            id: wire.id("id"), directory: directory, kind: kind, branch: wire.text("branch"), base: wire.text("base"), title: wire.text("title"),
            model: wire.text("model"), mode: wire.text("mode"), prompt: prompt, copiesUncommitted: wire.flag("copiesUncommitted"))
    }
}
