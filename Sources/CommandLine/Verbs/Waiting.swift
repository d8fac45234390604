import Domain
import JSON
import Wire

extension Verb {
    static let wait = Verb(
        "wait", "AGENT…", count: 1...256, "Wait until agents have come to an end",
        details: [
            "Without --until it waits until none of them is provisioning, starting, running, limited, quiet or moving. The exit code then tells how it went: "
                + "4 when one waits for a person, 1 when one failed, 6 when one is out of reach, else 0.",
            "With --until it waits until each has one of the statuses named: \(Status.allCases.map(\.rawValue).joined(separator: ", ")). When --timeout comes first the exit code is 7.",
            Working.several,
        ],
        examples: ["drover wait k3f && drover diff k3f", "drover wait project:api --until done,failed --timeout 600"],
        options: [
            Option("until", short: "u", value: "STATUS,…", "The statuses to wait for", completes: .words(Status.allCases.map(\.rawValue))),
            Option("timeout", short: "t", value: "SECONDS", "Give up after so long"), .json,
        ], completes: .agents, run: Waiting.wait)

    static let watch = Verb(
        "watch", "[QUERY…]", count: 0...64, "Print each change of each agent",
        details: ["A line for every change of a status, an activity, a request, a title or an error, until you press Ctrl-C. With --json one object a line."],
        options: [
            Option("initial", short: "i", "First a line for each agent as it is now"),
            Option("sentences", "In words, as a person would say it, and only what is worth saying"), .json,
        ], run: Waiting.watch)
}

enum Waiting {
    /// Feeds the herd to `decide`, at first and after each change, until it gives a result; nil at the deadline.
    private static func follow<Result>(
        _ run: Run, until deadline: Int64?, _ decide: (Herd, HerdChange?) throws(Refusal) -> Result?
    ) throws(Refusal) -> Result? {
        var herd: Herd?
        while true {
            let daemon = try run.daemon()
            do throws(Refusal) {
                return try follow(daemon, until: deadline, &herd, decide)
            } catch {
                // A crash is passed over; when a person stopped the daemon, nothing is left to follow.
                guard daemon.farewell != .stopped else { throw error }
                try run.goOn(after: error, on: daemon)
            }
        }
    }

    private static func follow<Result>(
        _ daemon: any DaemonConnection, until deadline: Int64?, _ herd: inout Herd?, _ decide: (Herd, HerdChange?) throws(Refusal) -> Result?
    ) throws(Refusal) -> Result? {
        _ = try daemon.call(.subscribe(.fast), timeoutMs: 10_000)
        var isFed = false
        while let message = try daemon.next(untilMs: deadline) {
            switch message {
            case .snapshot(let whole):
                let before = herd
                herd = whole
                isFed = true
                // After a gap everything that differs counts as changed.
                if let result = try decide(whole, before.map { change(from: $0, to: whole) }) { return result }
            case .herd(let change):
                guard isFed else { continue }
                herd?.apply(change)
                if let herd, let result = try decide(herd, change) { return result }
            default: continue
            }
        }
        return nil
    }

    private static func change(from old: Herd, to new: Herd) -> HerdChange {
        var change = HerdChange()
        change.agents = new.agents.values.filter { old.agents[$0.id] != $0 }.sorted { $0.id < $1.id }
        change.removedAgents = old.agents.keys.filter { new.agents[$0] == nil }.sorted()
        return change
    }

    // MARK: wait

    static func wait(_ run: Run) throws(Refusal) -> Int32 {
        let wanted = try statuses(run)
        let deadline = try deadline(run)
        var ids: [AgentID]?
        var last: [Agent] = []
        let end = try follow(run, until: deadline) { (herd, _) throws(Refusal) -> Int32? in
            let known: [AgentID]
            if let ids { known = ids } else { known = try Lookup.agents(run.arguments.positionals, in: herd, run).map(\.id) }
            ids = known
            last = []
            for id in known {
                guard let agent = herd.agents[id] else { throw Refusal(.notFound, "the agent \(id) was removed") }
                last.append(agent)
            }
            return verdict(last, wanted, in: herd)
        }
        try show(last, run)
        guard let end else {
            let open = last.filter { verdict([$0], wanted, in: nil) == nil }.map { "\($0.id) is \($0.status.rawValue)" }
            throw Refusal(.timedOut, "timed out" + (open.isEmpty ? "" : ": " + open.joined(separator: ", ")))
        }
        return end
    }

    /// Nil: not yet.
    static func verdict(_ agents: [Agent], _ wanted: Set<Status>?, in herd: Herd?) -> Int32? {
        if let wanted { return agents.allSatisfy { wanted.contains($0.status) } ? ExitCode.fine : nil }
        if agents.contains(where: \.status.isWorking) { return nil }
        // Unknown only until its server was read: a daemon that has just started does that first.
        if agents.contains(where: { $0.status == .unknown && herd?.servers[ServerID($0.project.raw)]?.state == .starting }) { return nil }
        if agents.contains(where: { $0.status == .waiting }) { return ExitCode.needsPerson }
        if agents.contains(where: { $0.status == .failed }) { return ExitCode.failed }
        if agents.contains(where: { $0.status == .unknown }) { return ExitCode.unreachable }
        return ExitCode.fine
    }

