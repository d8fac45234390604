import Domain
import Screen

/// Where files and lines of the diff stand: side by side when there is room, else one above the other.
struct DiffLayout {
    var files: Rect
    var title: Rect
    var lines: Rect
    var isWide: Bool

    /// Two sides of code need this much.
    static func hasSides(_ columns: Int) -> Bool { columns >= 90 }

    init(_ rect: Rect, files count: Int) {
        isWide = rect.columns >= 90
        if isWide {
            let parts = rect.splitLeft(rect.columns >= 120 ? 34 : 26)
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
    func drawDiff(_ painter: inout Painter, _ agent: Agent, _ rect: Rect) {
        guard let document = diffDocument else { return drawNoDiff(&painter, agent, rect) }
        guard !document.files.isEmpty, document.files.indices.contains(ui.diff.file) else { return drawNoChanges(&painter, agent, rect) }
        let layout = DiffLayout(rect, files: document.files.count)
        drawFiles(&painter, document, layout)
        let rows = shownDiffRows(document)
        drawTitle(&painter, document, rows.count, layout)
        let numbers = document.numberWidth(layout.lines.columns)
        for (index, row) in rows.dropFirst(ui.diff.top).prefix(layout.lines.rows).enumerated() {
            noteUncoloured(row, document, &painter)
            draw(row, document, &painter, layout.lines.line(index), numbers)
        }
    }

    private func drawNoChanges(_ painter: inout Painter, _ agent: Agent, _ rect: Rect) {
        let why =
            ui.diff.source == .turn
            ? "The last turn changed no file by a tool that tells."
            : model.place(of: agent)?.kind == .folder
                ? "Nothing in the project's directory differs from what is committed." : "Nothing differs from where its branch began."
        let back =
            ui.diff.source == .turn
            ? Line.hints([Hint(key: painter.look.key("diff.source"), label: "all changes", hit: .command("diff.source"))], indent: 1, width: rect.columns) : []
        painter.draw(
            [Line(indent: 1, [Span("No changes", .text, .bold)]), .blank]
                + wrap(why, width: max(4, rect.columns - 2)).map { Line(indent: 1, [Span(String($0), .muted)]) } + (back.isEmpty ? [] : [.blank] + back),
            in: rect)
    }

    /// What is compared and how, and how far one has read.
    private func drawTitle(_ painter: inout Painter, _ document: DiffDocument, _ count: Int, _ layout: DiffLayout) {
        var spans = [Span(ui.diff.source == .tree ? "all changes" : "last turn", .text, .bold)]
        if !layout.isWide, !ui.diff.ignoresSpaces, ui.diff.left == 0 { spans.append(Span("   " + counted(document.files.count, "file"), .muted)) }
        if ui.diff.ignoresSpaces { spans.append(Span("   spaces ignored", .wait)) }
        if hasSides { spans.append(Span("   side by side", .muted)) }
        if ui.diff.left > 0 { spans.append(Span("   column \(ui.diff.left + 1)", .wait)) }
        let seen = min(count, ui.diff.top + layout.lines.rows)
        painter.draw(Line(indent: 1, spans, right: count > layout.lines.rows ? [Span("\(seen) of \(count)", .faint)] : []), in: layout.title)
    }

    private func draw(_ row: DiffRow, _ document: DiffDocument, _ painter: inout Painter, _ rect: Rect, _ numbers: Int) {
        var brush = DiffBrush(signs: painter.signs, needle: ui.find?.needle, left: ui.diff.left)
        switch row {
        case .space: break
        case .empty(let file):
            painter.draw(Line(indent: numbers + 2, [Span(document.files[file].status == "deleted" ? "deleted" : "no text to show", .faint)]), in: rect)
        case .file(let index): drawHead(of: document.files[index], index, &painter, rect)
        case .line(let file, let line):
            brush.isFound = ui.find?.place == DiffPlace(file: file, line: line)
            var drawn = brush.line(document.files[file].lines[line], numberWidth: numbers, runs(line, file, document))
            drawn.indent = max(1, drawn.indent)
            painter.draw(drawn, in: rect)
        case .pair(let file, let left, let right):
            let half = (rect.columns - 1) / 2
            let lines = document.files[file].lines
            var old = left < 0 ? nil : lines[left]
            if let line = old, line.kind == .context { old?.number = line.oldNumber }
            brush.isFound = ui.find?.place == DiffPlace(file: file, line: left)
            drawSide(old, runs(left, file, document), brush, &painter, Rect(rect.column, rect.row, half, 1), numbers)
            painter.put(painter.signs.upright, rect.column + half, rect.row, .line)
            brush.isFound = ui.find?.place == DiffPlace(file: file, line: right)
            drawSide(
                right < 0 ? nil : lines[right], runs(right, file, document), brush, &painter,
                Rect(rect.column + half + 1, rect.row, rect.columns - half - 1, 1), numbers)
        }
    }

    private func noteUncoloured(_ row: DiffRow, _ document: DiffDocument, _ painter: inout Painter) {
        guard painter.uncoloured == nil, preferences.syntax else { return }
        switch row {
        case .line(let file, _), .pair(let file, _, _): painter.uncoloured = syntax(file, document).missing(syntax)
        case .file, .space, .empty: break
        }
    }

    private func runs(_ line: Int, _ file: Int, _ document: DiffDocument) -> [SyntaxRun] {
        guard line >= 0, preferences.syntax else { return [] }
        return syntax(file, document).runs(line, document.files[file].lines[line], syntax)
    }

    private func drawSide(_ line: DiffLine?, _ runs: [SyntaxRun], _ brush: DiffBrush, _ painter: inout Painter, _ rect: Rect, _ numbers: Int) {
        guard let line else { return }
        if let background = brush.background(line) { painter.frame.clear(rect, background) }
        painter.put(brush.numbered(line, numbers, runs), rect.column + 1, rect.row, width: rect.columns - 1)
    }

    /// A file begins: its whole path, what changed, and whether its lines are folded away.
    private func drawHead(of file: DiffDocument.File, _ index: Int, _ painter: inout Painter, _ rect: Rect) {
        let isFolded = ui.diff.folded.contains(file.path)
        let isChosen = index == ui.diff.file
        painter.frame.clear(rect, isChosen && ui.focus == .detail ? .sel : .raised)
        if isChosen { painter.put(painter.signs.bar, rect.column, rect.row, .accent) }
        let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
        let folder = String(file.path.dropLast(name.count))
        let numbers = file.additions + file.deletions > 0 ? changeSpans(additions: file.additions, deletions: file.deletions) : []
        let room = max(4, rect.columns - displayWidth(name) - numbers.width - 8)
        var path = [Span(ellipsizePath(folder, width: room), .muted), Span(name, .text, .bold)]
        if let find = ui.find { path = path.marking(find.needle, isFound: find.place == DiffPlace(file: index, line: -1)) }
        painter.put(
            [Span((isFolded ? painter.signs.closed : painter.signs.opened) + " ", .faint)] + path, rect.column + 1, rect.row,
            width: max(1, rect.columns - numbers.width - 4))
        painter.right(numbers, rect.right - 1, rect.row)
        painter.region(rect, .fold(index))
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
        case _ where ui.diff.source == .turn: lines = [Line(indent: 1, [Span("reading the conversation", .faint)])]
        case .asked?: lines = [Line(indent: 1, [Span("comparing", .faint)])]
        case .ready?, nil: lines = Line.hints([Hint(key: "d", label: "compares", hit: .tab(.diff))], indent: 1, width: rect.columns)
        }
        painter.draw(lines, in: rect)
    }
}
