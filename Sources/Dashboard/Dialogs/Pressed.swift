import Domain
import Screen

/// What arrives here when a key is pressed: terminals, tmux and desktops keep keys for themselves or send others.
package struct PressedDialog: Equatable, Sendable {
    struct Row: Equatable, Sendable {
        /// As a person says it: "ctrl-k".
        var name: String
        /// As the configuration writes it: "<c-k>"; empty for what cannot be given to a command.
        var notation: String
        /// What it does, and where, else what it is.
        var meaning: String
        var isKnown: Bool
    }
    /// The newest last.
    var rows: [Row] = []
    /// The key before was esc: another one leaves.
    var isLeaving = false
    package init() {}
}

extension Dashboard {
    /// True: it was for the screen of pressed keys.
    mutating func note(_ input: Input) -> Bool {
        guard case .pressed(var dialog)? = ui.dialog else { return false }
        var row: PressedDialog.Row?
        switch input {
        case .key(let key):
            if key == .escape, dialog.isLeaving {
                ui.dialogs.removeLast()
                return true
            }
            dialog.isLeaving = key == .escape
            row = self.row(of: key)
        case .mouse(let mouse):
            let modifiers = keyName(Key(.char("x"), mouse.modifiers)).dropLast()
            let what = "\(mouse.action)" + (mouse.action == .press || mouse.action == .release || mouse.action == .drag ? " \(mouse.button)" : "")
            row = .init(
                name: modifiers + what, notation: "", meaning: "mouse, column \(mouse.position.column + 1), row \(mouse.position.row + 1)", isKnown: true)
        case .paste(let text): row = .init(name: "paste", notation: "", meaning: counted(text.count, "character") + ", never taken for keys", isKnown: true)
        case .unknown(let bytes):
            let shown = bytes.prefix(24).map { $0 == 0x1B ? "ESC" : $0 > 0x20 && $0 < 0x7F ? String(UnicodeScalar($0)) : "\\x" + String($0, radix: 16) }
            row = .init(name: "?", notation: "", meaning: "nobody knows " + shown.joined(separator: " "), isKnown: false)
        case .focus(let isFocused): row = .init(name: "focus", notation: "", meaning: isFocused ? "the window has it" : "the window lost it", isKnown: true)
        case .released, .reply: break
        }
        if let row { dialog.rows = (dialog.rows + [row]).suffix(100) }
        ui.dialogs[ui.dialogs.count - 1] = .pressed(dialog)
        // The focus is news for others, too.
        if case .focus = input { return false }
        return true
    }

    private func row(of key: Key) -> PressedDialog.Row {
        var meanings: [(what: String, places: [String])] = []
        for (context, place) in Command.Contexts.all {
            guard let command = keyMap.command(for: key, in: context) else { continue }
            let what = command.help.prefix { $0 != ";" && $0 != ":" && $0 != "," }.description + " (\(command.name))"
            if let known = meanings.firstIndex(where: { $0.what == what }) { meanings[known].places.append(place) } else { meanings.append((what, [place])) }
        }
        // The one that holds in most places stands for all.
        let best = meanings.max { $0.places.count < $1.places.count }
        let more = meanings.count > 1 ? ", and \(meanings.count - 1) more" : ""
        return .init(name: keyName(key), notation: key.description, meaning: best.map { $0.what + more } ?? "does nothing", isKnown: best != nil)
    }

    func drawPressed(_ dialog: PressedDialog, _ painter: inout Painter, _ body: Rect) {
        let box = drawBox(&painter, in: body, columns: min(90, body.columns - 2), rows: min(24, body.rows - 1), .accent)
        painter.put([Span("What did I press?", .text, .bold), Span("   esc twice leaves", .muted)], box.column, box.row, width: box.columns)
        let list = box.inset(top: 2)
        if dialog.rows.isEmpty { painter.put("Press any key, click, paste.", list.column, list.row, .muted, width: list.columns) }
        let wide = list.columns >= 60
        for (index, row) in dialog.rows.suffix(list.rows).enumerated() {
            let line = list.line(index)
            painter.put(row.name, line.column, line.row, .accent, .bold, width: 14)
            if wide { painter.put(row.notation, line.column + 15, line.row, .muted, width: 12) }
            let left = line.column + (wide ? 28 : 15)
            painter.put(row.meaning, left, line.row, row.isKnown ? .text : .faint, width: line.right - left)
        }
    }
}
