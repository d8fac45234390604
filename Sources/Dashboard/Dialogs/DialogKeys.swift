import Domain
import Query
import Screen

extension Dashboard {
    /// Keys of the dialog on top. `esc` leaves it, and nothing typed is lost where it would be missed.
    mutating func pressInDialog(_ key: Key, _ now: Now) -> [DashboardEffect] {
        if key == .ctrl("z") { return [.suspend] }
        if key == .ctrl("l") { return [.redraw] }
        if let command = completing(key) { return run(command, now) }
        let isLeaving = key == .escape || key == .ctrl("c")
        switch ui.dialogs.popLast() {
        case .newAgent(let form): return press(key, isLeaving: isLeaving, form, now)
        case .help(let help): press(key, isLeaving: isLeaving, help)
        case .palette(let palette): return press(key, isLeaving: isLeaving, palette, now)
        case .confirm(let confirm): return press(key, isLeaving: isLeaving, confirm, now)
        case .text(let text): return press(key, isLeaving: isLeaving, text, now)
        case .pick(let dialog): return press(key, isLeaving: isLeaving, dialog)
        case .pressed, nil: break
        }
        return []
    }

    mutating func pasteInDialog(_ text: String) {
        guard let dialog = ui.dialogs.popLast() else { return }
        switch dialog {
        case .newAgent(var form):
            form.type { $0.insert(text) }
            ui.dialogs.append(.newAgent(form))
            noteDrop(text)
        case .help(var help):
            help.search.insert(text)
            ui.dialogs.append(.help(help))
        case .palette(var palette):
            palette.editor.insert(text)
            palette.selected = 0
            ui.dialogs.append(.palette(palette))
        case .confirm(var confirm):
            confirm.typed.insert(text)
            ui.dialogs.append(.confirm(confirm))
        case .text(var dialog):
            dialog.editor.insert(text)
            ui.dialogs.append(.text(dialog))
        case .pressed(let dialog): ui.dialogs.append(.pressed(dialog))
        case .pick(var dialog):
            dialog.search.insert(text)
            dialog.selected = 0
            ui.dialogs.append(.pick(dialog))
        }
    }

    // MARK: Help

    private mutating func press(_ key: Key, isLeaving: Bool, _ help: HelpDialog) {
        var help = help
        if isLeaving {
            // The search first, then the dialog.
            guard !help.search.isEmpty, key == .escape else { return }
            help.search.set("")
        } else {
            switch key {
            case .down: help.top += 1
            case .up: help.top -= 1
            case .pageDown, .ctrl("d"): help.top += 10
            case .pageUp, .ctrl("u"): help.top -= 10
            case .enter, .function(1): return
            case .char("?") where help.search.isEmpty, .char("q") where help.search.isEmpty: return
            default: if help.search.handle(key, width: 60) { help.top = 0 }
            }
        }
        help.top = max(0, min(help.top, helpLastTop(help)))
        ui.dialogs.append(.help(help))
    }

    // MARK: Palette

    private mutating func press(_ key: Key, isLeaving: Bool, _ palette: PaletteDialog, _ now: Now) -> [DashboardEffect] {
        if isLeaving { return [] }
        var palette = palette
        switch key {
        case .tab where completed(palette.editor.text) != nil:
            palette.editor.set(completed(palette.editor.text) ?? "")
            palette.selected = 0
        case .down, .ctrl("n"), .ctrl("j"), .tab: palette.selected += 1
        case .up, .ctrl("p"), .backTab: palette.selected -= 1
        case .pageDown: palette.selected += 8
        case .pageUp: palette.selected -= 8
        case .enter:
            let entries = paletteEntries(palette.editor.text)
            guard entries.indices.contains(palette.selected) else { break }
            return choose(entries[palette.selected], palette, now)
        case .backspace where palette.editor.isEmpty: return []
        default: if palette.editor.handle(key, width: 1000) { palette.selected = 0 }
        }
        // What is listed is looked up for the frame; a letter begins at the first row, whatever that is.
        if palette.selected != 0 { palette.selected = max(0, min(palette.selected, paletteEntries(palette.editor.text).count - 1)) }
        ui.dialogs.append(.palette(palette))
        return []
    }

