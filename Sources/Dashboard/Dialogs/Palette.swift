import Domain
import Query

/// One line of the palette.
struct PaletteEntry: Equatable {
    enum Action: Equatable {
        case intent(Intent)
        case go(AgentID)
        case onAgent(AgentID, Intent)
        case confirm(ConfirmDialog)
        case orders([ClientOrder], words: String)
        case newAgent(ProjectID?, prompt: String)
        case mark([AgentID])
        /// The list, or the feed, shows what the query means.
        case filter(String, isFeed: Bool)
        case scope(UI.Scope)
    }
    var title: String
    /// Letters of the title that were typed.
    var positions: [Int] = []
    /// Behind the title: what it will do, or where.
    var detail = ""
    var key = ""
    var whyNot: String?
    var action: Action
}

extension Dashboard {
    /// What matches, the best first: the words of the command line, then commands, then agents to go to.
    func paletteEntries(_ text: String) -> [PaletteEntry] {
        let typed = text.trimmed
        let commands = Command.table.filter {
            $0.group != .text && !$0.contexts.isDisjoint(with: .main) && !$0.name.hasPrefix("move.")
                && !($0.name.hasPrefix("answer.") && $0.name.last?.isNumber == true) && $0.name != "palette"
        }
        if typed.isEmpty { return recentEntries(commands.map { entry($0, []) }) }
        var ranked: [(score: Int, entry: PaletteEntry)] = []
        for command in commands {
            if let match = fuzzyMatch(typed, in: command.help) {
                ranked.append((match.score + (match.positions.first == 0 ? 4 : 0), entry(command, match.positions)))
            } else if let match = fuzzyMatch(typed, in: command.short) {
                ranked.append((match.score, entry(command, [])))
            }
        }
        for agent in model.herd.agents.values where !agent.archived {
            guard let match = fuzzyMatch(typed, in: agent.title) else { continue }
            let detail = (model.project(of: agent)?.name ?? "") + "  " + agent.status.rawValue
            ranked.append((match.score - 3, PaletteEntry(title: agent.title, positions: match.positions, detail: detail, action: .go(agent.id))))
        }
        let sorted = ranked.sorted { ($1.score, $0.entry.title) < ($0.score, $1.entry.title) }.map(\.entry)
        return (wordsEntry(typed).map { [$0] } ?? []) + sorted
    }

    private func entry(_ command: Command, _ positions: [Int]) -> PaletteEntry {
        PaletteEntry(
            title: command.help, positions: positions, detail: command.words, key: keyMap.label(of: command), whyNot: command.whyNot(self),
            action: .intent(command.intent))
    }
}

extension Dashboard {
    /// The words of the command line: `stop status:running`, `send oauth "go on"`. Nil: these are no such words.
    func wordsEntry(_ text: String) -> PaletteEntry? {
        let words = shellWords(text)
        guard let verb = words.first?.lowercased() else { return nil }
        let rest = Array(words.dropFirst())
        let argument = String(text.drop { !$0.isWhitespace }).trimmed
        switch verb {
        case "new": return newEntry(rest)
        case "send":
            return rest.isEmpty
                ? nil
                : onAgent(rest) { agent, words in
                    words.isEmpty
                        ? .onAgent(agent.id, .compose)
                        : .orders([.send(agent.id, text: words.joined(separator: " "), model: nil, mode: nil)], words: "sent to " + agent.title)
                }
        case "rename":
            return rest.count < 2 ? nil : onAgent(rest) { agent, words in .orders([.rename(agent.id, words.joined(separator: " "))], words: "renamed") }
        case "attach": return rest.isEmpty ? nil : onAgent(rest) { agent, _ in .onAgent(agent.id, .attach) }
        case "diff": return rest.isEmpty ? nil : onAgent(rest) { agent, _ in .onAgent(agent.id, .tab(.diff)) }
        case "why", "show": return rest.isEmpty ? nil : onAgent(rest) { agent, _ in .onAgent(agent.id, .tab(verb == "why" ? .info : .activity)) }
        case "stop": return bulk(verb, argument, { $0.status.isWorking || $0.status == .waiting }, "stopped") { .stop($0) }
        case "resume": return bulk(verb, argument, { $0.status == .paused }, "resumed") { .resume($0) }
        case "retry": return bulk(verb, argument, { $0.status == .failed }, "sent again to") { .retry($0) }
        case "archive": return bulk(verb, argument, { !$0.archived }, "archived") { .archive($0, true) }
        case "unarchive": return bulk(verb, argument.isEmpty ? "is:archived" : argument, { $0.archived }, "back from the archive:") { .archive($0, false) }
        case "rm", "remove": return removeEntry(argument)
        case "mark", "filter", "feed": return argument.isEmpty ? nil : queryEntry(verb, argument)
        case "view":
            guard let name = rest.first, rest.count == 1 else { return nil }
            let isKnown = views.contains { $0.name == name }
            return PaletteEntry(title: "view " + name, whyNot: isKnown ? nil : "there is no view called so", action: .scope(.view(name)))
        case "answer": return answerEntry(rest)
        case "project": return projectEntry(rest)
        case "undo":
            return rest.isEmpty
                ? PaletteEntry(
                    title: "undo", detail: "takes back the last removal or archiving", whyNot: WhyNot.connection(self), action: .orders([.undo], words: ""))
                : nil
        default: return nil
        }
    }

