package import Domain
package import JSON

extension Herd: WireCoded {
    /// Everything is written in the order of the identifiers, so that equal herds have equal bytes.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writeMembers(to: &writer)
        writer.endObject()
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.field("projects", Self.sorted(projects))
        writer.field("places", Self.sorted(places))
        writer.field("servers", Self.sorted(servers))
        writer.field("agents", Self.sorted(agents))
        writer.field("requests", Self.sorted(requests))
        writer.field("today", today)
        writer.field("notices", notices)
    }

    private static func sorted<Subject, Value>(_ values: [Identifier<Subject>: Value]) -> [Value] {
        values.sorted { $0.key < $1.key }.map(\.value)
    }

    package init?(wire: JSONValue) {
        guard wire.isObject else { return nil }
        self.init()
        for one: Project in wire.many("projects") { projects[one.id] = one }
        for one: Place in wire.many("places") { places[one.id] = one }
        for one: Server in wire.many("servers") { servers[one.id] = one }
        for one: Agent in wire.many("agents") { agents[one.id] = one }
        for one: Request in wire.many("requests") { requests[one.id] = one }
        today = wire.one("today") ?? DayTotal()
        notices = wire.many("notices")
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
