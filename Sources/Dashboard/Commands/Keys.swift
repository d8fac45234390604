import Domain
import Query
import Screen

extension Dashboard {
    /// Where the person is, for keys, footer and help.
    package var context: Command.Contexts {
        if ui.filter.isEditing { return .filter }
        if ui.isComposing { return isCompleting ? .completing : .composer }
        if ui.shells.typing != nil { return .shell }
        if ui.find?.isEditing == true { return .find }
        if ui.queue != nil { return .queue }
        if ui.feed != nil { return .feed }
        switch ui.focus {
        case .projects: return .projects
        case .agents: return .agents
        case .detail: return ui.tab == .diff ? .diff : ui.tab == .term ? .term : .detail
        }
    }

    mutating func handle(_ input: Input, now: Now) -> [DashboardEffect] {
        if note(input) { return [] }
        switch input {
        case .key(let key):
            ui.isListFree = false
            return press(normal(key), now)
        case .mouse(let mouse): return point(mouse, now)
        case .paste(let text):
            if ui.dialog == nil, context == .shell { return pasteInShell(text) }
            paste(text, now)
            return []
        case .focus(let isFocused):
            ui.isFocused = isFocused
            ui.notify.knowsFocus = true
            return []
        case .released, .reply, .unknown: return []
        }
    }

    /// Terminals disagree on whether shift is told with a capital letter.
    private func normal(_ key: Key) -> Key {
        if case .char(let scalar) = key.code, key.modifiers == .shift, scalar != " " { return Key(.char(scalar)) }
        return key
    }

    private mutating func press(_ key: Key, _ now: Now) -> [DashboardEffect] {
        if ui.dialog != nil { return pressInDialog(key, now) }
        let context = context
        switch context {
        case .completing:
            if let command = completing(key) { return run(command, now) }
            if let effects = pressInComposer(key, now) { return effects }
        case .composer:
            if let effects = pressInComposer(key, now) { return effects }
        case .filter:
            if pressInFilter(key) { return [] }
        case .find:
            if pressInFind(key) { return [] }
        case .detail, .diff:
            if ui.find != nil, let command = keyMap.command(for: key, in: .found) { return run(command, now) }
        case .shell: return pressInShell(key, now)
        default: break
        }
        guard let command = keyMap.command(for: key, in: context == .completing ? .composer : context) else { return [] }
        return run(command, now)
    }

    /// Does it, or says why not.
    mutating func run(_ command: Command, _ now: Now) -> [DashboardEffect] {
        if let why = command.whyNot(self) {
            say(.warning, command.help.prefix { $0 != ";" && $0 != ":" && $0 != "," } + ": not now", remedy: why, now)
            return []
        }
        return perform(command.intent, now)
    }

    private mutating func paste(_ text: String, _ now: Now) {
        if ui.dialog != nil {
            pasteInDialog(text)
        } else if ui.filter.isEditing {
            ui.filter.editor.insert(text)
            readFilter()
        } else if ui.find?.isEditing == true {
            ui.find?.editor.insert(text)
            findAgain()
        } else if ui.selected != nil, ui.queue == nil, ui.feed == nil {
            // Pasted text is never keys: it goes where text goes.
            ui.isComposing = true
            if let id = ui.selected { ui.drafts[id, default: TextEditor(multiline: true)].insert(text) }
            noteDrop(text)
        }
    }

    // MARK: Typing

    /// Nil: the table knows this key.
    private mutating func pressInComposer(_ key: Key, _ now: Now) -> [DashboardEffect]? {
        guard let id = ui.selected else { return [] }
        let isRow = keyMap.command(for: key, in: .composer)
        // Up and down belong to the text while there are lines above and below.
        let width = composerWidth
        if key == .up || key == .down {
            if ui.drafts[id, default: TextEditor(multiline: true)].handle(key, width: width) { return [] }
            return nil
        }
        if let isRow, isRow.name != "compose.newline" { return nil }
        if ui.drafts[id, default: TextEditor(multiline: true)].handle(key, width: width) { ui.recall = nil }
        return []
    }

    /// True: taken. The filter is read at every letter; while it cannot be read the last good one stays.
    private mutating func pressInFilter(_ key: Key) -> Bool {
        if key == .up || key == .down { return false }
        if key == .tab {
            completeFilter()
            return true
        }
        if key != .enter, key != .escape, ui.filter.editor.handle(key, width: 1000) {
            readFilter()
            return true
        }
        return false
    }

    /// The first way in which the word at the end can go on.
    private mutating func completeFilter() {
        let text = ui.filter.editor.text
        guard let completion = Query.completions(of: text, in: model.herd, views: views.map(\.name)).first else { return }
        var kept = text[...]
        while let last = kept.last, !" :,-(".contains(last) { kept.removeLast() }
        ui.filter.editor.set(kept + completion)
        readFilter()
    }

    mutating func readFilter() {
        do throws(QueryError) {
            ui.filter.query = try Query(ui.filter.editor.text, views: preferences.views)
            ui.filter.error = nil
        } catch {
            ui.filter.error = error
            // The rest still filters: the list does not jump while a key is being typed.
            if let rest = try? Query(error.remainder(of: ui.filter.editor.text), views: preferences.views) { ui.filter.query = rest }
        }
    }

    var composerWidth: Int { max(8, Layout(ui.size, ui).detail.columns - 7) }

    mutating func edited(_ text: String?, _ now: Now) -> [DashboardEffect] {
        defer { ui.editing = nil }
        guard var text else { return [] }
        while text.last == "\n" { text.removeLast() }
        switch ui.editing {
        case .draft(let agent): ui.drafts[agent] = TextEditor(text, multiline: true)
        case .newAgentPrompt:
            if case .newAgent(var form)? = ui.dialog {
                form.prompt = TextEditor(text, multiline: true)
                ui.dialogs[ui.dialogs.count - 1] = .newAgent(form)
            }
        case .rejection:
            if case .text(var dialog)? = ui.dialog {
                dialog.editor = TextEditor(text, multiline: true)
                ui.dialogs[ui.dialogs.count - 1] = .text(dialog)
            }
        case nil: break
        }
        return []
    }
}
