import Domain
import Query
import Wire

extension Verb {
    static let requests = Verb(
        "requests", "[AGENT]", count: 0...1, "List what waits for a person, oldest first", options: [.json], completes: .agents, run: Answering.list)

    static let answer = Verb(
        "answer", "[REQUEST] once|always|reject", count: 0...32, "Answer a permission or a question",
        details: [
            "REQUEST is an id of `drover requests`, or an agent that asks one thing only; it may be left out when nothing else is asked.",
            "once allows this; always allows what the request's pattern says from now on; reject ends the turn, or with --message tells the agent why and lets it go on.",
            "A question is answered by --option (its number, from 1, or its label; several where several may be chosen) or by --text. Where a request holds several "
                + "questions, options and texts are taken in their order; `--option 2:1` is option 1 of question 2.",
        ],
        examples: ["drover answer per_0f3 once", "drover answer per_0f3 reject --message \"use pnpm\"", "drover answer k3f --option 2"],
        options: [
            Option("option", short: "o", value: "N", "The option with this number or label; may be repeated"),
            Option("text", short: "t", value: "TEXT", "An answer in your own words"),
            Option("message", short: "m", value: "TEXT", "With reject: what the agent is told"),
        ], completes: .requests, run: Answering.answer)
}

enum Answering {
    static func list(_ run: Run) throws(Refusal) -> Int32 {
        let herd = try run.herd()
        var requests = requestQueue(of: herd).compactMap { herd.requests[$0] }
        if let name = run.arguments.positionals.first {
            let agent = try Lookup.agent(name, in: herd)
            requests.removeAll { $0.agent != agent.id }
        }
        if run.wantsJSON {
            try run.printJSON { writer in writer.array { for request in requests { AgentJSON.write(request, to: &$0) } } }
            return ExitCode.fine
        }
        if requests.isEmpty { run.warn("nothing is asked") }
        for request in requests { try show(request, herd, run) }
        return ExitCode.fine
    }

    private static func show(_ request: Request, _ herd: Herd, _ run: Run) throws(Refusal) {
        let style = run.style
        let agent = request.agent.flatMap { herd.agents[$0] }
        let asker = agent.map { "\($0.id)  \(Visible.line(Cells.cut($0.title, to: 50)))" } ?? request.session.raw
        try run.print([style.paint(request.id.raw, .bold), asker, Style.age(request.asked, now: run.now)].joined(separator: "  "))
        switch request.kind {
        case .permission(let permission):
            try run.print("  " + style.paint("wants " + Visible.line(permission.name), .yellow))
            for line in Visible.block(permission.detail).split(separator: "\n") { try run.print("    " + line) }
            if !permission.always.isEmpty {
                try run.print("  " + style.paint("always would allow: ", .dim) + Visible.line(permission.always.joined(separator: ", ")))
            }
        case .question(let questions):
            for (index, question) in questions.enumerated() {
                let number = questions.count > 1 ? "\(index + 1): " : ""
                try run.print("  " + style.paint(number + Visible.line(question.text), .yellow))
                for (place, option) in question.options.enumerated() {
                    let description = option.description.isEmpty ? "" : "  " + style.paint(Visible.line(option.description), .dim)
                    try run.print("    \(place + 1)  \(Visible.line(option.label))\(description)")
                }
                let also = [question.multiple ? "several may be chosen" : "", question.custom ? "--text is possible" : ""].filter { !$0.isEmpty }
                if !also.isEmpty { try run.print("    " + style.paint(also.joined(separator: "; "), .dim)) }
            }
        }
    }

    static func answer(_ run: Run) throws(Refusal) -> Int32 {
        var words = run.arguments.positionals
        let herd = try run.herd()
        let plain = ["once", "always", "reject"]
        let chooses = run.arguments.has("option") || run.arguments.has("text")
        let request: Request
        if let first = words.first, !plain.contains(first) {
            request = try Lookup.request(first, in: herd)
            words.removeFirst()
        } else {
            request = try Lookup.onlyRequest(in: herd)
        }
        let answer = chooses ? try choices(extra: words, request, run) : try word(words, request, run)
        _ = try run.order(.answer(request.id, answer))
        return ExitCode.fine
    }

