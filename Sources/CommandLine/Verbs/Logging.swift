import Domain
import Wire

extension Verb {
    static let log = Verb(
        "log", "AGENT", count: 1...1, "Show what an agent said and did",
        details: [
            "One entry for each prompt, text, thought, tool call, error and note, in order. Of a tool's output only the result is shown, unless it failed.",
            "With -f the entries that are added are printed as each is finished, until the agent is removed or you press Ctrl-C; with --json one object a line.",
        ],
        options: [
            Option("follow", short: "f", "Go on with what is added"), Option("lines", short: "n", value: "N", "Only the last N entries"),
            Option("full", "Outputs and diffs of tools too"), .json,
        ], completes: .agents, run: Logging.log)

    static let diff = Verb(
        "diff", "AGENT", count: 1...1, "Show what an agent changed, as a patch", options: [.json], completes: .agents, run: Logging.diff)
}

enum Logging {
    static func log(_ run: Run) throws(Refusal) -> Int32 {
        let agent = try Lookup.agent(run.arguments.positionals[0], in: run.herd())
        var limit: Int?
        if let text = run.arguments.value("lines") {
            guard let number = Int(text), number >= 0 else { throw Refusal(.usage, "-n needs a number, not \"\(text)\"") }
            limit = number
        }
        guard case .transcript(let items) = try run.order(.transcript(agent.id)) else { throw SocketConnection.surprise("transcript") }
        let shown = limit.map { Array(items.suffix($0)) } ?? items
        if run.arguments.has("follow") { return try follow(agent.id, all: items, shown: shown, run) }
        if run.wantsJSON {
            try run.printJSON { writer in writer.array { for item in shown { item.write(to: &$0) } } }
        } else {
            for item in shown { try print(item, run) }
        }
        return ExitCode.fine
    }

    private static func follow(_ id: AgentID, all: [TranscriptItem], shown: [TranscriptItem], _ run: Run) throws(Refusal) -> Int32 {
        var follower = TranscriptFollower(skipping: all.prefix(all.count - shown.count))
        for item in follower.take([.reset(all)]) { try put(item, run) }
        try run.flush()
        while true {
            let daemon = try run.daemon()
            do throws(Refusal) {
                return try follow(id, &follower, daemon, run)
            } catch {
                guard daemon.farewell != .stopped else { throw error }
                try run.goOn(after: error, on: daemon)
                // What came meanwhile is in the next daemon's first answer.
            }
        }
    }

    private static func follow(_ id: AgentID, _ follower: inout TranscriptFollower, _ daemon: any DaemonConnection, _ run: Run) throws(Refusal) -> Int32 {
        _ = try daemon.order(.look(id))
        // Only to hear when the agent is removed.
        _ = try daemon.call(.subscribe(.slow), timeoutMs: 10_000)
        while let message = try daemon.next(untilMs: nil) {
            switch message {
            case .transcript(id, let changes): for item in follower.take(changes) { try put(item, run) }
            case .herd(let change) where change.removedAgents.contains(id): return ExitCode.fine
            case .snapshot(let herd) where herd.agents[id] == nil: return ExitCode.fine
            default: break
            }
            try run.flush()
        }
        return ExitCode.fine
    }

    private static func put(_ item: TranscriptItem, _ run: Run) throws(Refusal) {
        if run.wantsJSON { try run.printJSONLine { item.write(to: &$0) } } else { try print(item, run) }
    }

    private static func print(_ item: TranscriptItem, _ run: Run) throws(Refusal) {
        for line in TranscriptText.lines(item, zoneMinutes: run.world.zoneMinutes(item.at), full: run.arguments.has("full"), run.style) {
            try run.print(line)
        }
    }

    static func diff(_ run: Run) throws(Refusal) -> Int32 {
        let agent = try Lookup.agent(run.arguments.positionals[0], in: run.herd())
        guard case .diff(let changes) = try run.order(.diff(agent.id)) else { throw SocketConnection.surprise("diff") }
        if run.wantsJSON {
            try run.printJSON { writer in writer.array { for change in changes { change.write(to: &$0) } } }
        } else if run.world.outputIsTerminal {
            for change in changes {
                for line in Visible.block(change.patch).split(separator: "\n", omittingEmptySubsequences: false) { try run.print(paint(line, run.style)) }
            }
        } else {
            // A patch for `git apply` must stay as it is to the byte.
            for change in changes { try run.put(Array((change.patch.hasSuffix("\n") ? change.patch : change.patch + "\n").utf8)) }
        }
        return ExitCode.fine
    }

