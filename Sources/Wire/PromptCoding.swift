import Domain
package import JSON

extension PromptPlace {
    func writeMember(to writer: inout JSONWriter) {
        switch self {
        case .agent(let id): writer.field("agent", id)
        case .project(let id): writer.field("project", id)
        }
    }

    init?(wire: JSONValue) {
        if let agent: AgentID = wire.id("agent") {
            self = .agent(agent)
        } else if let project: ProjectID = wire.id("project") {
            self = .project(project)
        } else {
            return nil
        }
    }
}

extension CommandInfo: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("name", name)
        writer.field("description", description)
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        guard let name = wire.text("name") else { return nil }
        self.init(name: name, description: wire.text("description") ?? "")
    }
}

extension FileFact: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("name", name)
        writer.field("path", path)
        writer.field("kind", kind.rawValue)
        writer.field("mime", mime)
        writer.field("size", size)
        writer.fieldIfPresent("trouble", trouble)
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        guard let name = wire.text("name") else { return nil }
        self.init(
            name: name, path: wire.text("path") ?? name, kind: wire.word("kind") ?? .file, mime: wire.text("mime") ?? "text/plain",
            size: wire.int("size") ?? 0, trouble: wire.text("trouble"))
    }
}
