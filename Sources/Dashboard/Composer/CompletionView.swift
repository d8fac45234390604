import Domain
import Query
import Screen

extension Dashboard {
    private static let mostRows = 8

    /// The names that can be taken, on the rows above the prompt or below it, wherever there is room.
    func drawCompletion(_ painter: inout Painter, above top: Int, from least: Int, _ column: Int, _ columns: Int) {
        guard let open = ui.completion, isCompleting else { return }
        let rows = min(open.entries.count, Self.mostRows, top - least)
        draw(open, &painter, Rect(column, top - rows, columns, rows))
    }

    func drawCompletion(_ painter: inout Painter, below row: Int, to end: Int, _ column: Int, _ columns: Int) {
        guard let open = ui.completion, isCompleting else { return }
        draw(open, &painter, Rect(column, row, columns, min(open.entries.count, Self.mostRows, end - row)))
    }

    private func draw(_ open: Completion, _ painter: inout Painter, _ room: Rect) {
        guard room.rows > 0, room.columns >= 10 else { return }
        let top = max(0, min(open.selected - room.rows / 2, open.entries.count - room.rows))
        let shown = open.entries.dropFirst(top).prefix(room.rows)
        let named = open.kind == .command ? min(room.columns / 2, (open.entries.map { displayWidth($0.name) }.max() ?? 0) + 1) : 0
        let count = open.entries.count > room.rows ? " \(open.selected + 1) of \(open.entries.count)\(open.entries.count >= 50 ? "+" : "")" : ""
        for (offset, entry) in shown.enumerated() {
            let index = top + offset, isSelected = index == open.selected
            let line = room.line(offset)
            painter.frame.clear(line, isSelected ? .sel : .raised)
            if isSelected { painter.put(painter.signs.bar, line.column, line.row, .accent) }
            let sign = open.kind == .command ? "/" : "@"
            painter.put(sign, line.column + 2, line.row, .faint)
            let end = offset == shown.count - 1 && !count.isEmpty ? displayWidth(count) + 1 : 0
            let width = max(4, line.columns - 4 - end - (open.kind == .mention && !entry.words.isEmpty ? displayWidth(entry.words) + 2 : 0))
            let used = putName(entry, open.letters, &painter, Point(line.column + 3, line.row), width, isSelected)
            if !entry.words.isEmpty {
                let column = line.column + 3 + max(named, used) + 2
                painter.put(entry.words, column, line.row, .muted, width: max(0, line.right - 1 - end - column))
            }
            if end > 0 { painter.right([Span(count, .faint)], line.right - 1, line.row) }
            painter.region(line, .completion(index))
        }
    }

    /// With the letters that were typed; a long path loses its beginning.
    private func putName(_ entry: Completion.Entry, _ letters: String, _ painter: inout Painter, _ point: Point, _ width: Int, _ isSelected: Bool) -> Int {
        let name = ellipsizePath(entry.name, width: width)
        let bold: Attributes = isSelected ? .bold : []
        guard !letters.isEmpty, let match = fuzzyMatch(letters, in: name) else { return painter.put(name, point.column, point.row, .text, bold, width: width) }
        let spans = match.pieces(of: name).map { Span($0.text, $0.matched ? .accent : .text, $0.matched ? .bold : bold) }
        return painter.put(spans, point.column, point.row, width: width)
    }

    // MARK: What goes along

    struct Chip: Equatable {
        var text: String
        var isTrouble = false
        /// It goes, but to no use.
        var isDoubtful = false
    }