    private static func show(_ agents: [Agent], _ run: Run) throws(Refusal) {
        if run.wantsJSON {
            try run.printJSON { writer in
                writer.array {
                    for agent in agents {
                        $0.object {
                            $0.field("agent", agent.id.raw)
                            $0.field("status", agent.status.rawValue)
                            $0.field("since", agent.since.rfc3339)
                            $0.field("error", agent.error)
                            $0.field("requests", agent.requests.map(\.raw))
                        }
                    }
                }
            }
        } else {
            for agent in agents { try run.print(Listing.headline(agent, run)) }
        }
    }

    private static func statuses(_ run: Run) throws(Refusal) -> Set<Status>? {
        let given = run.arguments.all("until").flatMap { $0.split(separator: ",").map(String.init) }
        guard run.arguments.has("until") else { return nil }
        var wanted: Set<Status> = []
        for name in given {
            guard let status = Status(rawValue: name) else {
                let names = Status.allCases.map(\.rawValue)
                throw Refusal(
                    .usage, "there is no status \"\(name)\"" + ArgumentParser.didYouMean(name, names), remedy: "there are: " + names.joined(separator: ", "))
            }
            wanted.insert(status)
        }
        guard !wanted.isEmpty else { throw Refusal(.usage, "--until names no status") }
        return wanted
    }

    private static func deadline(_ run: Run) throws(Refusal) -> Int64? {
        guard let text = run.arguments.value("timeout") else { return nil }
        guard let seconds = Double(text), seconds >= 0, seconds < 1e9 else { throw Refusal(.usage, "--timeout needs seconds, not \"\(text)\"") }
        return run.world.monotonic() + Int64(seconds * 1000)
    }

    // MARK: watch

    static func watch(_ run: Run) throws(Refusal) -> Int32 {
        run.client = .watch
        let query = try Lookup.query(run.arguments.positionals.joined(separator: " "), run)
        var shown: [AgentID: Line] = [:]
        let _: Int32? = try follow(run, until: nil) { (herd, change) throws(Refusal) -> Int32? in
            let agents = change?.agents ?? herd.agents.values.sorted { $0.id < $1.id }
            for agent in agents where query.matches(agent, in: herd, now: run.now) {
                var line = Line(agent, title: agent.title)
                if run.arguments.has("sentences") { line.keepToWhatIsSaid() }
                if shown.updateValue(line, forKey: agent.id) == line { continue }
                guard change != nil || run.arguments.has("initial") else { continue }
                if run.arguments.has("sentences") { try run.print(Plain.sentence(agent, herd, run)) } else { try put(line, run) }
            }
            for id in change?.removedAgents ?? [] {
                if var line = shown.removeValue(forKey: id) {
                    line.isRemoved = true
                    if run.arguments.has("sentences") { try run.print(Visible.line("\(line.title) was removed. (\(id.raw))")) } else { try put(line, run) }
                }
            }
            try run.flush()
            return nil
        }
        return ExitCode.fine
    }

    /// What a line of `watch` shows: another one is printed only when one of these differs.
    private struct Line: Equatable {
        let agent: AgentID
        let status: Status
        var since: Timestamp
        let title: String
        var activity: String
        let requests: [RequestID]
        let unseen: Bool
        let error: String?
        var isRemoved = false

        init(_ agent: Agent, title: String) {
            self.agent = agent.id
            status = agent.status
            since = agent.since
            self.title = title
            activity = agent.activity.text
            requests = agent.requests
            unseen = agent.unseen
            error = agent.error
        }

        /// A screen reader has no use for every step of every agent.
        mutating func keepToWhatIsSaid() {
            activity = ""
            since = Timestamp(milliseconds: 0)
        }
    }

    private static func put(_ line: Line, _ run: Run) throws(Refusal) {
        if run.wantsJSON {
            return try run.printJSONLine {
                $0.object {
                    $0.field("at", run.now.rfc3339)
                    $0.field("agent", line.agent.raw)
                    $0.field("status", line.status.rawValue)
                    $0.field("since", line.since.rfc3339)
                    $0.field("title", line.title)
                    $0.field("activity", line.activity)
                    $0.field("requests", line.requests.map(\.raw))
                    $0.field("unseen", line.unseen)
                    $0.field("error", line.error)
                    if line.isRemoved { $0.field("removed", true) }
                }
            }
        }
        let style = run.style
        let status = line.isRemoved ? "removed" : "\(style.glyph(line.status)) \(line.status.rawValue)"
        let time = TranscriptText.time(run.now, zoneMinutes: run.world.zoneMinutes(run.now))
        try run.print(
            [
                style.paint(time, .dim), style.paint(line.agent.raw, .bold), style.paint(Cells.pad(status, to: 14), Style.ink(line.status)),
                Cells.pad(Cells.cut(Visible.line(line.title), to: 40), to: 40), Visible.line(line.error ?? line.activity),
            ].joined(separator: "  "))
    }
}
