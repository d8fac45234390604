import Domain
import JSON

/// Every result is an object whose `kind` says what else is in it: a reply can be read without its request.
extension DaemonReply {
    func write(to writer: inout JSONWriter, _ kept: RowCache?) {
        writer.beginObject()
        switch self {
        case .welcome(let welcome):
            writer.field("kind", "welcome")
            writer.field("pid", welcome.pid)
            writer.field("version", welcome.version)
            writer.field("protocol", welcome.protocolVersion)
        case .herd(let herd):
            writer.field("kind", "herd")
            herd.writeMembers(to: &writer, kept)
        case .rows(let rows):
            writer.field("kind", "rows")
            writer.key("agents")
            rows.write(to: &writer, kept)
        case .status(let status):
            writer.field("kind", "status")
            status.writeMembers(to: &writer)
        case .why(let explanation):
            writer.field("kind", "why")
            explanation.writeMembers(to: &writer)
        case .client(let reply): reply.writeMembers(to: &writer)
        }
        writer.endObject()
    }

    /// Nil for a kind that is not known.
    init?(wire: JSONValue) {
        switch wire.text("kind") {
        case "welcome":
            guard let version = wire.int("protocol") else { return nil }
            self = .welcome(Welcome(pid: wire.int("pid") ?? 0, version: wire.text("version") ?? "?", protocolVersion: version))
        case "herd":
            guard let herd = Herd(wire: wire) else { return nil }
            self = .herd(herd)
        case "rows":
            guard let agents = wire["agents"], agents.isArray else { return nil }
            self = .rows(AgentRows(text: agents.serialized()[...]))
        case "status":
            guard let status = DaemonStatus(wire: wire) else { return nil }
            self = .status(status)
        case "why":
            guard let explanation = Explanation(wire: wire) else { return nil }
            self = .why(explanation)
        default:
            guard let reply = ClientReply(wire: wire) else { return nil }
            self = .client(reply)
        }
    }
}

extension ClientReply {
    func writeMembers(to writer: inout JSONWriter) {
        func kind(_ name: String) { writer.field("kind", name) }
        switch self {
        case .done: kind("done")
        case .agent(let agent):
            kind("agent")
            writer.field("agent", agent)
        case .agents(let agents):
            kind("agents")
            writer.field("agents", agents)
        case .project(let project):
            kind("project")
            writer.field("project", project)
        case .projects(let projects):
            kind("projects")
            writer.field("projects", projects)
        case .place(let place):
            kind("place")
            writer.field("place", place)
        case .transcript(let items):
            kind("transcript")
            writer.field("items", items)
        case .diff(let changes):
            kind("diff")
            writer.field("changes", changes)
        case .feed(let entries):
            kind("feed")
            writer.field("entries", entries)
        case .attach(let url, let directory, let session, let password):
            kind("attach")
            writer.field("url", url)
            writer.field("directory", directory)
            writer.field("session", session)
            writer.field("password", password)
        case .choices(let models, let fallback, let modes, let commands, let branches):
            kind("choices")
            writer.field("models", models)
            writer.fieldIfPresent("fallback", fallback)
            writer.field("modes", modes)
            writer.field("commands", commands)
            writer.field("branches", branches)
        case .files(let names):
            kind("files")
            writer.field("names", names)
        case .facts(let facts):
            kind("facts")
            writer.field("facts", facts)
        case .offers(let commands, let agents):
            kind("offers")
            writer.field("commands", commands)
            writer.field("agents", agents)
        case .words(let words):
            kind("words")
            writer.field("words", words)
        }
    }

    init?(wire: JSONValue) {
        switch wire.text("kind") {
        case "done": self = .done
        case "agent":
            guard let agent: Agent = wire.one("agent") else { return nil }
            self = .agent(agent)
        case "agents": self = .agents(wire.many("agents"))
        case "project":
            guard let project: Project = wire.one("project") else { return nil }
            self = .project(project)
        case "projects": self = .projects(wire.many("projects"))
        case "place":
            guard let place: Place = wire.one("place") else { return nil }
            self = .place(place)
        case "transcript": self = .transcript(wire.many("items"))
        case "diff": self = .diff(wire.many("changes"))
        case "feed": self = .feed(wire.many("entries"))
        case "attach":
            guard let url = wire.text("url"), let session: SessionID = wire.id("session") else { return nil }
            self = .attach(url: url, directory: wire.text("directory") ?? "", session: session, password: wire.text("password") ?? "")
        case "choices":
            self = .choices(
                models: wire.many("models"), fallback: wire.text("fallback"), modes: wire.texts("modes"), commands: wire.texts("commands"),
                branches: wire.texts("branches"))
        case "files": self = .files(wire.texts("names"))
        case "facts": self = .facts(wire.many("facts"))
        case "offers": self = .offers(commands: wire.many("commands"), agents: wire.texts("agents"))
        case "words": self = .words(wire.text("words") ?? "")
        default: return nil
        }
    }
}

extension Explanation {
    func writeMembers(to writer: inout JSONWriter) {
        writer.field("agent", agent)
        writer.fieldIfPresent("place", place)
        writer.fieldIfPresent("server", server)
        writer.field("notes", notes)
    }

    init?(wire: JSONValue) {
        guard let agent: Agent = wire.one("agent") else { return nil }
        self.init(agent: agent, place: wire.one("place"), server: wire.one("server"), notes: wire.texts("notes"))
    }
}

extension Refusal {
    /// JSON-RPC's error object. The codes of JSON-RPC stand for what they say; the others are -32000 less the exit code.
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("code", reason == .usage ? WireError.Code.invalidParameters.rawValue : -32000 - Int(exitCode))
            $0.field("message", message)
            $0.object("data") {
                $0.field("reason", reason.rawValue)
                $0.field("remedy", remedy)
            }
        }
    }

    init(wire: JSONValue) {
        let data = wire["data"]
        let reason: Reason? = data?.word("reason")
        self.init(reason ?? .failed, wire.text("message") ?? "the daemon gave no reason", remedy: data?.text("remedy") ?? "")
    }
}