    /// Carries out a line of the palette; one that cannot be used says why and the palette stays.
    mutating func choose(_ entry: PaletteEntry, _ palette: PaletteDialog, _ now: Now) -> [DashboardEffect] {
        if let why = entry.whyNot {
            ui.dialogs.append(.palette(palette))
            say(.warning, entry.title, remedy: why, now)
            return []
        }
        remember(entry, typed: palette.editor.text.trimmed)
        switch entry.action {
        case .mark(let agents):
            ui.marks = Set(agents)
            return []
        case .filter(let query, let isFeed):
            ui.filter.editor.set(query)
            readFilter()
            return isFeed && ui.feed == nil ? toggleFeed() : []
        case .scope(let scope):
            ui.scope = scope
            return []
        case .intent(let intent): return perform(intent, now)
        case .go(let agent):
            ui.queue = nil
            if !listing.rows.contains(agent) {
                clearFilter()
                ui.scope = .all
            }
            select(agent)
            ui.focus = .detail
            return []
        case .onAgent(let agent, let intent):
            select(agent)
            return run(intent, now)
        case .confirm(let confirm):
            ui.dialogs.append(.confirm(confirm))
            return []
        case .orders(let orders, let words): return orders.map { order($0, words: words) }
        case .newAgent(let project, let prompt):
            var effects = perform(.new, now)
            if case .newAgent(var form)? = ui.dialogs.popLast() {
                if let project { form.choose(project, in: model.herd) }
                if !prompt.isEmpty { form.prompt = TextEditor(prompt, multiline: true) }
                fill(&form)
                ui.dialogs.append(.newAgent(form))
                effects += askChoices(form.project)
            }
            return effects
        }
    }

    // MARK: Confirm

    private mutating func press(_ key: Key, isLeaving: Bool, _ confirm: ConfirmDialog, _ now: Now) -> [DashboardEffect] {
        if isLeaving { return [] }
        var confirm = confirm
        let isYes = key == .enter || (!confirm.needsCount && key == .char("y"))
        if !confirm.needsCount, key == .char("n") || key == .char("q") { return [] }
        if isYes, confirm.isReady { return accept(confirm, now) }
        if confirm.needsCount { _ = confirm.typed.handle(key, width: 20) }
        ui.dialogs.append(.confirm(confirm))
        return []
    }

    mutating func accept(_ confirm: ConfirmDialog, _ now: Now) -> [DashboardEffect] {
        ui.marks = []
        ui.queue?.marks = []
        if ui.queue != nil, confirm.orders.allSatisfy({ if case .answer = $0 { true } else { false } }) { return hold(confirm.orders, now) }
        // A shell that is to end leaves the tab at once.
        for case .shell(let id, .end) in confirm.effects { ui.shells.remove(id) }
        return confirm.effects + confirm.orders.map { order($0, words: confirm.words) }
    }

    // MARK: One text

    private mutating func press(_ key: Key, isLeaving: Bool, _ dialog: TextDialog, _ now: Now) -> [DashboardEffect] {
        if isLeaving { return [] }
        var dialog = dialog
        if key == .enter {
            if let effects = finish(&dialog) { return effects }
        } else if key == .ctrl("e"), dialog.editor.isMultiline {
            ui.editing = .rejection
            ui.dialogs.append(.text(dialog))
            return [.openEditor(text: dialog.editor.text)]
        } else if dialog.editor.handle(key, width: 60) {
            dialog.error = nil
        }
        ui.dialogs.append(.text(dialog))
        return []
    }

    /// Nil: not good enough yet; `error` says why.
    mutating func finish(_ dialog: inout TextDialog) -> [DashboardEffect]? {
        let text = dialog.editor.text.trimmed
        guard !text.isEmpty else {
            dialog.error =
                switch dialog.purpose {
                case .rejection: "say why; x alone refuses without a word"
                case .ownWords: "nothing is written yet"
                case .rename: "a title needs a letter at least"
                case .view: "a view needs a name"
                }
            return nil
        }
        switch dialog.purpose {
        case .rename(let agent): return [order(.rename(agent, text))]
        case .view(let query):
            dialog.error = Query.problem(withViewName: text)
            return dialog.error == nil ? keepView(text, query) : nil
        case .rejection(let id), .ownWords(let id):
            guard let request = model.herd.requests[id] else {
                dialog.error = "somebody answered this meanwhile"
                return nil
            }
            if case .rejection = dialog.purpose { return [send(.reject(message: text), to: request)] }
            return answered(request, [text], now)
        }
    }