    private static func paint(_ line: Substring, _ style: Style) -> String {
        let ink: Style.Ink? =
            if line.hasPrefix("+++") || line.hasPrefix("---") || line.hasPrefix("diff ") { .bold } else if line.hasPrefix("+") {
                .green
            } else if line.hasPrefix("-") {
                .red
            } else if line.hasPrefix("@@") { .cyan } else { nil }
        return style.paint(String(line), ink)
    }
}

/// Which entries of a transcript that is followed are finished and not printed yet.
struct TranscriptFollower {
    private var items: [TranscriptItem] = []
    private var printed: Set<String>

    init(skipping earlier: some Sequence<TranscriptItem>) { printed = Set(earlier.map(\.id)) }

    /// Takes changes in; the entries that are to be printed now, each once, in order. One that is still open is waited for, but does not
    /// hold up what comes behind it.
    mutating func take(_ changes: [TranscriptChange]) -> [TranscriptItem] {
        for change in changes { apply(change) }
        let ready = items.filter { !$0.isOpen && !printed.contains($0.id) }
        printed.formUnion(ready.map(\.id))
        return ready
    }

    private mutating func apply(_ change: TranscriptChange) {
        switch change {
        case .reset(let all): items = all
        case .put(let item):
            if let index = items.lastIndex(where: { $0.id == item.id }) { items[index] = item } else { items.append(item) }
        case .append(let id, let text):
            if let index = items.lastIndex(where: { $0.id == id }) { items[index].text += text }
        case .remove(let id): items.removeAll { $0.id == id }
        }
    }
}

enum TranscriptText {
    /// "12:34:08 edit      middleware.ts  +24 -3"; what has more lines goes on below, indented.
    static func lines(_ item: TranscriptItem, zoneMinutes: Int, full: Bool, _ style: Style) -> [String] {
        let time = time(item.at, zoneMinutes: zoneMinutes)
        let depth = String(repeating: style.unicode ? "↳ " : "> ", count: max(0, min(8, item.depth)))
        let word = Cells.pad(Cells.cut(Visible.line(depth + (item.tool?.name ?? item.kind.rawValue)), to: 12), to: 12)
        var body = body(item, full: full, style)
        let first = body.isEmpty ? "" : body.removeFirst()
        let indent = String(repeating: " ", count: 22)
        return [style.paint(time, .dim) + " " + style.paint(word, ink(item)) + " " + first] + body.map { indent + $0 }
    }

    private static func body(_ item: TranscriptItem, full: Bool, _ style: Style) -> [String] {
        guard let tool = item.tool else {
            return Visible.block(item.text).split(separator: "\n", omittingEmptySubsequences: false).map {
                style.paint(String($0), item.kind == .thinking ? .dim : nil)
            }
        }
        let changes = tool.changes.map { "+\($0.additions) -\($0.deletions)" } ?? ""
        let state = tool.state == .completed ? "" : tool.state.rawValue
        var seconds = ""
        if let started = tool.started, let ended = tool.ended, ended > started { seconds = duration(ended.milliseconds &- started.milliseconds) }
        var lines = [[Visible.line(tool.target), changes, Visible.line(tool.result), state, seconds].filter { !$0.isEmpty }.joined(separator: "  ")]
        if full || tool.state == .failed {
            lines += Visible.block(item.text).split(separator: "\n").map { style.paint(String($0), tool.state == .failed ? .red : .dim) }
        }
        if full, let diff = tool.diff { lines += Visible.block(diff).split(separator: "\n").map { style.paint(String($0), .dim) } }
        return lines
    }

    private static func ink(_ item: TranscriptItem) -> Style.Ink? {
        switch item.kind {
        case .user: .bold
        case .text: nil
        case .thinking, .note: .dim
        case .error: .red
        case .tool: item.tool?.state == .failed ? .red : .cyan
        }
    }

    static func time(_ time: Timestamp, zoneMinutes: Int) -> String {
        let local = Timestamp(milliseconds: time.milliseconds &+ Int64(zoneMinutes) * 60_000)
        return String(local.rfc3339.dropFirst(11).prefix(8))
    }

    private static func duration(_ milliseconds: Int64) -> String {
        milliseconds < 60_000 ? "\(milliseconds / 1000).\(milliseconds % 1000 / 100)s" : "\(milliseconds / 60_000)m\(milliseconds / 1000 % 60)s"
    }
}
