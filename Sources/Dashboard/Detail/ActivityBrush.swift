import Domain
import Screen

/// Lays out one block of the activity as lines. Column 0 is for bars, text begins at 1, one column stays free at the right.
struct ActivityBrush {
    let model: DashboardModel
    let agent: Agent
    private(set) var answering: QuestionDraft?
    private let held: HeldAnswers?
    let width: Int
    let look: Look
    let now: Now
    /// Colours of code that are there already; nil: none are wanted.
    private let syntax: SyntaxStore?

    init(_ dashboard: Dashboard, _ agent: Agent, width: Int, look: Look, now: Now) {
        model = dashboard.model
        held = dashboard.ui.held
        self.agent = agent
        answering = agent.requests.first.flatMap { dashboard.ui.answering[$0] }
        self.width = width
        self.look = look
        self.now = now
        syntax = dashboard.preferences.syntax ? dashboard.syntax : nil
    }

    /// The same for another request of the agent.
    func answering(_ draft: QuestionDraft?) -> ActivityBrush {
        var other = self
        other.answering = draft
        return other
    }

    /// The answer that a request has from here, sent or not.
    func answer(_ request: RequestID) -> Answer? {
        for case .answer(request, let answer) in held?.orders ?? [] { return answer }
        return model.answer(of: request)
    }

    var signs: Signs { look.signs }
    /// Cells for running text: long lines are hard to read.
    var textWidth: Int { max(4, min(width - 2, 100)) }
    private var hasSeconds: Bool { width >= 46 }
    private var timeWidth: Int { hasSeconds ? 9 : 6 }

    func lines(of block: Flow.Block, isToggled: Bool) -> [Line] {
        switch block {
        case .item(let item, let nest): lines(of: item, isToggled, nest)
        case .queued(let prompt): queued(prompt)
        case .interrupted: interrupted()
        case .request(let request): CardBrush(self, request, isExpanded: isToggled).card().lines
        case .more(let count): more(count)
        case .words(let words): wrap(words, width: textWidth).map { Line(indent: 1, [Span(String($0), .faint)]) }
        }
    }

    private func lines(of item: TranscriptItem, _ isToggled: Bool, _ nest: Flow.Nest?) -> [Line] {
        var lines =
            switch item.kind {
            case .user: prompt(item)
            // In parts it is laid out by `Sheets`; whole only where a short one is wanted.
            case .text: markdown(item).lines(of: String(item.text.prefix(4000)))
            case .thinking: thinking(item, isToggled)
            case .tool: tool(item, isToggled, nest)
            case .error: error(item)
            case .note: wrap(item.text, width: textWidth - timeWidth).enumerated().map { Line(indent: 1 + timeWidth, [Span(String($0.element), .faint)]) }
            }
        if item.kind == .note, !lines.isEmpty { lines[0] = Line(indent: 1, [Span(now.clock(item.at, withSeconds: hasSeconds) + " ", .faint)] + lines[0].spans) }
        return item.depth == 0 ? lines : lines.map { indented($0, by: item.depth) }
    }

    /// Lays out what an agent says.
    func markdown(_ item: TranscriptItem) -> MarkdownBrush {
        let inset = min(item.depth, 6) * 2
        return MarkdownBrush(width: max(4, textWidth - inset), wide: max(4, width - 2 - inset), look: look, syntax: syntax)
    }

    /// What a sub-agent does stands to the right of a faint rule.
    func indented(_ line: Line, by depth: Int) -> Line {
        let depth = min(depth, 6)
        guard depth > 0 else { return line }
        var line = line
        line.spans.insert(Span(String(repeating: signs.upright + " ", count: depth), .line), at: 0)
        line.bar = nil
        return line
    }

    private func prompt(_ item: TranscriptItem) -> [Line] {
        let time = now.clock(item.at, withSeconds: false)
        return wrap(item.text.trimmed, width: textWidth - 8).enumerated().map { index, part in
            Line(indent: 2, [Span(String(part), .text, .bold)], right: index == 0 ? [Span(time, .faint)] : [], bar: .accent)
        }
    }

    /// One line however long it is; opened it is read whole.
    private func thinking(_ item: TranscriptItem, _ isOpen: Bool) -> [Line] {
        let head = [Span(now.clock(item.at, withSeconds: hasSeconds) + " ", .faint), Span("think ", .faint)]
        let first = item.text.trimmed.firstLine.filter { $0 != "*" }
        guard isOpen else {
            return [Line(indent: 1, head + [Span(String(first), Paint(.muted, .italic))], right: item.isOpen ? [Span(signs.ellipsis, .muted)] : [])]
        }
        return [Line(indent: 1, head)] + wrap(item.text.trimmed, width: textWidth - 2).map { Line(indent: 3, [Span(String($0), Paint(.muted, .italic))]) }
    }

    private func error(_ item: TranscriptItem) -> [Line] {
        let time = now.clock(item.at, withSeconds: hasSeconds) + " "
        let parts = wrap(item.text.trimmed, width: max(4, textWidth - timeWidth - 2))
        return parts.enumerated().map { index, part in
            index == 0
                ? Line(indent: 1, [Span(time, .faint), Span(signs.cross + " ", .fail, .bold), Span(String(part), .fail)])
                : Line(indent: 1 + timeWidth + 2, [Span(String(part), .fail)])
        }
    }

    // MARK: Tools

