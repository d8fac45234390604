import Domain
import Query
import Wire

extension Verb {
    static let feed = Verb(
        "feed", "[QUERY…]", count: 0...64, "List what happened in the herd, the newest last",
        details: [
            "One line for each prompt, command, test run, edit, request, answer and end of a turn, of all agents. A QUERY is that of `drover ls`; its words are "
                + "looked for in what happened, too: `drover feed test`, `drover feed project:api failed`.",
            "With -f what comes is printed until you press Ctrl-C; with --json one object a line. The last 1,000 entries are kept.",
        ],
        options: [Option("follow", short: "f", "Go on with what comes"), Option("lines", short: "n", value: "N", "Only the last N entries (50)"), .json],
        run: Feeding.feed)

    static let digest = Verb(
        "digest", "[QUERY…]", count: 0...64, "Sum up what agents did since you looked at them",
        details: [
            "Turns, files, test runs, commands, requests and money of each agent since a person last looked at it in the dashboard or with `drover log -f`, "
                + "counted from events; no model is asked."
        ], options: [.json], run: Feeding.digest)
}

enum Feeding {
    static func feed(_ run: Run) throws(Refusal) -> Int32 {
        let query = try Lookup.query(run.arguments.positionals.joined(separator: " "), run)
        var limit = 50
        if let text = run.arguments.value("lines") {
            guard let number = Int(text), number >= 0 else { throw Refusal(.usage, "-n needs a number, not \"\(text)\"") }
            limit = number
        }
        let herd = try run.herd()
        let follows = run.arguments.has("follow")
        guard case .feed(let all) = try run.order(.feed(limit: Int(Int32.max), follows: follows)) else { throw SocketConnection.surprise("feed") }
        let shown = all.filter { query.matches($0, in: herd, now: run.now) }.suffix(limit)
        if follows {
            for entry in shown { try put(entry, run) }
            return try follow(query, after: all.last?.number ?? 0, run)
        }
        if run.wantsJSON {
            try run.printJSON { writer in writer.array { for entry in shown { entry.write(to: &$0) } } }
        } else if shown.isEmpty {
            run.warn(all.isEmpty ? "nothing has happened yet" : "nothing of the last \(all.count) entries fits \"\(query.text)\"")
        } else {
            for entry in shown { try put(entry, run) }
        }
        return ExitCode.fine
    }

    private static func follow(_ query: Query, after number: Int, _ run: Run) throws(Refusal) -> Int32 {
        var last = number
        try run.flush()
        while true {
            let daemon = try run.daemon()
            do throws(Refusal) {
                return try follow(query, &last, daemon, run)
            } catch {
                guard daemon.farewell != .stopped else { throw error }
                try run.goOn(after: error, on: daemon)
            }
        }
    }

    private static func follow(_ query: Query, _ last: inout Int, _ daemon: any DaemonConnection, _ run: Run) throws(Refusal) -> Int32 {
        // Asked on this line, too: another daemon may stand behind it than before.
        guard case .feed(let missed) = try daemon.order(.feed(limit: Int(Int32.max), follows: true)) else { throw SocketConnection.surprise("feed") }
        var herd = Herd()
        var waiting = missed
        _ = try daemon.call(.subscribe(.slow), timeoutMs: 10_000)
        while let message = try daemon.next(untilMs: nil) {
            switch message {
            case .snapshot(let whole): herd = whole
            case .herd(let change):
                herd.apply(change)
                waiting += change.feed
            default: continue
            }
            for entry in waiting where entry.number > last {
                last = entry.number
                if query.matches(entry, in: herd, now: run.now) { try put(entry, run) }
            }
            waiting = []
            try run.flush()
        }
        return ExitCode.fine
    }

    private static func put(_ entry: FeedEntry, _ run: Run) throws(Refusal) {
        if run.wantsJSON, run.arguments.has("follow") { return try run.printJSONLine { entry.write(to: &$0) } }
        let style = run.style
        let time = TranscriptText.time(entry.at, zoneMinutes: run.world.zoneMinutes(entry.at))
        let title = Cells.pad(Cells.cut(Visible.line(entry.title, unicode: style.unicode), to: 28, mark: style.unicode ? "…" : "..."), to: 28)
        let ink: Style.Ink? = entry.isFailure ? .red : entry.kind == .request ? .yellow : entry.kind == .done ? .blue : nil
        let text = [
            Visible.line(entry.text, unicode: style.unicode), style.paint(Visible.line(entry.result, unicode: style.unicode), entry.isFailure ? .red : .dim),
        ]
        try run.print(
            style.paint(time, .dim) + "  " + title + "  " + style.paint(Cells.pad(entry.kind.rawValue, to: 8), ink) + "  "
                + text.filter { !$0.isEmpty }.joined(separator: "  "))
    }

    static func digest(_ run: Run) throws(Refusal) -> Int32 {
        let query = try Lookup.query(run.arguments.positionals.joined(separator: " "), run)
        let herd = try run.herd()
        let agents = query.agents(of: herd, now: run.now).compactMap { herd.agents[$0] }.filter(\.hasNews)
        if run.wantsJSON {
            try run.printJSON { writer in
                writer.array {
                    for agent in agents {
                        $0.object {
                            $0.field("agent", agent.id.raw)
                            $0.field("title", agent.title)
                            $0.field("cost", agent.costSinceLooked)
                            $0.key("digest")
                            agent.digest.write(to: &$0)
                        }
                    }
                }
            }
            return ExitCode.fine
        }
        guard !agents.isEmpty else {
            run.warn("nothing has happened since you looked")
            return ExitCode.fine
        }
        var table = Table([
            .init(title: "ID"), .init(title: "SINCE"), .init(title: "AGENT", limit: 32), .init(title: "COST", isNumber: true), .init(title: "DID"),
        ])
        for agent in agents {
            table.add([
                .init(agent.id.raw, .bold), .init(Style.age(agent.digest.since, now: run.now), .dim),
                .init(Visible.line(agent.title, unicode: run.style.unicode)),
                .init(Style.money(agent.costSinceLooked)), .init(words(agent.digest.words)),
            ])
        }
        try run.print(table)
        let sum = HerdDigest(agents)
        if agents.count > 1 {
            try run.print()
            let cost = Style.money(sum.cost)
            try run.print(counted(agents.count, "agent") + ": " + words(sum.words) + (cost.isEmpty ? "" : "; " + cost))
        }
        return ExitCode.fine
    }

    private static func words(_ words: [DigestWords]) -> String { words.map(\.all).joined(separator: "; ") }
}
