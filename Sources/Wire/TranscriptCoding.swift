package import Domain
package import JSON

extension TranscriptItem: WireCoded {
    /// `drover log --json` prints the same. Nothing in it changes while nothing happens.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("id", id)
        writer.field("at", at)
        writer.field("kind", kind.rawValue)
        writer.field("text", text)
        writer.fieldIfPresent("tool", tool)
        writer.field("session", session)
        writer.fieldIfPresent("message", message)
        writer.field("open", isOpen)
        writer.field("depth", depth)
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        guard let id = wire.text("id") else { return nil }
        self.init(
            id: id, session: wire.id("session") ?? SessionID(""), message: wire.id("message"), at: wire.time("at") ?? Timestamp(milliseconds: 0),
            kind: wire.word("kind") ?? .note, text: wire.text("text") ?? "", tool: wire.one("tool"), isOpen: wire.flag("open"),
            depth: wire.int("depth") ?? 0)
    }
}

extension ToolUse: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("name", name)
        writer.field("call", callID)
        writer.field("state", state.rawValue)
        writer.field("target", target)
        writer.field("result", result)
        writer.fieldIfPresent("changes", changes)
        writer.fieldIfPresent("diff", diff)
        writer.fieldIfPresent("started", started)
        writer.fieldIfPresent("ended", ended)
        writer.fieldIfPresent("child", child)
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        guard wire.isObject else { return nil }
        self.init(
            name: wire.text("name") ?? "", callID: wire.text("call") ?? "", state: wire.word("state") ?? .pending, target: wire.text("target") ?? "",
            result: wire.text("result") ?? "", changes: wire.one("changes"), diff: wire.text("diff"), started: wire.time("started"),
            ended: wire.time("ended"), child: wire.id("child"))
    }
}

extension TranscriptChange: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        switch self {
        case .reset(let items): writer.field("reset", items)
        case .put(let item): writer.field("put", item)
        case .append(let id, let text):
            writer.field("append", id)
            writer.field("text", text)
        case .remove(let id): writer.field("remove", id)
        }
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        if let item: TranscriptItem = wire.one("put") {
            self = .put(item)
        } else if let id = wire.text("append") {
            self = .append(id: id, text: wire.text("text") ?? "")
        } else if let id = wire.text("remove") {
            self = .remove(id: id)
        } else if wire["reset"] != nil {
            self = .reset(wire.many("reset"))
        } else {
            return nil
        }
    }
}

extension FileChange: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("file", file)
        writer.field("patch", patch)
        writer.field("additions", additions)
        writer.field("deletions", deletions)
        writer.field("status", status)
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        guard let file = wire.text("file") else { return nil }
        self.init(
            file: file, patch: wire.text("patch") ?? "", additions: wire.int("additions") ?? 0, deletions: wire.int("deletions") ?? 0,
            status: wire.text("status") ?? "modified")
    }
}

extension ModelInfo: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("id", id)
        writer.field("name", name)
        writer.field("context", context)
        writer.fieldIfPresent("images", seesImages)
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        guard let id = wire.text("id") else { return nil }
        self.init(id: id, name: wire.text("name") ?? id, context: wire.int("context") ?? 0, seesImages: wire["images"]?.bool)
    }
}
