import Domain
import Screen

/// The card of a request: what is asked for in full, and the keys that answer it.
struct CardBrush {
    private let activity: ActivityBrush
    private let request: Request
    /// All of a long command or diff.
    private let isExpanded: Bool
    private var model: DashboardModel { activity.model }
    private var width: Int { activity.width }
    private var signs: Signs { activity.signs }

    init(_ activity: ActivityBrush, _ request: Request, isExpanded: Bool) {
        self.activity = activity
        self.request = request
        self.isExpanded = isExpanded
    }

    private func line(_ spans: [Span] = [], right: [Span] = [], indent: Int = 3) -> Line {
        Line(indent: indent, spans, right: right, background: .raised, bar: .wait)
    }

    func card() -> Card {
        switch request.kind {
        case .permission(let permission):
            var card = subject(permission)
            card.foot = sent() ?? answers(permission)
            return card
        case .question(let questions): return question(questions)
        }
    }

    // MARK: Permission

    private func subject(_ permission: Request.Permission) -> Card {
        var context = "   in " + shortDirectory
        if let child = model.herd.agents[activity.agent.id]?.subAgents.first(where: { $0.session == request.session }) {
            context = "   " + signs.into + " " + child.title
        }
        var lines = [line([Span(Self.wish(permission.name), .wait, .bold), Span(context, .muted)])]
        let isCommand = permission.name == "bash"
        let text = permission.detail.isEmpty ? permission.patterns.joined(separator: "\n") : permission.detail
        let all = wrap(text.trimmed, width: max(8, width - (isCommand ? 7 : 5)))
        let limit = isExpanded ? 400 : permission.diff == nil ? 8 : 2
        for (index, part) in all.prefix(limit).enumerated() {
            lines.append(line((isCommand ? [Span(index == 0 ? "$ " : "  ", .faint)] : []) + [Span(String(part), .text, .bold)]))
        }
        if all.count > limit { lines.append(line([Span(signs.ellipsis + " " + counted(all.count - limit, "more line"), .muted)])) }
        if let diff = permission.diff, !diff.isEmpty {
            lines += activity.diffRows(
                diffLines(of: diff), of: permission.patterns.first ?? text, limit: isExpanded ? 400 : 10, background: .raised, bar: .wait)
        }
        // The wish and where it begins are always seen.
        return Card(margin: line(), head: Array(lines.prefix(2)), body: Array(lines.dropFirst(2)))
    }

    private var shortDirectory: String {
        guard let place = model.place(of: activity.agent) else { return "its place" }
        return ellipsizePath(place.directory, width: max(8, width - 24))
    }

    static func wish(_ name: String) -> String {
        switch name {
        case "bash": "wants to run"
        case "edit", "write", "patch", "apply_patch": "wants to edit"
        case "read": "wants to read"
        case "external_directory": "wants to leave its place"
        case "webfetch": "wants to fetch"
        case "websearch": "wants to search"
        case "task": "wants to start a sub-agent"
        case "doom_loop": "does the same again and again"
        default: "wants " + name
        }
    }

    private func answers(_ permission: Request.Permission) -> [Line] {
        let always = permission.always.first.map { ellipsize($0, width: max(6, width / 3)) } ?? ""
        return hints([
            Hint("answer.once", "once", activity.look),
            Hint(
                "answer.always", "always", activity.look, isEnabled: !permission.always.isEmpty,
                object: always + (permission.always.count > 1 ? " +\(permission.always.count - 1)" : "")),
            Hint("answer.no", "no", activity.look),
            Hint("answer.noBecause", width < 44 ? "why" : "no, and say why", activity.look),
        ])
    }

    private func hints(_ hints: [Hint]) -> [Line] { Line.hints(hints, indent: 3, width: width - 1, background: .raised, bar: .wait, gap: width < 44 ? 2 : 3) }

    /// Instead of keys, while the answer is on its way.
    private func sent() -> [Line]? {
        guard let answer = activity.answer(request.id) else { return nil }
        let words =
            switch answer {
            case .once: "once"
            case .always: "always"
            case .reject(let message): message == nil ? "no" : "no, because"
            case .choices(let labels): labels.map { $0.joined(separator: ", ") }.joined(separator: "; ")
            }
        return [line([Span("answered: ", .muted), Span(words, .text, .bold)])]
    }

    // MARK: Question

