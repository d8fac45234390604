package import Domain
package import JSON

extension Project: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("id", id)
        writer.field("path", path)
        writer.field("name", name)
        writer.field("branch", branch)
        writer.field("remote", remote)
        writer.field("repository", isRepository)
        writer.field("added", added)
        writer.field("trouble", trouble)
        writer.endObject()
    }

    /// The identifier follows from the path.
    package init?(wire: JSONValue) {
        guard let path = wire.text("path") else { return nil }
        self.init(
            path: path, name: wire.text("name"), branch: wire.text("branch"), remote: wire.text("remote"), isRepository: wire.flag("repository"),
            added: wire.time("added") ?? Timestamp(milliseconds: 0), trouble: wire.text("trouble"))
    }
}

extension Place: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("id", id)
        writer.field("project", project)
        writer.field("kind", kind.rawValue)
        writer.field("directory", directory)
        writer.field("branch", branch)
        writer.field("base", base)
        writer.field("ours", isOurs)
        writer.field("trouble", trouble)
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        guard let id: PlaceID = wire.id("id") else { return nil }
        self.init(
            id: id, project: wire.id("project") ?? ProjectID(""), kind: wire.word("kind") ?? .folder, directory: wire.text("directory") ?? "",
            branch: wire.text("branch"), base: wire.text("base"), isOurs: wire.flag("ours"), trouble: wire.text("trouble"))
    }
}

extension Server: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("id", id)
        writer.field("project", project)
        writer.field("state", state.rawValue)
        writer.field("pid", pid)
        writer.field("url", url)
        writer.field("version", version)
        writer.field("memory", memory)
        writer.field("cpu", cpu)
        writer.field("sessions", sessions)
        writer.field("restarts", restarts)
        writer.fieldIfPresent("trouble", trouble)
        writer.fieldIfPresent("retryAt", retryAt)
        writer.fieldIfPresent("heard", heard)
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        guard let id: ServerID = wire.id("id") else { return nil }
        self.init(id: id, project: wire.id("project") ?? ProjectID(id.raw), state: wire.word("state") ?? .down)
        pid = wire.int("pid")
        url = wire.text("url")
        version = wire.text("version")
        memory = wire.int("memory") ?? 0
        cpu = wire.double("cpu") ?? 0
        sessions = wire.int("sessions") ?? 0
        restarts = wire.int("restarts") ?? 0
        trouble = wire.text("trouble")
        retryAt = wire.time("retryAt")
        heard = wire.time("heard")
    }
}
