import Domain
import Screen

extension Dashboard {
    func draw(_ dialog: Dialog, _ painter: inout Painter, _ layout: Layout) {
        switch dialog {
        case .newAgent(let form): drawNewAgent(form, &painter, layout.body)
        case .help(let help): drawHelp(help, &painter, layout.body)
        case .palette(let palette): drawPalette(palette, &painter, layout.body)
        case .confirm(let confirm): drawConfirm(confirm, &painter, layout.body)
        case .text(let text): drawText(text, &painter, layout.body)
        case .pick(let dialog): drawPicker(dialog, &painter, layout.body)
        case .pressed(let dialog): drawPressed(dialog, &painter, layout.body)
        }
    }

    /// The keys of a dialog for the footer.
    func hints(for dialog: Dialog, _ look: Look) -> [Hint] {
        let enter = look.ascii ? "enter" : "⏎"
        let arrows = look.ascii ? "<>" : "← →"
        switch dialog {
        case .newAgent(let form):
            return [Hint(key: enter, label: "start"), Hint(key: "tab", label: "next")]
                + (form.field == .prompt
                    ? [Hint(key: "alt-" + enter, label: "new line"), Hint(key: "ctrl-e", label: "editor")]
                    : form.isChoice ? [Hint(key: arrows, label: "choose")] : [])
                + [Hint(key: "esc", label: "leave, it is kept", hit: .dialogCancel)]
        case .help:
            return [
                Hint(key: look.ascii ? "up/down" : "↑↓", label: "scroll"), Hint(key: "a–z", label: "search"),
                Hint(key: "esc", label: "back", hit: .dialogCancel),
            ]
        case .palette:
            return [
                Hint(key: enter, label: "run"), Hint(key: look.ascii ? "up/down" : "↑↓", label: "choose"), Hint(key: "esc", label: "back", hit: .dialogCancel),
            ]
        case .pressed: return [Hint(key: "esc esc", label: "back")]
        case .confirm(let confirm):
            return [Hint(key: enter, label: confirm.verb, isEnabled: confirm.isReady), Hint(key: "esc", label: "cancel", hit: .dialogCancel)]
        case .pick(let dialog):
            let isTheme = if case .theme = dialog.purpose { true } else { false }
            return [
                Hint(key: enter, label: isTheme ? "keep" : "take"), Hint(key: look.ascii ? "up/down" : "↑↓", label: isTheme ? "try on" : "choose"),
                Hint(key: "esc", label: "back", hit: .dialogCancel),
            ]
        case .text(let text):
            return [Hint(key: enter, label: text.purpose.button.lowercased())]
                + (text.editor.isMultiline ? [Hint(key: "alt-" + enter, label: "new line"), Hint(key: "ctrl-e", label: "editor")] : []) + [
                    Hint(key: "esc", label: "cancel", hit: .dialogCancel)
                ]
        }
    }

    /// A raised surface with an accent bar in the middle of the screen; without shades a frame of rules. Returns the room for text.
    func drawBox(_ painter: inout Painter, in body: Rect, columns: Int, rows: Int, _ token: Token) -> Rect {
        let rect = body.centred(Size(columns: columns, rows: rows))
        painter.frame.clear(rect, .raised)
        painter.region(rect, .pane(.dialog))
        if !painter.look.shades {
            painter.frame.rule(rect.line(0))
            painter.frame.rule(rect.line(rect.rows - 1))
            painter.frame.upright(column: rect.right - 1, from: rect.row, rows: rect.rows)
        }
        painter.bar(rect, token)
        return rect.inset(left: 3, top: 1, right: 2, bottom: 1)
    }

    private func button(_ label: String, _ token: Token) -> [Span] { [Span(" " + label + " ", Paint(.on, on: token, .bold))] }

    /// Lines of a dialog that fit: what is in the middle gives way, the title and the keys never.
    private func fitted(_ head: [Line], _ middle: [Line], _ tail: [Line], _ body: Rect) -> (lines: [Line], tail: Int) {
        let room = body.rows - 2 - head.count - tail.count
        var shown = middle
        if shown.count > room { shown = shown.prefix(max(0, room - 1)) + (room > 0 ? [Line([Span("…", .muted)])] : []) }
        return (head + shown + tail, head.count + shown.count)
    }

    // MARK: Confirm

