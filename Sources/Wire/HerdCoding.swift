package import Domain
package import JSON

extension Herd: WireCoded {
    /// Everything is written in the order of the identifiers, so that equal herds have equal bytes.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writeMembers(to: &writer, nil)
        writer.endObject()
    }

    func writeMembers(to writer: inout JSONWriter, _ kept: RowCache?) {
        Self.write("projects", projects, to: &writer)
        Self.write("places", places, to: &writer)
        Self.write("servers", servers, to: &writer)
        if let kept {
            writer.key("agents")
            writer.beginArray()
            for id in agents.keys.sorted() {
                if let agent = agents[id] { agent.write(to: &writer) { $0.raw(kept.facts(of: agent, in: self)) } }
            }
            writer.endArray()
        } else {
            Self.write("agents", agents, to: &writer)
        }
        Self.write("requests", requests, to: &writer)
        writer.field("today", today)
        writer.field("notices", notices)
    }

    /// The keys are sorted and not the values: an agent is large to move.
    private static func write<Subject, Value: WireCoded>(_ name: StaticString, _ values: [Identifier<Subject>: Value], to writer: inout JSONWriter) {
        writer.key(name)
        writer.beginArray()
        for id in values.keys.sorted() { values[id]?.write(to: &writer) }
        writer.endArray()
    }

    package init?(wire: JSONValue) {
        guard wire.isObject else { return nil }
        self.init()
        Self.read("projects", wire, into: &projects) { $0.id }
        Self.read("places", wire, into: &places) { $0.id }
        Self.read("servers", wire, into: &servers) { $0.id }
        Self.read("agents", wire, into: &agents) { $0.id }
        Self.read("requests", wire, into: &requests) { $0.id }
        today = wire.one("today") ?? DayTotal()
        notices = wire.many("notices")
    }

    private static func read<Subject, Value: WireCoded>(
        _ name: StaticString, _ wire: JSONValue, into values: inout [Identifier<Subject>: Value], id: (Value) -> Identifier<Subject>
    ) {
        guard let list = wire[name] else { return }
        values.reserveCapacity(list.count)
        for element in list.elements {
            if let value = Value(wire: element) { values[id(value)] = value }
        }
    }
}

extension HerdChange: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.fieldIfAny("projects", projects)
        writer.fieldIfAny("places", places)
        writer.fieldIfAny("servers", servers)
        writer.fieldIfAny("agents", agents)
        writer.fieldIfAny("requests", requests)
        writer.fieldIfAny("removedProjects", removedProjects)
        writer.fieldIfAny("removedPlaces", removedPlaces)
        writer.fieldIfAny("removedServers", removedServers)
        writer.fieldIfAny("removedAgents", removedAgents)
        writer.fieldIfAny("removedRequests", removedRequests)
        writer.fieldIfPresent("today", today)
        writer.fieldIfAny("notices", notices)
        writer.fieldIfAny("feed", feed)
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        guard wire.isObject else { return nil }
        self.init()
        projects = wire.many("projects")
        places = wire.many("places")
        servers = wire.many("servers")
        agents = wire.many("agents")
        requests = wire.many("requests")
        removedProjects = wire.ids("removedProjects")
        removedPlaces = wire.ids("removedPlaces")
        removedServers = wire.ids("removedServers")
        removedAgents = wire.ids("removedAgents")
        removedRequests = wire.ids("removedRequests")
        today = wire.one("today")
        notices = wire.many("notices")
        feed = wire.many("feed")
    }
}

extension DayTotal: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("day", day)
        writer.field("cost", cost)
        writer.field("tokens", tokens)
        writer.key("byProject")
        writer.beginObject()
        for (project, cost) in byProject.sorted(by: { $0.key < $1.key }) { writer.field(named: project.raw, cost) }
        writer.endObject()
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        guard wire.isObject else { return nil }
        self.init(day: wire.text("day") ?? "", cost: wire.double("cost") ?? 0, tokens: wire.one("tokens") ?? Tokens())
        for (project, cost) in wire["byProject"].map({ Array($0.members) }) ?? [] { byProject[ProjectID(project)] = cost.double ?? 0 }
    }
}

extension Notice: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("id", id)
        writer.field("level", level.rawValue)
        writer.field("text", text)
        writer.field("remedy", remedy)
        writer.fieldIfPresent("agent", agent)
        writer.field("at", at)
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        guard wire.isObject else { return nil }
        self.init(
            id: wire.int("id") ?? 0, level: wire.word("level") ?? .info, text: wire.text("text") ?? "", remedy: wire.text("remedy") ?? "",
            agent: wire.id("agent"), at: wire.time("at") ?? Timestamp(milliseconds: 0))
    }
}
