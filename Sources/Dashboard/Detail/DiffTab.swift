import Domain
import Screen

/// Where files and lines of the diff stand: side by side when there is room, else one above the other.
struct DiffLayout {
    var files: Rect
    var title: Rect
    var lines: Rect
    var isWide: Bool

    init(_ rect: Rect, files count: Int) {
        isWide = rect.columns >= 90
        if isWide {
            let parts = rect.splitLeft(34)
            files = parts.left
            let rest = parts.rest.inset(left: 1)
            title = rest.line(0)
            lines = rest.inset(top: 2, bottom: 0)
        } else {
            let rows = min(count, max(1, rect.rows / 4), 8)
            files = rect.splitTop(rows).top
            title = rect.inset(top: rows + (rect.rows > 12 ? 1 : 0)).line(0)
            lines = rect.inset(top: title.row - rect.row + 1)
        }
    }
}

extension Dashboard {
    private var diffDocument: DiffDocument? {
        guard let id = ui.selected, case .ready(let document)? = model.diffs[id] else { return nil }
        return document
    }

    /// The largest useful first line of the chosen file.
    var diffLastTop: Int {
        guard let document = diffDocument, document.files.indices.contains(ui.diff.file) else { return 0 }
        let room = DiffLayout(detailLayout().content, files: document.files.count).lines.rows
        return max(0, document.files[ui.diff.file].lines.count - max(1, room))
    }

    func drawDiff(_ painter: inout Painter, _ agent: Agent, _ rect: Rect) {
        guard let document = diffDocument else { return drawNoDiff(&painter, agent, rect) }
        guard !document.files.isEmpty, document.files.indices.contains(ui.diff.file) else {
            let why =
                model.place(of: agent)?.kind == .folder
                ? "Nothing in the project's directory differs from what is committed." : "Nothing differs from where its branch began."
            return painter.draw(
                [Line(indent: 1, [Span("No changes", .text, .bold)]), .blank]
                    + wrap(why, width: max(4, rect.columns - 2)).map { Line(indent: 1, [Span(String($0), .muted)]) }, in: rect)
        }
        let layout = DiffLayout(rect, files: document.files.count)
        drawFiles(&painter, document, layout)
        let file = document.files[ui.diff.file]
        let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
        let folder = String(file.path.dropLast(name.count))
        let seen = min(file.lines.count, ui.diff.top + layout.lines.rows)
        let where_ = file.lines.count > layout.lines.rows ? [Span("\(seen) of \(file.lines.count)", .faint)] : []
        painter.draw(
            Line(
                indent: 1, [Span(ellipsizePath(folder, width: max(4, layout.title.columns - displayWidth(name) - 14)), .muted), Span(name, .text, .bold)],
                right: where_), in: layout.title)
        let digits = String(file.lines.last { $0.number > 0 }?.number ?? 1).utf8.count
        let numbers = layout.lines.columns >= 60 ? max(3, digits) : layout.lines.columns >= 40 ? digits : 0
        let brush = DiffBrush(signs: painter.signs)
        for (index, line) in file.lines.dropFirst(ui.diff.top).prefix(layout.lines.rows).enumerated() {
            var drawn = brush.line(line, numberWidth: numbers)
            drawn.indent = 1
            painter.draw(drawn, in: layout.lines.line(index))
        }
        if file.lines.isEmpty {
            painter.draw(Line(indent: 1, [Span(file.status == "deleted" ? "deleted" : "no text to show", .faint)]), in: layout.lines.line(0))
        }
    }

    private func drawFiles(_ painter: inout Painter, _ document: DiffDocument, _ layout: DiffLayout) {
        var rows = layout.files
        if layout.isWide {
            painter.surface(Rect(rows.column - 1, rows.row, rows.columns + 1, rows.rows), .panel)
            painter.put(
                [Span("FILES", .faint, .bold), Span("   \(document.files.count)   ", .muted)]
                    + changeSpans(additions: document.additions, deletions: document.deletions), rows.column + 1, rows.row)
            rows = rows.inset(top: 2)
        }
        let top = max(0, min(ui.diff.file - rows.rows / 2, document.files.count - rows.rows))
        for (offset, file) in document.files.dropFirst(top).prefix(rows.rows).enumerated() {
            let index = top + offset
            let line = rows.line(offset)
            let isChosen = index == ui.diff.file
            if isChosen {
                painter.frame.clear(line, ui.focus == .detail ? .sel : .raised)
                painter.put(painter.signs.bar, line.column, line.row, .accent)
            }
            let (letter, token): (String, Token) =
                switch file.status {
                case "added": ("A", .add);
                case "deleted": ("D", .dele);
                default: ("M", .limit)
                }
            let numbers = file.additions + file.deletions > 0 ? changeSpans(additions: file.additions, deletions: file.deletions) : []
            let room = line.columns - 6 - numbers.width
            painter.put(
                [Span(letter + " ", token, .bold), Span(ellipsizePath(file.path, width: max(4, room)), isChosen ? .text : .muted)], line.column + 1, line.row,
                width: line.columns - 2)
            painter.right(numbers, line.right - 1, line.row)
            painter.region(line, .file(index))
        }
    }

    private func drawNoDiff(_ painter: inout Painter, _ agent: Agent, _ rect: Rect) {
        var lines: [Line]
        switch model.diffs[agent.id] {
        case .refused(let refusal)?:
            lines = wrap(refusal.message, width: max(4, rect.columns - 4)).map { Line(indent: 1, [Span(String($0), .fail)]) }
            if !refusal.remedy.isEmpty { lines += wrap(refusal.remedy, width: max(4, rect.columns - 4)).map { Line(indent: 1, [Span(String($0), .muted)]) } }
        case .asked?: lines = [Line(indent: 1, [Span("comparing", .faint)])]
        case .ready?, nil: lines = Line.hints([Hint(key: "d", label: "compares", hit: .tab(.diff))], indent: 1, width: rect.columns)
        }
        painter.draw(lines, in: rect)
    }
}