    private func tool(_ item: TranscriptItem, _ isToggled: Bool, _ nest: Flow.Nest?) -> [Line] {
        guard let tool = item.tool else { return [] }
        let verb = Self.verb(tool.name)
        var line = Line(indent: 1)
        line.right = result(tool)
        if let nest {
            line.right += [
                Span((line.right.isEmpty ? "" : "  ") + counted(nest.count, "step") + " ", .muted), Span(nest.isFolded ? signs.closed : signs.opened, .accent),
            ]
        }
        let used = timeWidth + max(6, displayWidth(verb) + 1) + item.depth * 2
        let room = max(4, width - 2 - used - (line.right.isEmpty ? 0 : line.right.width + 2))
        let target = tool.target.firstLine
        let isPath = target.utf8.contains(0x2F) && !target.utf8.contains(0x20)
        line.spans = [
            Span(now.clock(item.at, withSeconds: hasSeconds) + " ", .faint), Span(verb.padded(to: 5) + " ", verbToken(tool)),
            Span(isPath ? ellipsizePath(String(target), width: room) : ellipsize(String(target), width: room), .text),
        ]
        // What a sub-agent answered is the last of its own lines.
        return nest == nil ? [line] + details(item, tool, isToggled) : [line]
    }

    private func verbToken(_ tool: ToolUse) -> Token {
        switch tool.state {
        case .pending, .running: .run
        case .completed: .done
        case .failed: .fail
        }
    }

    private func result(_ tool: ToolUse) -> [Span] {
        if let changes = tool.changes, !changes.isEmpty {
            return changeSpans(additions: changes.additions, deletions: changes.deletions)
        }
        if tool.wentWrong { return [Span(tool.result.isEmpty ? "failed" : tool.result, .fail)] }
        if !tool.result.isEmpty { return [Span(tool.result, .muted)] }
        if tool.state == .running || tool.state == .pending { return [Span(signs.ellipsis, .muted)] }
        if let start = tool.started, let end = tool.ended {
            let (milliseconds, overflow) = end.milliseconds.subtractingReportingOverflow(start.milliseconds)
            if !overflow, milliseconds >= 1000 {
                return [
                    Span(milliseconds < 60_000 ? "\(milliseconds / 1000).\(milliseconds / 100 % 10)s" : duration(seconds: Int(milliseconds / 1000)), .muted)
                ]
            }
        }
        return []
    }

    /// Output or diff: all of it when opened; the end of it for what failed and what still runs.
    private func details(_ item: TranscriptItem, _ tool: ToolUse, _ isToggled: Bool) -> [Line] {
        if isToggled {
            if let diff = tool.diff, !diff.isEmpty { return diffRows(diffLines(of: diff), of: String(tool.target.firstLine), limit: 400) }
            let output = OutputBrush(width: width, signs: signs).lines(item.text, last: 400, .muted)
            return output.isEmpty ? [Line(indent: 3, [Span("no output", .faint)])] : output
        }
        switch tool.state {
        case _ where tool.wentWrong: return OutputBrush(width: width, signs: signs).lines(item.text, last: 8, .muted)
        case .running: return tool.name == "bash" ? OutputBrush(width: width, signs: signs).lines(item.text, last: 3, .faint) : []
        case .pending, .completed, .failed: return []
        }
    }

    func diffRows(_ lines: [DiffLine], of path: String, limit: Int, indent: Int = 3, background: Token? = nil, bar: Token? = nil) -> [Line] {
        let words = syntax.map { _ in DiffSyntax(path: path, lines.prefix(limit)) }
        let uncoloured = words.flatMap { words in syntax.flatMap(words.missing) }.map(Uncoloured.init)
        var rows = lines.prefix(limit).enumerated().map { number, line in
            let runs = words.flatMap { words in syntax.map { words.runs(number, line, $0) } } ?? []
            var row = DiffBrush(signs: signs).line(line, numberWidth: 0, runs)
            row.uncoloured = uncoloured
            row.indent = indent
            if row.background == nil { row.background = background }
            row.bar = bar
            return row
        }
        if lines.count > limit {
            rows.append(
                Line(indent: indent, [Span(signs.ellipsis + " " + counted(lines.count - limit, "more line"), .faint)], background: background, bar: bar))
        }
        return rows
    }

    /// The words of tools that are longer than a column of verbs.
    static func verb(_ name: String) -> String {
        switch name {
        case "webfetch": "fetch"
        case "websearch", "codesearch": "search"
        case "todowrite", "todoread": "todo"
        case "multiedit": "edit"
        case "apply_patch": "patch"
        case "external_directory": "outside"
        case "question": "asks"
        default: ellipsize(name, width: 12)
        }
    }

    // MARK: What is not in the transcript yet

    private func queued(_ prompt: QueuedPrompt) -> [Line] {
        let parts = wrap(prompt.text.trimmed, width: textWidth - 10)
        return parts.prefix(3).enumerated().map { index, part in
            Line(indent: 2, [Span(String(part), .muted)], right: index == 0 ? [Span("queued", .faint)] : [], bar: .line)
        }
    }

    private func interrupted() -> [Line] {
        let hint = Hint("agent.resume", "go on", look)
        var line = Line(indent: 1, [Span(look.ascii ? "= " : "‖ ", .off, .bold), Span("interrupted   ", .muted)] + hint.spans)
        line.hits = [(16..<16 + hint.width, .command("agent.resume"))]
        return [line]
    }

    private func more(_ count: Int) -> [Line] {
        let hint = Hint("queue", "all", look)
        var line = Line(indent: 3, [Span("and " + counted(count, "more request") + "   ", .muted)] + hint.spans)
        line.hits = [(0..<width, .command("queue"))]
        return [line]
    }
}
