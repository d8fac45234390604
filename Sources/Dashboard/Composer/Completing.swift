import Domain
import Query
import Screen

extension Dashboard {
    /// The prompt that is being written, and where its names count from.
    var prompt: (place: PromptPlace, editor: TextEditor)? {
        switch ui.dialog {
        case .newAgent(let form)?:
            guard form.field == .prompt, form.tag == nil, let project = form.project else { return nil }
            return (.project(project), form.prompt)
        case nil:
            guard ui.isComposing, let id = ui.selected, let draft = ui.drafts[id] else { return nil }
            return (.agent(id), draft)
        default: return nil
        }
    }

    /// A list of names is shown, and takes some keys.
    var isCompleting: Bool { ui.completion?.entries.isEmpty == false }

    /// The command that a key means in the list. Enter on what is written out sends, as it would without a list.
    func completing(_ key: Key) -> Command? {
        guard isCompleting, let command = keyMap.command(for: key, in: .completing) else { return nil }
        return command.name == "complete.take" && key == .enter && ui.completion?.isWhole == true ? nil : command
    }

    mutating func performCompleting(_ intent: Intent) {
        switch intent {
        case .completeTake: takeCompletion()
        case .completeMove(let step):
            guard let open = ui.completion, !open.entries.isEmpty else { break }
            ui.completion?.selected = (open.selected + step + open.entries.count) % open.entries.count
        case .completeClose:
            ui.completionClosed = ui.completion?.range.lowerBound
            ui.completion = nil
        default: break
        }
    }

    private mutating func takeCompletion() {
        guard let open = ui.completion, open.entries.indices.contains(open.selected), let editor = prompt?.editor else { return }
        let next = open.range.upperBound < editor.characters.count ? editor.characters[open.range.upperBound] : nil
        let text = open.written(open.entries[open.selected], before: next)
        changePrompt { $0.replace(open.range, with: text) }
        ui.completion = nil
    }

    mutating func changePrompt(_ change: (inout TextEditor) -> Void) {
        if case .newAgent(var form)? = ui.dialog {
            change(&form.prompt)
            ui.dialogs[ui.dialogs.count - 1] = .newAgent(form)
        } else if let id = ui.selected {
            change(&ui.drafts[id, default: TextEditor(multiline: true)])
        }
    }

    // MARK: What follows from the text

    /// After each input: which names can be taken, and what has to be asked for. Never more than one question of a kind is out, so a fast
    /// typist asks for the last letters and not for all.
    mutating func watchPrompt() -> [DashboardEffect] {
        guard let (place, editor) = prompt else {
            ui.completion = nil
            ui.completionClosed = nil
            return []
        }
        var effects: [DashboardEffect] = []
        if let known = ui.completion, known.entries.indices.contains(known.selected) { ui.completionKept = known.entries[known.selected].name }
        let before = ui.completion
        ui.completion = nil
        if var open = Completion(editor, in: place) {
            if ui.completionClosed != open.range.lowerBound {
                ui.completionClosed = nil
                effects += ask(for: open)
                open.entries = entries(open)
                // What was chosen stays chosen while its neighbours come and go, but not when other letters were typed.
                if open.letters == before?.letters, let row = open.entries.firstIndex(where: { $0.name == ui.completionKept }) { open.selected = row }
                ui.completion = open
            }
        } else {
            ui.completionClosed = nil
        }
        return effects + askFacts(place, editor)
    }

    private func isOut(_ matches: (ClientOrder) -> Bool) -> Bool { model.pending.values.contains { matches($0.order) } }

    private mutating func ask(for open: Completion) -> [DashboardEffect] {
        guard model.connection == .connected else { return [] }
        var effects: [DashboardEffect] = []
        if ui.lore.offers[open.place] == nil, !isOut({ $0 == .offers(open.place) }) { effects.append(order(.offers(open.place), origin: .silent)) }
        let isKnown = ui.lore.found.map { $0.place == open.place && $0.letters == open.letters } ?? false
        if open.kind == .mention, !isKnown, !isOut({ if case .files = $0 { true } else { false } }) {
            effects.append(order(.files(open.place, like: open.letters), origin: .silent))
        }
        return effects
    }

    private func entries(_ open: Completion) -> [Completion.Entry] {
        let offers = ui.lore.offers[open.place]
        if open.kind == .command {
            let commands = offers?.commands.map { Completion.Entry(kind: .command, name: $0.name, words: $0.description.firstLine) } ?? []
            return Completion.matching(open.letters, commands.sorted { $0.name < $1.name })
        }
        let agents = offers?.agents.map { Completion.Entry(kind: .agent, name: $0, words: "agent") } ?? []
        var files: [Completion.Entry] = []
        if let found = ui.lore.found, found.place == open.place {
            files = found.names.map { Completion.Entry(kind: $0.hasSuffix("/") ? .directory : .file, name: $0) }
            // Of the letters before: good enough until the answer comes.
            if found.letters != open.letters { files = files.filter { fuzzyMatch(open.letters, in: $0.name) != nil } }
        }
        return Completion.matching(open.letters, agents) + files
    }

    /// Longer texts are looked through when they are sent.
    private static let longestLooked = 20_000

    /// What the text names, but for the name that is being typed.
    func mentions(_ editor: TextEditor) -> [Mention] {
        guard editor.characters.count <= Self.longestLooked, editor.characters.contains("@") else { return [] }
        return PromptText.mentions(of: editor.text)
    }

    private mutating func askFacts(_ place: PromptPlace, _ editor: TextEditor) -> [DashboardEffect] {
        guard model.connection == .connected, !isOut({ if case .facts = $0 { true } else { false } }) else { return [] }
        let typed = ui.completion.flatMap { $0.kind == .mention && !$0.isWhole ? $0.letters : nil }
        var names = mentions(editor).map(\.name).filter { $0 != typed }
        for drop in ui.lore.drops where drop.place == place { names += drop.paths }
        let known = ui.lore.facts[place] ?? [:]
        let unknown = names.filter { known[$0] == nil }
        return unknown.isEmpty ? [] : [order(.facts(place, Array(unknown.prefix(PromptText.mostMentions))), origin: .silent)]
    }

    // MARK: Answers

    /// True: it was about what is written in prompts.
    mutating func learn(_ order: ClientOrder, _ reply: ClientReply?) -> Bool {
        switch (order, reply) {
        case (.offers(let place), .offers(let commands, let agents)): ui.lore.offers[place] = Lore.Offers(commands: commands, agents: agents)
        case (.offers(let place), _): ui.lore.offers[place] = Lore.Offers(commands: [], agents: [])
        case (.files(let place, let letters), .files(let names)): ui.lore.found = Lore.Found(place: place, letters: letters, names: names)
        case (.files(let place, let letters), _): ui.lore.found = Lore.Found(place: place, letters: letters, names: [])
        case (.facts(let place, let names), _):
            var facts: [FileFact] = []
            if case .facts(let found)? = reply { facts = found }
            for name in names { ui.lore.facts[place, default: [:]].updateValue(facts.first { $0.name == name }, forKey: name) }
            settleDrops(place)
        default: return false
        }
        return true
    }
}
