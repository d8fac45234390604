import Domain
import Screen

extension Dashboard {
    /// The prompt on top, below it what is decided already and can be changed.
    func drawNewAgent(_ form: NewAgentForm, _ painter: inout Painter, _ body: Rect) {
        let width = min(78, body.columns - 2)
        let inside = max(8, width - 5)
        let fields = form.fields.filter { $0 != .prompt }
        let troubles = refusalLines(form, width: inside)
        let isTight = body.rows < fields.count + troubles.count + 12
        let fixed = fields.count + troubles.count + (isTight ? 5 : 7)
        let promptRows = max(2, min(max(4, form.prompt.rows(width: inside - 3).count), max(2, body.rows - fixed - 2), 10))
        let box = drawBox(&painter, in: body, columns: width, rows: fixed + promptRows, troubles.isEmpty ? .accent : .fail)
        let project = form.project.flatMap { model.herd.projects[$0] }
        painter.put([Span("New agent", .text, .bold), Span(project.map { "   in " + $0.name } ?? "", .muted)], box.column, box.row, width: box.columns)
        var row = box.row + (isTight ? 1 : 2)
        let prompt = Rect(box.column, row, box.columns, promptRows).intersection(box)
        painter.frame.clear(prompt, .panel)
        if form.field == .prompt { for line in prompt.row..<prompt.bottom { painter.put(painter.signs.caret, prompt.column, line, .accent) } }
        painter.draw(form.prompt, in: prompt.inset(left: 2, right: 1), hasFocus: form.field == .prompt && form.tag == nil, placeholder: "What should it do?")
        painter.region(prompt, .dialogRow(NewAgentForm.Field.prompt.rawValue))
        row += promptRows + (isTight ? 0 : 1)
        // On a short screen the fields around the present one are shown.
        let room = max(1, box.bottom - row - 2 - troubles.count)
        let present = fields.firstIndex(of: form.field) ?? 0
        let shown = fields.dropFirst(max(0, min(present - room / 2, fields.count - room))).prefix(room)
        for field in shown where row < box.bottom {
            draw(field, form, project, &painter, Rect(box.column - 2, row, box.columns + 3, 1))
            row += 1
        }
        let rest = Rect(box.column, row, box.columns, max(0, box.bottom - row))
        painter.draw(troubles + [.blank, lastLine(form)], in: isTight && !troubles.isEmpty ? rest : rest)
        drawNames(form, &painter, prompt, box)
    }

    /// What the prompt takes along, on its last row when that is free, and the names that can be taken.
    private func drawNames(_ form: NewAgentForm, _ painter: inout Painter, _ prompt: Rect, _ box: Rect) {
        guard form.field == .prompt, let project = form.project else { return }
        let text = prompt.inset(left: 2, right: 1)
        markMentions(form.prompt, .project(project), &painter, text)
        let chips = chips(form.prompt, .project(project))
        if !chips.isEmpty, form.prompt.rows(width: text.columns).count < text.rows { draw(chips, &painter, text.line(text.rows - 1)) }
        drawCompletion(&painter, below: prompt.bottom, to: box.bottom, prompt.column, prompt.columns)
    }

    private func refusalLines(_ form: NewAgentForm, width: Int) -> [Line] {
        guard let refusal = form.refusal else { return [] }
        let message = wrap(refusal.message, width: max(4, width - 1)).prefix(4).map { Line([Span(String($0), .fail)]) }
        let remedy = refusal.remedy.isEmpty ? [] : wrap(refusal.remedy, width: max(4, width - 1)).prefix(3).map { Line([Span(String($0), .muted)]) }
        return [.blank] + message + remedy
    }

    private func lastLine(_ form: NewAgentForm) -> Line {
        if form.tag != nil { return Line([Span(" Starting… ", Paint(.on, on: .off, .bold)), Span("   its place is made, then the prompt is sent", .muted)]) }
        var line = Line([Span(" Start ", Paint(.on, on: .accent, .bold)), Span("   ", .text)] + Hint(key: "esc", label: "leave, it is kept").spans)
        line.hits = [(0..<7, .dialogRow(100)), (10..<31, .dialogCancel)]
        return line
    }

