import Markdown
import Screen

/// Lays blocks of Markdown out as lines.
struct MarkdownBrush {
    /// Cells for running text, and for what is not wrapped (code, tables).
    let width: Int
    let wide: Int
    let look: Look
    /// Colours of code that are there already; nil: none are wanted.
    var syntax: SyntaxStore?
    private var signs: Signs { look.signs }

    /// `code` in a sentence stands on a surface of its own; where there are none it has a colour.
    private var inlineCode: Paint { look.shades ? Paint(.text, on: .raised) : Paint(.done) }

    /// What stands before the text of each line, and of the first.
    private struct Margin {
        var first: [Span] = []
        var rest: [Span] = []
        var cells = 0
        var depth = 0
        var base = Paint.text

        func adding(_ first: [Span], _ rest: [Span], lists: Int = 0) -> Margin {
            var margin = self
            margin.first += first
            margin.rest += rest
            margin.cells += first.width
            margin.depth += lists
            return margin
        }
        /// The same behind the first line.
        var following: Margin {
            var margin = self
            margin.first = rest
            return margin
        }
    }

    func lines(of blocks: [Block]) -> [Line] { lines(blocks, Margin(), isTight: false) }

    func lines(of text: String) -> [Line] { markdownBlocks(of: text).map { lines(of: $0) } ?? plain(text.trimmed) }

    /// Text that cannot be read as Markdown: as it is.
    func plain(_ text: String) -> [Line] { wrap(text, width: width).map { Line(indent: 1, [Span(String($0), .text)]) } }

    private func lines(_ blocks: [Block], _ margin: Margin, isTight: Bool) -> [Line] {
        var lines: [Line] = []
        var margin = margin
        for (index, block) in blocks.enumerated() {
            if index > 0, Self.needsAir(blocks[index - 1], block, isTight: isTight) { lines.append(Line(indent: 1, margin.rest)) }
            lines += self.lines(block, margin)
            if index == 0 { margin = margin.following }
        }
        // An item of a list without words is still there.
        return blocks.isEmpty && !margin.first.isEmpty ? [Line(indent: 1, margin.first)] : lines
    }

    private static func needsAir(_ before: Block, _ after: Block, isTight: Bool) -> Bool {
        if case .heading = before { if case .table = after { return true } else { return false } }
        if isTight { return false }
        // In one section only where no empty line was between them.
        if case (.paragraph, .list) = (before, after) { return false }
        return true
    }

    private func lines(_ block: Block, _ margin: Margin) -> [Line] {
        switch block {
        case .paragraph(let runs): return flow(runs, margin, margin.base)
        case .heading(let level, let runs): return heading(level, runs, margin)
        case .code(let info, let text): return code(info, text, margin)
        case .quote(let blocks):
            var inner = margin.adding([Span(signs.upright + " ", .line)], [Span(signs.upright + " ", .line)])
            inner.base = .muted
            return lines(blocks, inner, isTight: false)
        case .list(let list): return self.list(list, margin)
        case .table(let table): return self.table(table, margin)
        case .rule: return [Line(indent: 1, margin.first + [Span(String(repeating: signs.level, count: max(1, width - margin.cells)), .line)])]
        }
    }

    private func set(_ parts: [[Span]], _ margin: Margin) -> [Line] {
        parts.enumerated().map { Line(indent: 1, ($0.offset == 0 ? margin.first : margin.rest) + $0.element) }
    }

    private func flow(_ runs: [Run], _ margin: Margin, _ base: Paint) -> [Line] {
        set(RunsLayout(runs, base: base, code: inlineCode).lines(width: max(4, width - margin.cells)), margin)
    }

    private func heading(_ level: Int, _ runs: [Run], _ margin: Margin) -> [Line] {
        var lines = flow(runs, margin, Paint(level < 3 ? .text : .muted, .bold))
        if level == 1 {
            let long = lines.map { $0.spans.width }.max() ?? 0
            lines.append(Line(indent: 1, margin.rest + [Span(String(repeating: signs.level, count: max(1, min(width, long) - margin.cells)), .line)]))
        }
        return lines
    }

    // MARK: Lists

