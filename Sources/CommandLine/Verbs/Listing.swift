import Domain
import JSON
import Query
import Wire

extension Verb {
    static let list = Verb(
        "ls", "[QUERY…]", count: 0...64, "List agents, those that need you first",
        details: [
            "Without a QUERY all agents that are not archived. Words are looked for in title, project, branch and activity; `key:value` asks for more:\n"
                + Query.keys.map { "  " + Cells.pad($0.example, to: 24) + $0.help }.joined(separator: "\n"),
            "`-` in front of a word or key leaves out what fits, `or` stands between alternatives. A `*` behind a status: nobody has looked since the turn ended.",
        ],
        examples: ["drover ls status:waiting project:api", "drover ls --json is:archived"], options: [.json], run: Listing.list)

    static let show = Verb("show", "AGENT", count: 1...1, "Show all about one agent", options: [.json], completes: .agents, run: Listing.show)

    static let why = Verb(
        "why", "AGENT", count: 1...1, "Show why an agent has the status it has",
        details: ["The evidence: which event, answer or act said so, when, and which server it came from."], options: [.json], completes: .agents,
        run: Listing.why)
}

enum Listing {
    static func list(_ run: Run) throws(Refusal) -> Int32 {
        let query = try Lookup.query(run.arguments.positionals.joined(separator: " "), run)
        if run.wantsJSON, query.namesViews {
            // The daemon does not know a person's views.
            let herd = try run.herd()
            try run.putJSON(AgentRows(query.agents(of: herd, now: run.now), in: herd).json)
            return ExitCode.fine
        }
        if run.wantsJSON {
            try run.putJSON(run.reading { (daemon) throws(Refusal) in try daemon.rows(query) })
            return ExitCode.fine
        }
        let herd = try run.herd()
        let agents = query.agents(of: herd, now: run.now).compactMap { herd.agents[$0] }
        if agents.isEmpty {
            run.warn(query.isEverything ? "there are no agents; `drover new \"…\"` starts one" : "no agent fits \"\(query.text)\"")
        } else {
            try run.print(AgentText.table(agents, in: herd, now: run.now, style: run.style))
        }
        return ExitCode.fine
    }

    static func show(_ run: Run) throws(Refusal) -> Int32 {
        let herd = try run.herd()
        let agent = try Lookup.agent(run.arguments.positionals[0], in: herd)
        if run.wantsJSON {
            try run.printJSON { agent.writeRow(in: herd, to: &$0) }
        } else {
            try run.print(headline(agent, run))
            for line in AgentText.sheet(rows(agent, herd, run), run.style) { try run.print(line) }
        }
        return ExitCode.fine
    }

    static func headline(_ agent: Agent, _ run: Run) -> String {
        let style = run.style
        return [
            style.paint(agent.id.raw, .bold), style.paint(AgentText.status(agent, style), Style.ink(agent.status)),
            Visible.line(agent.title, unicode: style.unicode),
        ].joined(separator: "  ")
    }