    private static func word(_ words: [String], _ request: Request, _ run: Run) throws(Refusal) -> Answer {
        let message = run.arguments.value("message")
        if words.count > 1 { throw Refusal(.usage, "\"\(words[1])\" is one argument too many") }
        switch words.first {
        case "once" where message == nil: return .once
        case "always" where message == nil: return .always
        case "reject": return .reject(message: message)
        case "once", "always": throw Refusal(.usage, "--message goes with reject only")
        case let other?: throw Refusal(.usage, "\"\(other)\" is no answer", remedy: "answer once, always or reject; or --option, --text for a question")
        case nil:
            if message != nil { return .reject(message: message) }
            let remedy = if case .question = request.kind { "answer with --option N or --text TEXT, or reject" } else { "answer once, always or reject" }
            throw Refusal(.usage, "what is the answer to \"\(Visible.line(request.title))\"?", remedy: remedy)
        }
    }

    private static func choices(extra: [String], _ request: Request, _ run: Run) throws(Refusal) -> Answer {
        guard case .question(let questions) = request.kind else {
            throw Refusal(.usage, "\(request.id) is a permission, not a question", remedy: "answer once, always or reject")
        }
        if run.arguments.has("message") { throw Refusal(.usage, "--message goes with reject only", remedy: "--text is an answer in your own words") }
        if !extra.isEmpty, !run.arguments.has("option") { throw Refusal(.usage, "\"\(extra[0])\" is one argument too many") }
        return .choices(try Choosing.choices(options: run.arguments.all("option") + extra, texts: run.arguments.all("text"), of: questions))
    }
}

/// From `--option` and `--text` to a list of labels for each question.
enum Choosing {
    static func choices(options: [String], texts: [String], of questions: [Request.Question]) throws(Refusal) -> [[String]] {
        var chosen = Array(repeating: [String](), count: questions.count)
        var texts = texts[...]
        if questions.count == 1 {
            for option in options.flatMap({ numbers(in: $0) }) { chosen[0].append(try label(option, of: questions[0])) }
            chosen[0] += texts
            texts = []
        } else {
            var next = 0
            for option in options {
                let (place, rest) = addressed(option, count: questions.count)
                if place == nil { while next < questions.count, !chosen[next].isEmpty { next += 1 } }
                guard let place = place ?? (next < questions.count ? next : nil) else {
                    throw Refusal(.usage, "there are more options than the \(questions.count) questions")
                }
                for one in numbers(in: rest) { chosen[place].append(try label(one, of: questions[place])) }
            }
            for place in questions.indices where chosen[place].isEmpty { if let text = texts.popFirst() { chosen[place] = [text] } }
        }
        if let text = texts.first { throw Refusal(.usage, "there is no question left for \"\(text)\"") }
        for (place, question) in questions.enumerated() { try check(chosen[place], question, place: questions.count > 1 ? place : nil) }
        return chosen
    }

    /// "2:1" is option 1 of question 2.
    private static func addressed(_ option: String, count: Int) -> (Int?, String) {
        let parts = option.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let number = Int(parts[0]), (1...count).contains(number) else { return (nil, option) }
        return (number - 1, String(parts[1]))
    }

    /// "1,3" is two numbers; a label may hold commas.
    private static func numbers(in option: String) -> [String] {
        let parts = option.split(separator: ",").map(String.init)
        return parts.count > 1 && parts.allSatisfy { Int($0) != nil } ? parts : [option]
    }

    private static func label(_ option: String, of question: Request.Question) throws(Refusal) -> String {
        let labels = question.options.map(\.label)
        if labels.contains(option) { return option }
        if let number = Int(option), labels.indices.contains(number - 1) { return labels[number - 1] }
        let near = labels.filter { $0.lowercased().hasPrefix(option.lowercased()) }
        if near.count == 1, !option.isEmpty { return near[0] }
        let list = labels.enumerated().map { "\($0.offset + 1) \(Visible.line($0.element))" }.joined(separator: ", ")
        throw Refusal(
            .usage, "\"\(option)\" is no option of \"\(Visible.line(question.text))\"", remedy: list.isEmpty ? "answer with --text" : "there are: " + list)
    }

    private static func check(_ chosen: [String], _ question: Request.Question, place: Int?) throws(Refusal) {
        let name = "\(place.map { "question \($0 + 1), " } ?? "")\"\(Visible.line(question.text))\""
        if chosen.isEmpty { throw Refusal(.usage, "there is no answer to \(name)", remedy: "answer with --option N or --text TEXT") }
        if chosen.count > 1, !question.multiple { throw Refusal(.usage, "only one answer to \(name) may be given") }
        let labels = Set(question.options.map(\.label))
        if !question.custom, let own = chosen.first(where: { !labels.contains($0) }) {
            throw Refusal(.usage, "\(name) takes its options only, not \"\(Visible.line(own))\"", remedy: "answer with --option N")
        }
    }
}
