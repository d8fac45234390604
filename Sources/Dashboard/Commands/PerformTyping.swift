import Domain
import Query
import Screen

extension Dashboard {
    mutating func performTyping(_ intent: Intent, _ now: Now) -> [DashboardEffect] {
        switch intent {
        case .compose:
            guard let id = ui.selected else { break }
            ui.tab = .activity
            ui.focus = .detail
            ui.isComposing = true
            ui.find?.isEditing = false
            ui.activity.chosen = nil
            ui.activity.anchor = nil
            ui.drafts[id, default: TextEditor(multiline: true)].moveToEnd()
            // Files may have come and gone since they were looked at.
            ui.lore.facts[.agent(id)] = nil
            ui.lore.found = nil
            return askChoices(selectedAgent?.project)
        case .composeSend: return send(now)
        case .composeLeave:
            ui.isComposing = false
            restoreDraft()
        case .composeEditor:
            guard let id = ui.selected else { break }
            ui.editing = .draft(id)
            return [.openEditor(text: ui.drafts[id]?.text ?? "")]
        case .composeRecall(let step): recall(step)
        case .composeMode: turnMode(now)
        case .composeModel: return pickModel(now)
        case .completeTake, .completeMove, .completeClose: performCompleting(intent)
        case .filterKeep:
            ui.filter.isEditing = false
            // What could not be read is not kept: the list shows the last good filter, and so does its text.
            if ui.filter.error != nil {
                ui.filter.editor = TextEditor(ui.filter.query.text)
                ui.filter.error = nil
            }
        case .filterClear: clearFilter()
        default: break
        }
        return []
    }

    private mutating func send(_ now: Now) -> [DashboardEffect] {
        guard let id = ui.selected, let draft = ui.drafts[id], !draft.text.trimmed.isEmpty else { return [] }
        if let why = WhyNot.connection(self) {
            say(.warning, "not sent", remedy: why + "; the draft stays", now)
            return []
        }
        let text = PromptText.trimmed(draft.text)
        if ui.history[id]?.last != text { ui.history[id, default: []].append(text) }
        if (ui.history[id]?.count ?? 0) > 100 { ui.history[id]?.removeFirst() }
        ui.drafts[id] = nil
        ui.recall = nil
        ui.isComposing = false
        ui.activity.anchor = nil
        return [order(.send(id, text: text, model: ui.models[id], mode: ui.modes[id]))]
    }

    private mutating func turnMode(_ now: Now) {
        guard let agent = selectedAgent else { return }
        guard let modes = model.choices[agent.project]?.modes, !modes.isEmpty else { return say(.info, "which modes there are is not known yet", now) }
        let present = ui.modes[agent.id] ?? agent.mode ?? modes[0]
        let next = modes[((modes.firstIndex(of: present) ?? -1) + 1) % modes.count]
        ui.modes[agent.id] = next == agent.mode ? nil : next
    }

    /// Through what was sent before; the draft waits meanwhile and comes back at the newest end.
    private mutating func recall(_ step: Int) {
        guard let id = ui.selected, step != 0, let history = ui.history[id], !history.isEmpty else { return }
        let now = ui.recall?.index ?? history.count
        let next = now + step
        if next >= history.count { return restoreDraft() }
        guard next >= 0 else { return }
        let draft = ui.recall?.draft ?? ui.drafts[id] ?? TextEditor(multiline: true)
        ui.recall = UI.Recall(index: next, draft: draft)
        ui.drafts[id] = TextEditor(history[next], multiline: true)
    }

    /// Back from the history to what was being written.
    private mutating func restoreDraft() {
        if let recall = ui.recall, let id = ui.selected { ui.drafts[id] = recall.draft }
        ui.recall = nil
    }
}