    private func newEntry(_ words: [String]) -> PaletteEntry {
        let project = words.first.flatMap { name in model.herd.projects.values.first { $0.name.lowercased() == name.lowercased() } }
        let prompt = (project == nil ? words[...] : words.dropFirst()).joined(separator: " ")
        let detail = "in " + (project?.name ?? "the present project") + (prompt.isEmpty ? "" : ": " + prompt)
        return PaletteEntry(title: "new agent", detail: detail, key: "n", whyNot: WhyNot.project(self), action: .newAgent(project?.id, prompt: prompt))
    }

    /// The agent that a word means: by id, else the only one whose title, project or branch has it.
    private func onAgent(_ words: [String], _ action: (Agent, [String]) -> PaletteEntry.Action) -> PaletteEntry {
        let name = words[0]
        let rest = Array(words.dropFirst())
        let byID = model.herd.agents.values.filter { $0.id.raw == name }
        let found =
            byID.isEmpty
            ? ((try? Query(name, views: preferences.views)) ?? .everything).select(from: model.herd, now: now.minute).compactMap { model.herd.agents[$0] }
            : byID
        guard let agent = found.first else { return PaletteEntry(title: name, whyNot: "no agent is called so", action: .intent(.palette)) }
        if found.count > 1 {
            return PaletteEntry(
                title: name, detail: found.prefix(3).map(\.title).joined(separator: ", "),
                whyNot: "\(found.count) agents are called so: type more of the title, or the id", action: .intent(.palette))
        }
        return PaletteEntry(title: agent.title, detail: rest.joined(separator: " "), whyNot: WhyNot.connection(self), action: action(agent, rest))
    }

    /// The agents of a query, or those that are marked or selected; nil: the query cannot be read.
    private func agents(of query: String) -> Result<[Agent], QueryError> {
        if query.isEmpty { return .success(targets.compactMap { model.herd.agents[$0] }) }
        do throws(QueryError) {
            return .success(try Query(query, views: preferences.views).select(from: model.herd, now: now.minute).compactMap { model.herd.agents[$0] })
        } catch { return .failure(error) }
    }

    private func bulk(_ verb: String, _ query: String, _ isFit: (Agent) -> Bool, _ past: String, _ make: ([AgentID]) -> ClientOrder) -> PaletteEntry {
        let all: [Agent]
        switch agents(of: query) {
        case .failure(let error): return PaletteEntry(title: verb + " " + query, whyNot: error.sentence, action: .intent(.palette))
        case .success(let found): all = found
        }
        let fit = all.filter(isFit)
        guard !fit.isEmpty else {
            return PaletteEntry(
                title: verb + " " + query, whyNot: all.isEmpty ? "no agent matches" : "none of " + counted(all.count, "agent") + " can",
                action: .intent(.palette))
        }
        let orders = [make(fit.map(\.id))]
        let words = past + " " + (fit.count == 1 ? fit[0].title : counted(fit.count, "agent"))
        let confirm = ConfirmDialog(
            title: verb.prefix(1).uppercased() + verb.dropFirst() + " " + counted(fit.count, "agent"), subjects: fit.map { name($0.id) }, consequences: [],
            verb: verb, isDangerous: false, orders: orders, words: words)
        return PaletteEntry(
            title: verb + " " + counted(fit.count, "agent"), detail: fit.prefix(4).map(\.title).joined(separator: ", "), whyNot: WhyNot.connection(self),
            action: fit.count == 1 ? .orders(orders, words: words) : .confirm(confirm))
    }