    /// What a prompt takes along, as far as it is known, what cannot go first.
    func chips(_ editor: TextEditor, _ place: PromptPlace) -> [Chip] {
        var chips: [Chip] = []
        for mention in mentions(editor) {
            var chip: Chip?
            if let fact = ui.lore.fact(mention.name, place) {
                let name = mention.name.split(separator: "/").last.map(String.init) ?? mention.name
                switch (fact.trouble, fact.kind) {
                case (let trouble?, _): chip = Chip(text: trouble, isTrouble: true)
                case (nil, .image):
                    let blind = blindModel(place)
                    chip = Chip(
                        text: "image \(name) \(bytes(fact.size))" + (blind.map { ", but \($0) sees no images" } ?? ""), isDoubtful: blind != nil)
                case (nil, .file): chip = Chip(text: "\(name) \(mention.lines.map { "lines \($0.lowerBound)-\($0.upperBound)" } ?? bytes(fact.size))")
                case (nil, .directory): chip = Chip(text: "\(name)/")
                }
            } else if mention.isWord, ui.lore.offers[place]?.agents.contains(mention.name) == true {
                chip = Chip(text: "agent \(mention.name)")
            }
            if let chip, !chips.contains(chip) { chips.append(chip) }
        }
        // What keeps the prompt from being sent is seen first.
        return chips.filter(\.isTrouble) + chips.filter { !$0.isTrouble }
    }

    /// The model that the prompt goes to, if its provider says that it takes no images. The server then tells it so in words.
    private func blindModel(_ place: PromptPlace) -> String? {
        let project: ProjectID, name: String?
        switch place {
        case .agent(let id):
            guard let agent = model.herd.agents[id] else { return nil }
            (project, name) = (agent.project, ui.models[id] ?? agent.model)
        case .project(let id):
            guard case .newAgent(let form)? = ui.dialog else { return nil }
            (project, name) = (id, form.model.value ?? model.choices[id]?.fallback)
        }
        guard let name, let known = model.choices[project]?.models.first(where: { $0.id == name }), known.seesImages == false else { return nil }
        return shortModel(name)
    }

    func draw(_ chips: [Chip], _ painter: inout Painter, _ rect: Rect) {
        var column = rect.column
        for (index, chip) in chips.enumerated() {
            let room = rect.right - column
            let isLast = index == chips.count - 1
            let end = isLast ? 2 : 6
            guard index == 0 || displayWidth(chip.text) + end <= room else {
                painter.put("+\(chips.count - index)", column, rect.row, .faint, width: room)
                return
            }
            let paint: Token = chip.isTrouble ? .fail : chip.isDoubtful ? .wait : .accent
            let text = ellipsize(chip.text, width: max(1, room - end))
            column += painter.put([Span("[", .faint), Span(text, paint), Span("]", .faint)], column, rect.row, width: room) + 1
        }
    }

    /// "120 kB", "3.4 MB".
    private func bytes(_ count: Int) -> String {
        if count < 1000 { return "\(count) B" }
        if count < 1_000_000 { return "\((count + 500) / 1000) kB" }
        let tenths = (count + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10) MB"
    }

    /// The names in a text that mean something stand out.
    func markMentions(_ editor: TextEditor, _ place: PromptPlace, _ painter: inout Painter, _ rect: Rect) {
        var ranges: [Range<Int>] = []
        if let command = PromptText.command(of: editor.characters.count <= 2000 ? editor.text : ""),
            ui.lore.offers[place]?.commands.contains(where: { $0.name == command.name }) == true
        {
            ranges.append(0..<command.name.count + 1)
        }
        let known = mentions(editor).filter {
            ui.lore.fact($0.name, place) != nil || $0.isWord && ui.lore.offers[place]?.agents.contains($0.name) == true
        }
        if !known.isEmpty {
            var units = 0, next = known[...]
            for (index, character) in editor.characters.enumerated() {
                guard let first = next.first else { break }
                if units >= first.start {
                    ranges.append(index..<min(editor.characters.count, index + first.written.count))
                    next.removeFirst()
                }
                units += character.utf16.count
            }
        }
        guard !ranges.isEmpty else { return }
        let rows = editor.rows(width: rect.columns)
        let top = max(0, editor.cursorPlace(in: rows).row - rect.rows + 1)
        for (offset, row) in rows.dropFirst(top).prefix(rect.rows).enumerated() {
            for range in ranges where range.overlaps(row) {
                let part = range.clamped(to: row)
                let before = displayWidth(String(editor.characters[row.lowerBound..<part.lowerBound]))
                painter.put(String(editor.characters[part]), rect.column + before, rect.row + offset, .accent, width: max(0, rect.columns - before))
            }
        }
    }
}