    private func draw(_ field: NewAgentForm.Field, _ form: NewAgentForm, _ project: Project?, _ painter: inout Painter, _ rect: Rect) {
        let hasFocus = form.field == field && form.tag == nil
        if hasFocus {
            painter.frame.clear(rect, .sel)
            painter.put(painter.signs.bar, rect.column, rect.row, .accent)
        }
        painter.region(rect, .dialogRow(field.rawValue))
        painter.put(field.label, rect.column + 2, rect.row, hasFocus ? .text : .muted)
        let value = Rect(rect.column + 13, rect.row, rect.columns - 15, 1)
        let choices = form.project.flatMap { model.choices[$0] }
        switch field {
        case .prompt: break
        case .project:
            put(
                [Span(project?.name ?? "none", .text, .bold), Span("   " + ellipsizePath(project?.path ?? "", width: max(4, value.columns - 24)), .muted)],
                &painter, value, hasFocus)
        case .place: drawPlaces(form, project, &painter, value)
        case .branch: painter.drawField(form.branch, in: value, hasFocus: hasFocus, placeholder: "drover/… made from the title")
        case .base: drawChoice(form.base, "HEAD" + (project?.branch.map { " (" + $0 + ")" } ?? ""), &painter, value, hasFocus)
        case .title: painter.drawField(form.title, in: value, hasFocus: hasFocus, placeholder: "from the prompt")
        case .model: drawChoice(form.model, choices?.fallback.map { $0 + " (default)" } ?? "the default", &painter, value, hasFocus)
        case .mode: drawChoice(form.mode, "the default", &painter, value, hasFocus)
        case .copy:
            put(
                [
                    Span(form.copiesUncommitted ? painter.signs.on : painter.signs.off, form.copiesUncommitted ? .accent : .faint),
                    Span(form.copiesUncommitted ? " a copy of your uncommitted work comes along" : " starts from what is committed", .muted),
                ], &painter, value, false)
        }
    }

    private func put(_ spans: [Span], _ painter: inout Painter, _ rect: Rect, _ hasFocus: Bool) {
        let ends = hasFocus ? (painter.look.ascii ? ("< ", " >") : ("‹ ", " ›")) : ("", "")
        painter.put([Span(ends.0, .accent)] + spans + [Span(ends.1, .accent)], rect.column, rect.row, width: rect.columns)
    }

    private func drawPlaces(_ form: NewAgentForm, _ project: Project?, _ painter: inout Painter, _ rect: Rect) {
        var spans: [Span] = []
        for kind in NewAgentForm.kinds {
            let why = NewAgentForm.whyNot(kind, in: project)
            let isOn = form.kind == kind
            spans += [
                Span((isOn ? painter.signs.on : painter.signs.off) + " ", isOn ? .accent : .faint),
                Span(kind.rawValue, why != nil ? .faint : isOn ? .text : .muted, isOn ? .bold : []),
            ]
            spans.append(Span(why.map { " " + $0 } ?? "", .faint))
            spans.append(Span("   ", .text))
        }
        let words = form.kind == .worktree ? "a branch and a directory of its own" : "works in the project itself"
        if spans.width + words.utf8.count <= rect.columns { spans.append(Span(words, .faint)) }
        painter.put(spans, rect.column, rect.row, width: rect.columns)
    }

    /// What is chosen, or the default; while letters are typed, what they narrow it to.
    private func drawChoice(_ field: ChoiceField, _ fallback: String, _ painter: inout Painter, _ rect: Rect, _ hasFocus: Bool) {
        let matches = field.matches
        if field.editor.isEmpty {
            let text = field.isChosen && matches.indices.contains(field.index) ? matches[field.index] : fallback
            let more = hasFocus && field.options.count > 1 ? "   type to search \(field.options.count)" : ""
            return put([Span(text, field.isChosen ? .text : .muted), Span(more, .faint)], &painter, rect, hasFocus)
        }
        let found = matches.indices.contains(field.index) ? matches[field.index] : nil
        if !hasFocus { return put([Span(found ?? field.editor.text, .text)], &painter, rect, false) }
        painter.drawField(field.editor, in: Rect(rect.column, rect.row, min(20, rect.columns), 1), hasFocus: true)
        let used = min(20, displayWidth(field.editor.text)) + 2
        let words =
            found.map {
                [Span(painter.signs.arrow + " ", .faint), Span($0, .text), Span(matches.count > 1 ? "   \(field.index + 1) of \(matches.count)" : "", .faint)]
            } ?? [Span(field.options.isEmpty ? "" : "no option has this; it is sent as it is", .faint)]
        painter.put(words, rect.column + used, rect.row, width: max(0, rect.columns - used))
    }
}

extension NewAgentForm.Field {
    var label: String {
        switch self {
        case .prompt: "prompt"
        case .project: "project"
        case .place: "place"
        case .branch: "branch"
        case .base: "from"
        case .title: "title"
        case .model: "model"
        case .mode: "mode"
        case .copy: "copy"
        }
    }
}
