package import Domain
package import JSON

extension Agent {
    /// With the project and the place spelled out, for those who have no herd to look them up in.
    package func writeRow(in herd: Herd, to writer: inout JSONWriter) {
        writer.beginObject()
        writeRowHead(in: herd, to: &writer)
        writeFacts(to: &writer)
        writer.endObject()
    }

    fileprivate func writeRowHead(in herd: Herd, to writer: inout JSONWriter) {
        let project = herd.projects[project], place = herd.places[place]
        writer.field("id", id)
        writer.field("title", title)
        writer.field("project", project?.name ?? self.project.raw)
        writer.field("projectPath", project?.path)
        writer.object("place") {
            $0.field("id", self.place)
            $0.field("kind", place?.kind.rawValue)
            $0.field("directory", place?.directory)
            $0.field("branch", place?.branch)
        }
    }
}

/// What was written of agents, kept for the next who asks: of a herd of hundreds few have changed since the last.
package final class RowCache {
    private struct Row {
        var text: [UInt8]
        /// Where the members begin that do not depend on the form.
        var facts: Int
    }
    private var rows: [AgentID: Row] = [:]

    package init() {}

    /// Must be told of every agent that changed before anything is written of it; nil: of a project or a place, and so of many.
    package func forget(_ agents: Set<AgentID>?) {
        guard let agents else { return rows.removeAll() }
        for id in agents { rows[id] = nil }
    }

    func row(of id: AgentID, in herd: Herd) -> [UInt8] {
        if let row = rows[id] { return row.text }
        return herd.agents[id].map { write($0, in: herd).text } ?? []
    }

    /// Members of an object, without its brackets.
    func facts(of agent: Agent, in herd: Herd) -> ArraySlice<UInt8> {
        let row = rows[agent.id] ?? write(agent, in: herd)
        return row.text[row.facts..<row.text.count - 1]
    }

    private func write(_ agent: Agent, in herd: Herd) -> Row {
        var writer = JSONWriter(reserving: 1024)
        writer.beginObject()
        agent.writeRowHead(in: herd, to: &writer)
        let head = writer.bytes.count
        agent.writeFacts(to: &writer)
        writer.endObject()
        // Behind the comma. The copy is as long as the text and not as what was reserved.
        let row = Row(text: Array(writer.bytes[...]), facts: head + 1)
        rows[agent.id] = row
        return row
    }
}
