import Domain
import Query

extension Verb {
    static let plain = Verb(
        "plain", "", "The herd in sentences: for screen readers and simple terminals",
        details: [
            "Says how every agent is, then each change of a status or a request as it comes. Every command can be typed without the word drover in front: "
                + "new \"fix the bug\", requests, answer ID once, show ID, send ID \"go on\"; quit ends it, the agents go on.",
            "`drover --plain` is the same.",
        ],
        run: Plain.run)
}

/// The dashboard for the ear: lines out, lines in.
enum Plain {
    static func run(_ run: Run) throws(Refusal) -> Int32 {
        let herd = try run.herd()
        let agents = Order.attention.sorted(Array(herd.agents.values.filter { !$0.archived }), in: herd)
        let needy = herd.agents.values.count { !$0.archived && $0.status.needsPerson }
        try run.print(
            "drover, \(counted(herd.projects.count, "project")), \(counted(agents.count, "agent")), \(needy == 0 ? "none needs you" : needy == 1 ? "one needs you" : "\(needy) need you")."
        )
        for id in agents { if let agent = herd.agents[id] { try run.print(sentence(agent, herd, run)) } }
        try run.print("Type a command; help lists them, quit ends.")
        try run.flush()
        run.world.beside(["watch", "--sentences"])
        // What takes the whole terminal or becomes another program has no place here.
        var world = run.world
        world.execute = { (program, _, _) in
            Refusal(.refused, "\(Visible.line(program)) takes the whole terminal", remedy: "run this command in another one")
        }
        var parts = run.parts
        parts.dashboard = { _ in ExitCode.fine }
        while let line = run.world.readLine() {
            do throws(Refusal) {
                var words = try ArgumentParser.words(line)
                if words.first == "drover" { words.removeFirst() }
                guard let first = words.first else { continue }
                if ["quit", "exit", "q"].contains(first) { return ExitCode.fine }
                if ["plain", "watch", "record", "replay", "demo", "bench"].contains(first) {
                    throw Refusal(.refused, "\(first) cannot be used here", remedy: "run it in another terminal")
                }
                _ = CommandLineMain.run(arguments: words, world: world, parts: parts)
            } catch {
                run.warn(Visible.block(error.message) + (error.remedy.isEmpty ? "" : "; " + error.remedy))
            }
        }
        return ExitCode.fine
    }

    /// One agent as a person would say it.
    static func sentence(_ agent: Agent, _ herd: Herd, _ run: Run) -> String {
        let project = herd.projects[agent.project].map { " in \($0.name)" } ?? ""
        return Visible.line("\(agent.title)\(project) \(state(agent, herd, run)). (\(agent.id.raw))")
    }

    private static func state(_ agent: Agent, _ herd: Herd, _ run: Run) -> String {
        let now = agent.activity.text
        switch agent.status {
        case .waiting:
            let asked = agent.requests.compactMap { herd.requests[$0] }
            guard let first = asked.first else { return "waits for you" }
            return words(first) + (asked.count > 1 ? ", and \(asked.count - 1) more" : "")
        case .failed: return "has failed: " + (agent.error ?? now).firstLine
        case .done:
            let changes =
                agent.changes.isEmpty
                ? "" : ", \(counted(agent.changes.additions, "line")) added and \(agent.changes.deletions) removed in \(counted(agent.changes.files, "file"))"
            return "is done" + changes + (agent.unseen ? ", new" : "")
        case .limited:
            return "has to wait for its provider" + (agent.retryAt.map { ", until " + TranscriptText.time($0, zoneMinutes: run.world.zoneMinutes($0)) } ?? "")
        case .quiet: return "is busy but has been silent for long"
        case .paused: return "is paused"
        case .stopped: return "is asleep"
        case .unknown: return "is out of reach" + (agent.lastKnown.map { ", it was " + $0.rawValue } ?? "")
        case .running: return "works" + (now.isEmpty ? "" : ": " + now.firstLine)
        case .starting, .provisioning, .moving: return "is " + agent.status.rawValue + (now.isEmpty ? "" : ": " + now.firstLine)
        }
    }

    private static func words(_ request: Request) -> String {
        switch request.kind {
        case .permission(let permission):
            let what = permission.detail.isEmpty ? permission.patterns.first ?? "" : permission.detail
            return "asks for permission, \(permission.name): \(what.firstLine). Answer \(request.id.raw) once, always or reject"
        case .question(let questions):
            guard let question = questions.first else { return "asks you something" }
            let options = question.options.enumerated().map { "\($0.offset + 1) \($0.element.label)" }.joined(separator: ", ")
            return "asks: \(question.text.firstLine)\(options.isEmpty ? "" : " Options: " + options). Answer \(request.id.raw) --option N, or --text"
        }
    }
}