    private func question(_ questions: [Request.Question]) -> Card {
        guard !questions.isEmpty else {
            return Card(margin: line(), head: [line([Span("asks nothing that can be answered; x refuses", .muted)])])
        }
        let index = min(activity.answering?.index ?? 0, questions.count - 1)
        let question = questions[index]
        let count = questions.count > 1 ? [Span("\(index + 1) of \(questions.count)", .faint)] : []
        var head = [line([Span("asks", .wait, .bold), Span(question.header.isEmpty ? "" : "   " + question.header, .muted)], right: count)]
        head += wrap(question.text, width: max(8, width - 5)).map { line([Span(String($0), .text, .bold)]) }
        var body: [Line] = []
        for (number, option) in question.options.enumerated().prefix(9) { body += optionLines(option, number, question) }
        // A question longer than a few lines goes on above its options.
        return Card(margin: line(), head: Array(head.prefix(4)), isParted: true, body: Array(head.dropFirst(4)) + body, foot: sent() ?? questionHints(question))
    }

    private func optionLines(_ option: Request.Option, _ number: Int, _ question: Request.Question) -> [Line] {
        let isChosen = activity.answering?.chosen.contains(number) ?? false
        let mark = question.multiple ? [Span((isChosen ? signs.on : signs.off) + " ", isChosen ? .accent : .faint)] : []
        var first = line([Span("\(number + 1) ", .accent, .bold)] + mark + [Span(option.label, .text, isChosen ? .bold : [])])
        first.hits = [(0..<width, .option(number))]
        if option.description.isEmpty { return [first] }
        if first.spans.width + 3 + displayWidth(option.description) <= width - 5 {
            first.spans.append(Span("   " + option.description, .muted))
            return [first]
        }
        return [first]
            + wrap(option.description, width: max(8, width - 9)).prefix(3).map { line([Span(String($0), .muted)], indent: question.multiple ? 7 : 5) }
    }

    private func questionHints(_ question: Request.Question) -> [Line] {
        var all: [Hint] =
            question.options.isEmpty
            ? [] : [Hint(key: question.options.count > 1 ? "1\(activity.look.ascii ? "-" : "–")\(min(9, question.options.count))" : "1", label: "choose")]
        if question.multiple {
            all.append(Hint("answer.submit", "send", activity.look, isEnabled: !(activity.answering?.chosen.isEmpty ?? true)))
        }
        if question.custom { all.append(Hint("answer.words", "own words", activity.look)) }
        all.append(Hint("answer.no", "refuse", activity.look))
        return hints(all)
    }
}

/// A card in its parts: what is asked, what belongs to it, and the keys. Where not all has room the middle scrolls; what is asked and the keys stay.
struct Card {
    /// An empty line of the card.
    var margin: Line
    var head: [Line]
    /// An empty line parts the body from what is asked.
    var isParted = false
    var body: [Line] = []
    var foot: [Line] = []

    var lines: [Line] { [margin] + parts(body, gaps: true) + [margin] }

    private func parts(_ body: [Line], gaps: Bool) -> [Line] {
        head + (gaps && isParted && !body.isEmpty ? [margin] : []) + body + (gaps && !foot.isEmpty ? [margin] : []) + foot
    }

    /// What is left for the body, with air or without.
    private func room(in height: Int) -> (lines: Int, gaps: Bool) {
        let rest = height - head.count - foot.count
        let air = (isParted ? 1 : 0) + (foot.isEmpty ? 0 : 1)
        return rest - air >= min(body.count, 4) ? (rest - air, true) : (rest, false)
    }

    /// The largest useful first line of the body.
    func lastTop(in height: Int) -> Int {
        let room = room(in: height).lines
        return lines.count <= height || body.count <= room || room < 1 ? 0 : body.count - max(1, room - 1)
    }

    /// At most `height` lines. `top` is the first line of the body that is seen.
    func lines(in height: Int, top: Int, signs: Signs) -> [Line] {
        if lines.count <= height { return lines }
        let (room, gaps) = room(in: height)
        if body.count <= room {
            let whole = parts(body, gaps: gaps)
            return whole.count < height ? [margin] + whole : whole
        }
        guard room > 0 else { return Array((head.prefix(max(1, height - foot.count)) + foot).prefix(max(1, height))) }
        let top = max(0, min(top, lastTop(in: height)))
        let end = min(body.count, top + max(1, room - 1))
        let more = room > 1 ? [more(body.count - end, signs)] : []
        return parts(body[top..<end] + more, gaps: gaps)
    }

    /// Says how much is not seen below, and the keys that bring it.
    private func more(_ count: Int, _ signs: Signs) -> Line {
        var line = margin
        line.spans = [
            Span(count > 0 ? signs.ellipsis + " \(count) more   " : signs.ellipsis + " the end   ", .muted), Span("J", .accent, .bold), Span("/", .muted),
            Span("K", .accent, .bold), Span(" scroll", .muted),
        ]
        return line
    }
}