    private func list(_ list: Block.List, _ margin: Margin) -> [Line] {
        let last = (list.start ?? 0) &+ list.items.count - 1
        let digits = String(last).utf8.count
        let deep = margin.cells >= width / 2
        // Empty lines stay only where items are longer than a paragraph.
        let isTight = list.isTight || list.items.allSatisfy { $0.blocks.count <= 1 }
        var lines: [Line] = []
        for (index, item) in list.items.enumerated() {
            let mark: [Span]
            if let isDone = item.isDone {
                mark = task(isDone)
            } else if let start = list.start {
                let number = String(start &+ index)
                mark = [Span(String(repeating: " ", count: max(0, digits - number.utf8.count)) + number + ". ", .muted)]
            } else {
                mark = [Span(bullet(margin.depth) + " ", .muted)]
            }
            var inner = margin.adding(mark, [Span(String(repeating: " ", count: mark.width), .text)], lists: list.start == nil ? 1 : 0)
            if index > 0 { inner.first = margin.rest + mark }
            // Deep nesting leaves no room for words: from there on levels share a margin.
            if deep { (inner.rest, inner.cells) = (margin.rest, margin.cells) }
            if item.isDone == true { inner.base = .muted }
            if index > 0, !isTight { lines.append(Line(indent: 1, margin.rest)) }
            lines += self.lines(item.blocks, inner, isTight: isTight)
        }
        return lines
    }

    private func bullet(_ depth: Int) -> String {
        look.ascii ? ["*", "-", "+"][depth % 3] : ["•", "◦", "·"][depth % 3]
    }

    private func task(_ isDone: Bool) -> [Span] {
        if look.ascii { return [Span(isDone ? "[x] " : "[ ] ", isDone ? .run : .faint)] }
        return [Span(isDone ? signs.tick + " " : signs.off + " ", isDone ? .run : .faint, isDone ? .bold : [])]
    }

    // MARK: Code

    /// On a surface of its own, cut at the edge: wrapped code is hard to read. The language stands at the right end of its first line.
    private func code(_ info: String, _ text: String, _ margin: Margin) -> [Line] {
        var rows = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { bytes in
            expandTabs(String(Substring(bytes.last == 0x0D ? bytes.dropLast() : bytes)))
        }
        if rows.count > 1, rows.last == "" { rows.removeLast() }
        let edge = look.shades ? [Span("  ", .text)] : [Span(signs.upright + " ", .line)]
        let (runs, uncoloured) = colours(of: rows, info)
        let name = ellipsize(info.firstLine.trimmed, width: max(1, wide / 3))
        let hasRoom = name.isEmpty || displayWidth(rows.first ?? "", atMost: wide) + margin.cells + displayWidth(name) + 6 <= wide
        var lines = rows.enumerated().map { index, row in
            Line(
                indent: 1, (index == 0 && hasRoom ? margin.first : margin.rest) + edge + coloured(row, index < runs.count ? runs[index] : []),
                right: index == 0 && hasRoom && !name.isEmpty ? [Span(name, .faint)] : [], background: look.shades ? .raised : nil)
        }
        for index in lines.indices { lines[index].uncoloured = uncoloured }
        if !hasRoom { lines.insert(Line(indent: 1, margin.first + edge, right: [Span(name, .faint)], background: look.shades ? .raised : nil), at: 0) }
        return lines
    }

    /// The kinds of words in each row, or what has to be read to know them.
    private func colours(of rows: [String], _ info: String) -> ([[SyntaxRun]], Uncoloured?) {
        // "ts", "rust,ignore", "{.python .numberLines}".
        let first = info.utf8.drop { $0 == 0x20 || $0 == 0x7B || $0 == 0x2E }
        let language = String(Substring(first.prefix { $0 > 0x20 && $0 < 0x7F && $0 != 0x2C && $0 != 0x7D && $0 != 0x3A }))
        guard let syntax, !language.isEmpty, language.utf8.count <= 40 else { return ([], nil) }
        var text = SyntaxText(.named(language))
        for row in rows { guard text.add(row) != nil else { break } }
        if let known = syntax[text] { return (known, nil) }
        return ([], Uncoloured(text))
    }

    // MARK: Tables

    private func table(_ table: Block.Table, _ margin: Margin) -> [Line] {
        let count = table.alignments.count
        guard count > 0, let head = table.rows.first else { return [] }
        let room = max(4, wide - margin.cells)
        let cells = table.rows.enumerated().map { number, row in
            row.map { RunsLayout($0, base: number == 0 ? .title : margin.base, code: inlineCode) }
        }
        var wishes = Array(repeating: ColumnWish(minimum: 1, ideal: 1), count: count)
        for row in cells {
            for (column, cell) in row.enumerated().prefix(count) {
                let widths = cell.widths
                wishes[column].minimum = max(wishes[column].minimum, min(widths.word, 16))
                wishes[column].ideal = max(wishes[column].ideal, widths.line)
            }
        }
        let gap = wishes.reduce(0, { $0 + $1.ideal }) + 3 * (count - 1) <= room ? 3 : 2
        guard let columns = Self.widths(wishes, in: room - gap * (count - 1)) else { return records(head, table.rows.dropFirst(), margin) }
        return grid(cells, columns, gap, table.alignments, margin)
    }