    private static func rows(_ agent: Agent, _ herd: Herd, _ run: Run) -> [(name: String, value: String)] {
        let project = herd.projects[agent.project], place = herd.places[agent.place]
        func line(_ parts: String?...) -> String { Visible.line(parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "  ")) }
        var rows: [(String, String)] = [
            ("project", line(project?.name ?? agent.project.raw, project?.path)),
            ("place", line(place?.kind.rawValue, place?.branch, place?.directory, place?.trouble)),
            ("session", line(agent.session?.raw)),
            ("model", line(agent.model, agent.mode)),
            ("now", AgentText.activity(agent, now: run.now, run.style)),
            ("since", "\(agent.since.rfc3339)  \(Style.age(agent.since, now: run.now))"),
            ("error", line(agent.error)),
            ("tokens", tokens(agent)),
            ("cost", Style.money(agent.cost)),
            ("changes", agent.changes.isEmpty ? "" : "+\(agent.changes.additions) -\(agent.changes.deletions) in \(agent.changes.files) files"),
        ]
        rows += agent.requests.map { ("request", line($0.raw, herd.requests[$0]?.title)) }
        rows += agent.queued.map { ("queued", line(Cells.cut($0.text, to: 100))) }
        rows += agent.todos.map { ("todo", line(mark(of: $0), $0.content)) }
        rows += agent.subAgents.map { ("sub-agent", line($0.isBusy ? "busy" : "idle", $0.title, $0.activity.text)) }
        if agent.archived { rows.append(("archived", "yes")) }
        return rows
    }

    private static func tokens(_ agent: Agent) -> String {
        guard agent.tokens.total > 0 else { return "" }
        let tokens = agent.tokens
        let use = agent.contextUse.map { $0.isFinite ? ", context \(Int(max(0, min(10, $0)) * 100)) %" : "" } ?? ""
        return "\(Style.count(tokens.total)) (\(Style.count(tokens.input)) in, \(Style.count(tokens.output)) out, \(Style.count(tokens.reasoning)) reasoning, "
            + "\(Style.count(tokens.cacheRead)) read from and \(Style.count(tokens.cacheWrite)) written to the cache)\(use)"
    }

    private static func mark(of todo: Todo) -> String {
        switch todo.status {
        case "completed": "[x]"
        case "in_progress": "[>]"
        case "cancelled": "[-]"
        default: "[ ]"
        }
    }

    static func why(_ run: Run) throws(Refusal) -> Int32 {
        let agent = try Lookup.agent(run.arguments.positionals[0], in: run.herd())
        let reply = try run.reading { (daemon) throws(Refusal) in try daemon.call(.why(agent.id), timeoutMs: 10_000) }
        guard case .why(let explanation) = reply else {
            throw Refusal(.failed, "the daemon gave a strange answer to \"why\"")
        }
        if run.wantsJSON { try json(explanation, run) } else { try text(explanation, run) }
        return ExitCode.fine
    }

    private static func json(_ explanation: Explanation, _ run: Run) throws(Refusal) {
        let agent = explanation.agent
        try run.printJSON {
            $0.object {
                $0.field("agent", agent.id.raw)
                $0.field("title", agent.title)
                $0.field("status", agent.status.rawValue)
                $0.field("since", agent.since.rfc3339)
                $0.field("activity", agent.activity.text)
                $0.field("error", agent.error)
                $0.key("evidence")
                agent.evidence.write(to: &$0)
                $0.key("server")
                if let server = explanation.server { server.write(to: &$0) } else { $0.null() }
                $0.field("notes", explanation.notes)
            }
        }
    }

    private static func text(_ explanation: Explanation, _ run: Run) throws(Refusal) {
        let agent = explanation.agent, evidence = agent.evidence
        try run.print(headline(agent, run))
        var rows: [(name: String, value: String)] = [
            ("because", Visible.line(evidence.what) + " (" + words(evidence.source) + ")"),
            ("seen", "\(evidence.at.rfc3339)  \(Style.age(evidence.at, now: run.now)) ago"),
            ("since", "\(agent.since.rfc3339)  \(Style.age(agent.since, now: run.now))"),
            ("server", Visible.line(evidence.server)),
            ("now", AgentText.activity(agent, now: run.now, run.style)),
        ]
        if let server = explanation.server {
            let heard = server.heard.map { ", last heard " + Style.age($0, now: run.now) + " ago" } ?? ""
            rows.append(("link", server.state.rawValue + heard + (server.trouble.map { ": " + Visible.line($0) } ?? "")))
        }
        rows += explanation.notes.map { ("also", Visible.line($0)) }
        for line in AgentText.sheet(rows, run.style) { try run.print(line) }
    }

    private static func words(_ source: Evidence.Source) -> String {
        switch source {
        case .event: "an event of the server"
        case .read: "read from the server"
        case .action: "done by drover or a person"
        case .link: "the link or the process"
        }
    }
}