    // MARK: New agent

    private mutating func press(_ key: Key, isLeaving: Bool, _ form: NewAgentForm, _ now: Now) -> [DashboardEffect] {
        var form = form
        if isLeaving {
            // Kept for the next `n`: nothing typed is lost.
            form.refusal = nil
            ui.newAgentDraft = form
            return []
        }
        let effects = edit(&form, key, now)
        ui.dialogs.append(.newAgent(form))
        return effects
    }

    private mutating func edit(_ form: inout NewAgentForm, _ key: Key, _ now: Now) -> [DashboardEffect] {
        switch key {
        case .tab: form.move(by: 1)
        case .backTab: form.move(by: -1)
        case .enter: return create(&form)
        case .ctrl("e") where form.field == .prompt:
            ui.editing = .newAgentPrompt
            return [.openEditor(text: form.prompt.text)]
        case .down, .up:
            if form.field == .prompt, form.prompt.handle(key, width: 68) { break }
            form.move(by: key == .down ? 1 : -1)
        case .left where form.isChoice, .right where form.isChoice, .space where form.isSwitch:
            let before = form.project
            form.turn(by: key == .left ? -1 : 1, listing.projects, model.herd)
            if form.project != before {
                fill(&form)
                return askChoices(form.project)
            }
        default: form.type { _ = $0.handle(key, width: 68) }
        }
        return []
    }

    mutating func create(_ form: inout NewAgentForm) -> [DashboardEffect] {
        guard form.tag == nil else { return [] }
        if let why = WhyNot.connection(self) {
            form.refusal = Refusal(.unreachable, why, remedy: "what you typed stays here")
            return []
        }
        switch form.order(in: model.herd) {
        case .failure(let refusal):
            form.refusal = refusal
            return []
        case .success(let new):
            form.refusal = nil
            let effect = order(.new(new), words: "", origin: .newAgentDialog)
            form.tag = model.lastTag
            return [effect]
        }
    }
}

extension NewAgentForm {
    var isChoice: Bool {
        switch field {
        case .project, .place, .copy: true
        case .base: base.editor.isEmpty
        case .model: model.editor.isEmpty
        case .mode: mode.editor.isEmpty
        case .prompt, .branch, .title: false
        }
    }
    var isSwitch: Bool { field == .copy || field == .place || field == .project }

    mutating func move(by step: Int) {
        let fields = fields
        let index = fields.firstIndex(of: field) ?? 0
        field = fields[(index + step + fields.count) % fields.count]
    }

    /// Goes through the values of the present field.
    mutating func turn(by step: Int, _ projects: [ProjectID], _ herd: Herd) {
        switch field {
        case .project:
            guard !projects.isEmpty else { return }
            let index = project.flatMap(projects.firstIndex(of:)) ?? 0
            choose(projects[(index + step + projects.count) % projects.count], in: herd)
        case .place:
            let all = Self.kinds
            let known = project.flatMap { herd.projects[$0] }
            let next = all[((all.firstIndex(of: kind) ?? 0) + step + all.count) % all.count]
            if let why = Self.whyNot(next, in: known) { refusal = Refusal(.usage, "no \(next.rawValue) here: \(why)") } else { kind = next; refusal = nil }
        case .copy: copiesUncommitted.toggle()
        case .base: base.turn(by: step)
        case .model: model.turn(by: step)
        case .mode: mode.turn(by: step)
        case .prompt, .branch, .title: break
        }
    }

    /// Types into the present field; what is chosen with arrows alone takes no letters.
    mutating func type(_ change: (inout TextEditor) -> Void) {
        switch field {
        case .prompt: change(&prompt)
        case .branch: change(&branch)
        case .title: change(&title)
        case .base: base.typed(change)
        case .model: model.typed(change)
        case .mode: mode.typed(change)
        case .project, .place, .copy: break
        }
        if refusal?.reason == .usage { refusal = nil }
    }
}
