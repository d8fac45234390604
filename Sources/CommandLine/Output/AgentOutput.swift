import Domain
import JSON
import Wire

/// The objects that `--json` prints. docs/protocol.md lists their members; other programs rely on them.
enum AgentJSON {
    static func write(_ request: Request, to writer: inout JSONWriter) {
        writer.object {
            $0.field("id", request.id.raw)
            $0.field("agent", request.agent?.raw)
            $0.field("session", request.session.raw)
            switch request.kind {
            case .permission(let permission):
                $0.field("kind", "permission")
                $0.field("title", request.title)
                $0.field("detail", permission.detail)
                $0.field("patterns", permission.patterns)
                $0.field("options", ["once", "always", "reject"])
                $0.field("permission", permission.name)
                $0.field("always", permission.always)
                $0.field("diff", permission.diff)
            case .question(let questions):
                $0.field("kind", "question")
                $0.field("title", request.title)
                $0.field("detail", questions.map(\.text).joined(separator: "\n"))
                $0.field("patterns", [String]())
                $0.field("options", questions.first?.options.map(\.label) ?? [])
                $0.key("questions")
                $0.array { for question in questions { question.write(to: &$0) } }
            }
            $0.field("asked", request.asked.rfc3339)
        }
    }
}

/// The tables and sheets for people.
enum AgentText {
    static func table(_ agents: [Agent], in herd: Herd, now: Timestamp, style: Style) -> Table {
        var table = Table([
            .init(title: "ID"), .init(title: "STATUS"), .init(title: "TITLE", limit: 44), .init(title: "PROJECT", limit: 20), .init(title: "PLACE", limit: 28),
            .init(title: "SINCE", isNumber: true), .init(title: "COST", isNumber: true), .init(title: "ACTIVITY"),
        ])
        for agent in agents {
            let place = herd.places[agent.place]
            table.add([
                .init(agent.id.raw, .bold), .init(status(agent, style), Style.ink(agent.status)), .init(Visible.line(agent.title, unicode: style.unicode)),
                .init(Visible.line(herd.projects[agent.project]?.name ?? agent.project.raw)),
                .init(place.map { Visible.line(($0.kind == .folder ? nil : $0.branch) ?? $0.kind.rawValue) } ?? ""),
                .init(Style.age(agent.since, now: now)), .init(Style.money(agent.cost)),
                .init(activity(agent, now: now, style), agent.status == .failed ? .red : nil),
            ])
        }
        return table
    }

    static func status(_ agent: Agent, _ style: Style) -> String {
        "\(style.glyph(agent.status)) \(agent.status.rawValue)\(agent.unseen && !agent.status.isWorking ? " *" : "")"
    }

    /// What the agent does, or why it does nothing.
    static func activity(_ agent: Agent, now: Timestamp, _ style: Style) -> String {
        let text =
            switch agent.status {
            case .failed: agent.error ?? agent.activity.text
            case .limited: agent.activity.text + (agent.retryAt.map { ", again in " + Style.age(now, now: $0) } ?? "")
            default: agent.activity.text
            }
        return Visible.line(text, unicode: style.unicode)
    }

    /// A sheet of names and values, the names in one column.
    static func sheet(_ rows: [(name: String, value: String)], _ style: Style) -> [String] {
        let shown = rows.filter { !$0.value.isEmpty }
        let width = shown.map { Cells.width(of: $0.name) }.max() ?? 0
        return shown.map { style.paint(Cells.pad($0.name, to: width), .dim) + "  " + $0.value }
    }
}
