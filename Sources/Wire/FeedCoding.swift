package import Domain
package import JSON

extension FeedEntry: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("number", number)
        writer.field("at", at)
        writer.field("agent", agent)
        writer.field("project", project)
        writer.field("title", title)
        writer.field("kind", kind.rawValue)
        writer.field("text", text)
        writer.field("result", result)
        writer.field("failed", isFailure)
        writer.fieldIfPresent("request", request)
        writer.endObject()
    }

    /// Nil for a kind that a newer drover tells of, too.
    package init?(wire: JSONValue) {
        guard let number = wire.int("number"), let agent: AgentID = wire.id("agent"), let kind: Kind = wire.word("kind") else { return nil }
        self.init(
            number: number, at: wire.time("at") ?? Timestamp(milliseconds: 0), agent: agent, project: wire.id("project") ?? ProjectID(""),
            title: wire.text("title") ?? "", kind: kind, text: wire.text("text") ?? "", result: wire.text("result") ?? "", isFailure: wire.flag("failed"),
            request: wire.id("request"))
    }
}

extension Digest: WireCoded {
    /// What is nothing is left out: most agents did nothing since a person looked.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("since", since)
        if costBefore > 0 { writer.field("costBefore", costBefore) }
        if !files.isEmpty { writer.field("files", files) }
        if !deeds.isEmpty { writer.field("deeds", deeds) }
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        guard let since = wire.time("since") else { return nil }
        self.init(since: since, costBefore: wire.double("costBefore") ?? 0)
        if let deeds = wire["deeds"] { self.deeds = Deeds(wire: deeds) ?? Deeds() }
        files = Array(wire.texts("files").prefix(Self.mostFiles))
    }
}

extension Deeds: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("turns", turns)
        writer.field("failedTurns", failedTurns)
        writer.field("commands", commands)
        writer.field("failedCommands", failedCommands)
        writer.field("tests", tests)
        writer.field("failedTests", failedTests)
        writer.field("edits", edits)
        writer.field("requests", requests)
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        self.init()
        func count(_ name: StaticString) -> Int { max(0, wire.int(name) ?? 0) }
        (turns, failedTurns) = (count("turns"), count("failedTurns"))
        (commands, failedCommands) = (count("commands"), count("failedCommands"))
        (tests, failedTests) = (count("tests"), count("failedTests"))
        (edits, requests) = (count("edits"), count("requests"))
    }
}