    private func drawConfirm(_ confirm: ConfirmDialog, _ painter: inout Painter, _ body: Rect) {
        let width = min(72, body.columns - 2)
        let token: Token = confirm.isDangerous ? .fail : .accent
        let inside = max(8, width - 6)
        let head = wrap(confirm.title, width: inside).prefix(3).map { Line([Span(String($0), .text, .bold)]) }
        var lines = [Line.blank]
        let room = max(3, body.rows - 12 - confirm.consequences.count)
        let shown = confirm.subjects.count > room ? room - 1 : confirm.subjects.count
        lines += confirm.subjects.prefix(shown).map { Line([Span(painter.signs.bullet + " ", .faint), Span(ellipsize($0, width: max(4, inside - 2)), .text)]) }
        if shown < confirm.subjects.count { lines.append(Line(indent: 2, [Span("and \(confirm.subjects.count - shown) more", .muted)])) }
        if !confirm.subjects.isEmpty, !confirm.consequences.isEmpty { lines.append(.blank) }
        for text in confirm.consequences {
            if text.isEmpty {
                lines.append(.blank)
                continue
            }
            let parts = text.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0] == "goes" || parts[0] == "stays" {
                lines.append(
                    Line([
                        Span(parts[0] == "goes" ? painter.signs.cross + " goes   " : painter.signs.tick + " stays  ", parts[0] == "goes" ? .fail : .done),
                        Span(ellipsizePath(String(parts[1].dropFirst()), width: max(8, inside - 9)), .text),
                    ]))
            } else {
                lines += wrap(text, width: inside).map { Line([Span(String($0), .muted)]) }
            }
        }
        lines.append(.blank)
        var tail: [Line] = []
        if confirm.needsCount { tail += [Line([Span("type \(confirm.subjects.count) to go on:  ", .muted)])] + (body.rows > 12 ? [.blank] : []) }
        let verb = confirm.verb.prefix(1).uppercased() + confirm.verb.dropFirst()
        var last = Line(button(verb, confirm.isReady ? token : .off) + [Span("   ", .text)] + Hint(key: "esc", label: "cancel").spans)
        last.hits = [(0..<verb.count + 2, .dialogRow(0)), (verb.count + 5..<verb.count + 15, .dialogCancel)]
        tail.append(last)
        let (all, countRow) = fitted(head, lines, tail, body)
        let box = drawBox(&painter, in: body, columns: width, rows: all.count + 2, token)
        painter.draw(all, in: box)
        if confirm.needsCount {
            let used = "type \(confirm.subjects.count) to go on:  ".utf8.count
            painter.drawField(confirm.typed, in: Rect(box.column + used, box.row + countRow, 8, 1), hasFocus: true)
        }
    }

    // MARK: One text

    private func drawText(_ dialog: TextDialog, _ painter: inout Painter, _ body: Rect) {
        let width = min(72, body.columns - 2)
        var lines: [Line] = []
        let (title, hint): (String, String) =
            switch dialog.purpose {
            case .rejection: ("No, because", "the turn goes on with what you say")
            case .ownWords: ("In your own words", "")
            case .rename: ("Rename", "")
            case .view(let query): ("Name this view", query)
            }
        lines.append(Line([Span(title, .text, .bold)] + (hint.isEmpty ? [] : [Span("   " + hint, .muted)])))
        let inside = max(8, width - 6)
        let request: Request? =
            switch dialog.purpose {
            case .rejection(let id), .ownWords(let id): model.herd.requests[id];
            case .rename, .view: nil
            }
        if let request { lines += wrap(request.title, width: inside).prefix(body.rows > 14 ? 3 : 1).map { Line([Span(String($0), .muted)]) } }
        if body.rows > 14 { lines.append(.blank) }
        let rows = dialog.editor.isMultiline ? max(body.rows > 14 ? 3 : 1, min(8, body.rows - 12, dialog.editor.rows(width: inside - 2).count)) : 1
        let top = lines.count
        lines += Array(repeating: .blank, count: rows) + (body.rows > 14 ? [.blank] : [])
        if let error = dialog.error { lines += wrap(error, width: inside).map { Line([Span(String($0), .fail)]) } + [.blank] }
        lines.append(Line(button(dialog.purpose.button, .accent) + [Span("   ", .text)] + Hint(key: "esc", label: "cancel").spans))
        let box = drawBox(&painter, in: body, columns: width, rows: lines.count + 2, dialog.purpose.isAnswer ? .wait : .accent)
        painter.draw(lines, in: box)
        let field = Rect(box.column, box.row + top, box.columns, rows).intersection(box)
        painter.frame.clear(field, .panel)
        let inner = field.inset(left: 1, right: 1)
        if dialog.editor.isMultiline {
            painter.draw(dialog.editor, in: inner, hasFocus: true)
        } else {
            painter.drawField(dialog.editor, in: inner, hasFocus: true)
        }
    }

    // MARK: Help

    private func helpRows(_ help: HelpDialog) -> [(heading: String, command: Command?)] {
        let wanted = help.search.text.trimmed.lowercased()
        var rows: [(heading: String, command: Command?)] = []
        for group in Command.Group.allCases {
            let commands = Command.table.filter { command in
                guard command.group == group, !(command.name.hasPrefix("answer.") && "23456789".contains(command.name.suffix(1))) else { return false }
                if wanted.isEmpty { return true }
                return command.help.lowercased().contains(wanted) || command.short.contains(wanted)
                    || keyMap.keys(of: command).contains { keyName($0) == help.search.text }
                    || command.words.contains(wanted)
            }
            if commands.isEmpty { continue }
            if !rows.isEmpty { rows.append(("", nil)) }
            rows.append((group.rawValue.uppercased(), nil))
            rows += commands.map { ("", $0) }
        }
        return rows
    }

    private func helpBox(_ body: Rect) -> Size { Size(columns: min(84, body.columns - 2), rows: max(8, body.rows - (body.rows > 20 ? 4 : 0))) }

    func helpLastTop(_ help: HelpDialog) -> Int { max(0, helpRows(help).count - (helpBox(Layout(ui.size, ui).body).rows - 4)) }

    private func drawHelp(_ help: HelpDialog, _ painter: inout Painter, _ body: Rect) {
        let size = helpBox(body)
        let box = drawBox(&painter, in: body, columns: size.columns, rows: size.rows, .accent)
        painter.put([Span("Keys", .text, .bold)], box.column, box.row)
        painter.drawField(help.search, in: Rect(box.column + 8, box.row, max(4, box.columns - 8), 1), hasFocus: true, placeholder: "type to search")
        let rows = helpRows(help)
        let list = box.inset(top: 2)
        if rows.isEmpty { painter.put("no key does that", list.column, list.row, .muted) }
        for (index, row) in rows.dropFirst(help.top).prefix(list.rows).enumerated() {
            let line = list.row + index
            guard let command = row.command else {
                painter.put(row.heading, list.column, line, .faint, .bold)
                continue
            }
            let isDigit = command.name == "answer.1"
            let keys =
                isDigit
                ? (painter.look.ascii ? "1-9" : "1–9")
                : painter.look.keys.keys(of: command).prefix(3).map { keyName($0, ascii: painter.look.ascii) }.joined(separator: " ")
            let why = command.whyNot(self)
            painter.put(keys, list.column, line, why == nil ? .accent : .faint, .bold, width: 14)
            let help = isDigit ? "Option of the question by its number" : command.help
            let used = painter.put(help, list.column + 15, line, why == nil ? .text : .muted, width: max(4, list.columns - 16))
            if !command.words.isEmpty, list.columns - 18 - used > displayWidth(command.words) {
                painter.right([Span(command.words, .faint)], list.right - 1, line)
            }
        }
        if help.top < rows.count - list.rows { painter.right([Span(painter.signs.down + " more", .faint)], box.right - 1, box.bottom) }
    }

    // MARK: Palette

    private func drawPalette(_ palette: PaletteDialog, _ painter: inout Painter, _ body: Rect) {
        let entries = paletteEntries(palette.editor.text)
        let room = max(4, min(14, body.rows - 6))
        let width = min(84, body.columns - 2)
        let high = room + 4
        let area = Rect(body.column, body.row + min(3, max(0, body.rows - high) / 2), body.columns, high)
        let box = drawBox(&painter, in: area.intersection(body), columns: width, rows: high, .accent)
        painter.put(":", box.column, box.row, .accent, .bold)
        painter.drawField(
            palette.editor, in: Rect(box.column + 2, box.row, max(4, box.columns - 3), 1), hasFocus: true,
            placeholder: "a few letters, or: new api \"fix the bug\"   stop status:running")
        let completions = paletteCompletions(palette.editor.text)
        if let first = completions.first {
            painter.put(
                [Span("tab ", .accent, .bold), Span(first, .muted), Span("  " + completions.dropFirst().prefix(8).joined(separator: "  "), .faint)],
                box.column + 2, box.row + 1, width: box.columns - 3)
        }
        let list = Rect(box.column, box.row + 2, box.columns, room).intersection(box)
        if entries.isEmpty { painter.put("nothing is called so", list.column, list.row, .muted) }
        let top = max(0, min(palette.selected - list.rows / 2, entries.count - list.rows))
        for (offset, entry) in entries.dropFirst(top).prefix(list.rows).enumerated() {
            draw(entry, &painter, Rect(list.column - 2, list.row + offset, list.columns + 3, 1), isSelected: top + offset == palette.selected)
            painter.region(Rect(list.column - 2, list.row + offset, list.columns + 3, 1), .dialogRow(top + offset))
        }
    }

    private func draw(_ entry: PaletteEntry, _ painter: inout Painter, _ rect: Rect, isSelected: Bool) {
        if isSelected {
            painter.frame.clear(rect, .sel)
            painter.put(painter.signs.bar, rect.column, rect.row, .accent)
        }
        let right = painter.right([Span(painter.look.ascii && entry.key == "⏎" ? "enter" : entry.key, .accent, .bold)], rect.right - 2, rect.row)
        let isOff = entry.whyNot != nil
        let title =
            isOff || entry.positions.isEmpty
            ? [Span(entry.title, isOff ? .faint : .text)]
            : matchPieces(entry).map { Span($0.text, $0.matched ? Paint(.accent, .bold) : .text) }
        var spans = title
        if let why = entry.whyNot { spans.append(Span("   " + why, .faint)) } else if !entry.detail.isEmpty { spans.append(Span("   " + entry.detail, .muted)) }
        painter.put(spans, rect.column + 2, rect.row, width: rect.columns - right - 6)
    }
}

extension TextDialog.Purpose {
    /// It answers a request: the box is of that colour.
    fileprivate var isAnswer: Bool { button == "Send" }
    fileprivate var button: String {
        switch self {
        case .rejection, .ownWords: "Send"
        case .rename: "Rename"
        case .view: "Keep"
        }
    }
}