    /// `mark status:done`, `filter is:unseen`, `feed test`.
    private func queryEntry(_ verb: String, _ query: String) -> PaletteEntry {
        let found: [Agent]
        switch agents(of: query) {
        case .failure(let error): return PaletteEntry(title: verb + " " + query, whyNot: error.sentence, action: .intent(.palette))
        case .success(let all): found = all
        }
        if verb == "feed" { return PaletteEntry(title: "feed " + query, detail: "what happened", action: .filter(query, isFeed: true)) }
        let detail = found.prefix(4).map(\.title).joined(separator: ", ")
        if verb == "filter" { return PaletteEntry(title: "filter " + query, detail: detail, action: .filter(query, isFeed: false)) }
        return PaletteEntry(
            title: "mark " + counted(found.count, "agent"), detail: detail, whyNot: found.isEmpty ? "no agent matches" : nil, action: .mark(found.map(\.id)))
    }

    private func removeEntry(_ query: String) -> PaletteEntry {
        switch agents(of: query) {
        case .failure(let error): return PaletteEntry(title: "remove " + query, whyNot: error.sentence, action: .intent(.palette))
        case .success(let found):
            guard !found.isEmpty else { return PaletteEntry(title: "remove " + query, whyNot: "no agent matches", action: .intent(.palette)) }
            return PaletteEntry(
                title: "remove " + counted(found.count, "agent") + "…", detail: found.prefix(4).map(\.title).joined(separator: ", "),
                whyNot: WhyNot.connection(self), action: .confirm(removal(of: found.map(\.id))))
        }
    }

    /// `project add DIR`, `project trust NAME`, `project wake NAME`, `project rm NAME`.
    private func projectEntry(_ words: [String]) -> PaletteEntry? {
        guard let verb = words.first, words.count > 1 else {
            return PaletteEntry(title: "project", detail: "add DIR, wake NAME, trust NAME, rm NAME", whyNot: "say which", action: .intent(.palette))
        }
        let name = words.dropFirst().joined(separator: " ")
        let why = WhyNot.connection(self)
        if verb == "add" {
            let isAbsolute = name.hasPrefix("/")
            return PaletteEntry(
                title: "add the project in " + name, whyNot: isAbsolute ? why : "write the whole path, from / on",
                action: .orders([.addProject(path: name)], words: "added " + name))
        }
        guard let project = model.herd.projects.values.first(where: { $0.name.lowercased() == name.lowercased() || $0.id.raw == name }) else {
            return PaletteEntry(title: "project " + verb + " " + name, whyNot: "no project is called so", action: .intent(.palette))
        }
        switch verb {
        case "wake": return PaletteEntry(title: "start the server of " + project.name, whyNot: why, action: .orders([.wake(project.id)], words: ""))
        case "trust":
            return PaletteEntry(
                title: "trust the set-up script of " + project.name, detail: project.path + "/.drover", whyNot: why,
                action: .orders([.trust(project.id)], words: ""))
        case "rm":
            let count = listing.count(of: project.id)
            let confirm = ConfirmDialog(
                title: "Forget the project " + project.name, subjects: [],
                consequences: ["stays: " + project.path, count > 0 ? counted(count, "agent") + " leave the list" : "it has no agents"], verb: "forget",
                isDangerous: true, orders: [.removeProject(project.id)], words: "forgot " + project.name)
            return PaletteEntry(title: "forget the project " + project.name + "…", whyNot: why, action: .confirm(confirm))
        default: return nil
        }
    }

    private func answerEntry(_ words: [String]) -> PaletteEntry? {
        guard let how = words.first?.lowercased() else {
            return PaletteEntry(title: "answer", detail: "all requests, the oldest first", key: "!", whyNot: WhyNot.queue(self), action: .intent(.queue))
        }
        let replies: [(String, Intent.Reply)] = [("once", .once), ("always", .always), ("reject", .no)]
        guard let reply = replies.first(where: { $0.0.hasPrefix(how) }) else { return nil }
        let why = reply.1 == .always ? WhyNot.always(self) : reply.1 == .once ? WhyNot.permission(self) : WhyNot.request(self)
        return PaletteEntry(title: "answer " + reply.0, detail: currentRequest?.title ?? "", whyNot: why, action: .intent(.answer(reply.1)))
    }
}

/// Words as a shell would cut them: spaces separate, quotes keep together.
func shellWords(_ text: String) -> [String] {
    var words: [String] = []
    var word = "", isWord = false
    var quote: Character?
    for character in text {
        if let open = quote {
            if character == open { quote = nil } else { word.append(character) }
        } else if character == "\"" || character == "'" {
            quote = character
            isWord = true
        } else if character.isWhitespace {
            if isWord { words.append(word) }
            (word, isWord) = ("", false)
        } else {
            word.append(character)
            isWord = true
        }
    }
    return isWord ? words + [word] : words
}

/// A line's title cut where its matched letters begin and end.
func matchPieces(_ entry: PaletteEntry) -> [(text: String, matched: Bool)] {
    FuzzyMatch(score: 0, positions: entry.positions).pieces(of: entry.title)
}