    /// Short columns stay whole; the long ones share what is left. Nil: not even pieces of words fit.
    private static func widths(_ wishes: [ColumnWish], in room: Int) -> [Int]? {
        var least = wishes.map(\.minimum)
        if least.reduce(0, +) > room { least = least.map { min($0, 6) } }
        guard least.reduce(0, +) <= room else { return nil }
        var widths = least
        var open = Set(wishes.indices)
        while !open.isEmpty {
            let left = room - wishes.indices.reduce(0) { $0 + (open.contains($1) ? 0 : widths[$1]) }
            let share = left / open.count
            // Who wants less than its share gets it, who needs more keeps what it needs.
            guard let index = open.sorted().first(where: { wishes[$0].ideal <= share || least[$0] > share }) else {
                for (number, index) in open.sorted().enumerated() { widths[index] = share + (number < left % open.count ? 1 : 0) }
                break
            }
            widths[index] = wishes[index].ideal <= share ? wishes[index].ideal : least[index]
            open.remove(index)
        }
        return widths
    }

    private func grid(_ cells: [[RunsLayout]], _ columns: [Int], _ gap: Int, _ alignments: [Block.Table.Alignment], _ margin: Margin) -> [Line] {
        let rows = cells.map { row in row.enumerated().map { $0.element.lines(width: columns[min($0.offset, columns.count - 1)]) } }
        let isWrapped = rows.dropFirst().contains { $0.contains { $0.count > 1 } }
        let total = columns.reduce(0, +) + gap * (columns.count - 1)
        var lines: [Line] = []
        for (number, row) in rows.enumerated() {
            if number > 1, isWrapped { lines.append(Line(indent: 1, margin.rest + [Span(String(repeating: signs.gap, count: total), .line)])) }
            for height in 0..<max(1, row.map(\.count).max() ?? 1) {
                var spans = lines.isEmpty ? margin.first : margin.rest
                for (column, width) in columns.enumerated() {
                    if column > 0 { spans.append(Span(String(repeating: " ", count: gap), .text)) }
                    let part = column < row.count && height < row[column].count ? row[column][height] : []
                    spans += aligned(part, width, alignments[column], isLast: column == columns.count - 1)
                }
                lines.append(Line(indent: 1, spans))
            }
            if number == 0 { lines.append(Line(indent: 1, margin.rest + [Span(String(repeating: signs.level, count: total), .line)])) }
        }
        return lines
    }

    private func aligned(_ spans: [Span], _ width: Int, _ alignment: Block.Table.Alignment, isLast: Bool) -> [Span] {
        let missing = width - spans.width
        // Wide characters can be wider than the column.
        if missing < 0 { return [Span(ellipsize(spans.reduce("") { $0 + $1.text }, width: width), spans[0].paint)] }
        func spaces(_ count: Int) -> [Span] { count > 0 ? [Span(String(repeating: " ", count: count), .text)] : [] }
        switch alignment {
        case .automatic, .left: return spans + (isLast ? [] : spaces(missing))
        case .right: return spaces(missing) + spans
        case .centre: return spaces(missing / 2) + spans + (isLast ? [] : spaces(missing - missing / 2))
        }
    }

    /// A table of too many columns: one line for each cell, with its heading in front.
    private func records(_ head: [[Run]], _ rows: ArraySlice<[[Run]]>, _ margin: Margin) -> [Line] {
        var lines: [Line] = []
        for row in rows {
            if !lines.isEmpty { lines.append(Line(indent: 1, margin.rest)) }
            for (column, cell) in row.enumerated() where !cell.isEmpty {
                let name = column < head.count ? head[column].map { Run($0.text, $0.marks.union(.strong)) } : []
                lines += flow(name + [Run(" ")] + cell, lines.isEmpty ? margin : margin.following, margin.base)
            }
        }
        return lines.isEmpty ? flow(Array(head.joined(separator: [Run("  ")])), margin, .title) : lines
    }
}
