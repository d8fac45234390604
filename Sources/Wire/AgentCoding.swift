package import Domain
package import JSON

extension Agent: WireCoded {
    package func write(to writer: inout JSONWriter) { write(to: &writer) { writeFacts(to: &$0) } }

    func write(to writer: inout JSONWriter, facts: (inout JSONWriter) -> Void) {
        writer.beginObject()
        writer.field("id", id)
        writer.field("title", title)
        writer.field("project", project)
        writer.field("place", place)
        facts(&writer)
        writer.endObject()
    }

    /// All members but the identity, the title, the project and the place: a row has these behind a head of its own.
    func writeFacts(to writer: inout JSONWriter) {
        writer.field("status", status.rawValue)
        writer.field("since", since)
        writer.field("activity", activity.text)
        writer.field("verb", activity.verb)
        writer.field("requests", requests)
        writer.field("unseen", unseen)
        writer.field("tokens", tokens)
        writer.field("cost", cost)
        writer.field("model", model)
        writer.field("mode", mode)
        writer.field("created", created)
        writer.field("updated", updated)
        writer.field("session", session)
        writer.field("parent", parent)
        writer.field("error", error)
        writer.field("retryAt", retryAt)
        writer.field("contextUse", contextUse)
        writer.field("changes", changes)
        writer.field("todos", todos)
        writer.field("subAgents", subAgents)
        writer.field("queued", queued)
        writer.field("archived", archived)
        writer.field("evidence", evidence)
        writer.field("digest", digest)
    }

    package init?(wire: JSONValue) {
        guard let id: AgentID = wire.id("id") else { return nil }
        let since = wire.time("since") ?? Timestamp(milliseconds: 0)
        self.init(
            id: id, project: wire.id("project") ?? ProjectID(""), place: wire.id("place") ?? PlaceID(""), session: wire.id("session"),
            title: wire.text("title") ?? "", status: wire.word("status") ?? .unknown, at: since,
            evidence: wire.one("evidence") ?? Evidence(.read, "", at: since))
        parent = wire.id("parent")
        activity = Activity(text: wire.text("activity") ?? "", verb: wire.text("verb") ?? "")
        retryAt = wire.time("retryAt")
        requests = wire.ids("requests")
        unseen = wire.flag("unseen")
        tokens = wire.one("tokens") ?? Tokens()
        cost = wire.double("cost") ?? 0
        contextUse = wire.double("contextUse")
        model = wire.text("model")
        mode = wire.text("mode")
        changes = wire.one("changes") ?? Changes()
        todos = wire.many("todos")
        subAgents = wire.many("subAgents")
        queued = wire.many("queued")
        error = wire.text("error")
        created = wire.time("created") ?? since
        updated = wire.time("updated") ?? since
        archived = wire.flag("archived")
        digest = wire.one("digest") ?? Digest(since: created, costBefore: cost)
    }
}

extension Activity {
    /// The other way round of `text`: what follows the verb is the target.
    init(text: String, verb: String) {
        guard !verb.isEmpty, text.utf8.starts(with: verb.utf8) else {
            self.init(verb: verb, target: text)
            return
        }
        let rest = text.utf8.dropFirst(verb.utf8.count)
        self.init(verb: verb, target: String(rest.first == UInt8(ascii: " ") ? rest.dropFirst() : rest) ?? "")
    }
}

extension Tokens: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("input", input)
        writer.field("output", output)
        writer.field("reasoning", reasoning)
        writer.field("cacheRead", cacheRead)
        writer.field("cacheWrite", cacheWrite)
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        self.init(
            input: wire.int("input") ?? 0, output: wire.int("output") ?? 0, reasoning: wire.int("reasoning") ?? 0,
            cacheRead: wire.int("cacheRead") ?? 0, cacheWrite: wire.int("cacheWrite") ?? 0)
    }
}

extension Changes: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("files", files)
        writer.field("additions", additions)
        writer.field("deletions", deletions)
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        self.init(files: wire.int("files") ?? 0, additions: wire.int("additions") ?? 0, deletions: wire.int("deletions") ?? 0)
    }
}

extension Evidence: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("source", source.rawValue)
        writer.field("what", what)
        writer.field("at", at)
        writer.field("server", server)
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        self.init(
            wire.word("source") ?? .read, wire.text("what") ?? "", at: wire.time("at") ?? Timestamp(milliseconds: 0),
            server: wire.text("server") ?? "")
    }
}

extension Todo: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("content", content)
        writer.field("status", status)
        writer.field("priority", priority)
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        self.init(content: wire.text("content") ?? "", status: wire.text("status") ?? "", priority: wire.text("priority") ?? "")
    }
}

extension SubAgent: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("session", session)
        writer.field("parent", parent)
        writer.field("title", title)
        writer.field("busy", isBusy)
        writer.field("activity", activity.text)
        writer.field("verb", activity.verb)
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        guard let session: SessionID = wire.id("session") else { return nil }
        self.init(
            session: session, parent: wire.id("parent") ?? SessionID(""), title: wire.text("title") ?? "", isBusy: wire.flag("busy"),
            activity: Activity(text: wire.text("activity") ?? "", verb: wire.text("verb") ?? ""))
    }
}

extension QueuedPrompt: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("message", message)
        writer.field("text", text)
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        guard let message: MessageID = wire.id("message") else { return nil }
        self.init(message: message, text: wire.text("text") ?? "")
    }
}
