internal import CMarkdown

/// Puts md4c's events together again as blocks. Nesting beyond what a screen can show is flattened: a thousand `>` are no thousand levels.
struct BlockBuilder {
    private static let deepest = 12

    private struct Open {
        var kind: Int
        var mark: UInt8
        var number: UInt32
        var blocks: [Block] = []
        var items: [Block.List.Item] = []
        var runs: [Run] = []
        var info = ""
        var rows: [[[Run]]] = []
        var cells: [[Run]] = []
        var alignments: [Block.Table.Alignment] = []
    }

    private let text: UnsafeRawBufferPointer
    private var stack = [Open(kind: Int(CMARKDOWN_DOC), mark: 0, number: 0)]
    /// Containers that were entered and are not on the stack.
    private var flattened = 0
    /// How often each mark was entered.
    private var depths = (emphasis: 0, strong: 0, strike: 0, code: 0, link: 0)
    /// Targets of the links that are open, and where their words begin in the runs.
    private var links: [(target: String, first: Int, isImage: Bool)] = []

    init(text: UnsafeRawBufferPointer) { self.text = text }

    mutating func take(_ event: cmarkdown_event) {
        switch Int(event.what) {
        case Int(CMARKDOWN_ENTER_BLOCK): enter(event)
        case Int(CMARKDOWN_LEAVE_BLOCK): leave(Int(event.kind))
        case Int(CMARKDOWN_ENTER_SPAN): span(event, 1)
        case Int(CMARKDOWN_LEAVE_SPAN): span(event, -1)
        default: add(event)
        }
    }

    mutating func finish() -> [Block] {
        while stack.count > 1 { close() }
        closeParagraph()
        return stack[0].blocks
    }

    private func string(_ event: cmarkdown_event) -> String {
        String(decoding: text[Int(event.start)..<Int(event.start) + Int(event.length)], as: UTF8.self)
    }

    // MARK: Blocks

    private static func isContainer(_ kind: Int) -> Bool {
        kind == Int(CMARKDOWN_QUOTE) || kind == Int(CMARKDOWN_UL) || kind == Int(CMARKDOWN_OL) || kind == Int(CMARKDOWN_LI)
    }

    private mutating func enter(_ event: cmarkdown_event) {
        let kind = Int(event.kind)
        if kind == Int(CMARKDOWN_DOC) { return }
        if Self.isContainer(kind) {
            // Lists come in pairs with their items: whole pairs are left out.
            if flattened > 0 || (stack.count >= Self.deepest * 2 && kind != Int(CMARKDOWN_LI)) {
                flattened += 1
                closeParagraph()
                return
            }
        }
        if kind != Int(CMARKDOWN_PARAGRAPH) { closeParagraph() }
        var open = Open(kind: kind, mark: event.mark, number: event.number)
        if event.length > 0 { open.info = decoded(string(event)) }
        stack.append(open)
    }

    private mutating func leave(_ kind: Int) {
        if kind == Int(CMARKDOWN_DOC) { return }
        if flattened > 0, Self.isContainer(kind) {
            flattened -= 1
            closeParagraph()
            return
        }
        if stack.count > 1, stack[stack.count - 1].kind == kind { close() }
    }

    /// Text that stands in an item without a paragraph around it.
    private mutating func closeParagraph() {
        let last = stack.count - 1
        guard !stack[last].runs.isEmpty, Self.isContainer(stack[last].kind) || stack[last].kind == Int(CMARKDOWN_DOC) else { return }
        stack[last].blocks.append(.paragraph(stack[last].runs))
        stack[last].runs = []
    }

    private mutating func close() {
        closeParagraph()
        let open = stack.removeLast()
        let last = stack.count - 1
        switch open.kind {
        case Int(CMARKDOWN_PARAGRAPH), Int(CMARKDOWN_HTML_BLOCK): if !open.runs.isEmpty { stack[last].blocks.append(.paragraph(open.runs)) }
        case Int(CMARKDOWN_HEADING): stack[last].blocks.append(.heading(level: Int(open.mark), open.runs))
        case Int(CMARKDOWN_CODE_BLOCK): stack[last].blocks.append(.code(info: open.info, text: open.runs.reduce(into: "") { $0 += $1.text }))
        case Int(CMARKDOWN_RULE): stack[last].blocks.append(.rule)
        case Int(CMARKDOWN_QUOTE): stack[last].blocks.append(.quote(open.blocks))
        case Int(CMARKDOWN_LI):
            let isDone: Bool? = open.mark == 0 ? nil : open.mark != 0x20
            stack[last].items.append(Block.List.Item(isDone: isDone, blocks: open.blocks))
        case Int(CMARKDOWN_UL), Int(CMARKDOWN_OL):
            let start = open.kind == Int(CMARKDOWN_OL) ? Int(open.number) : nil
            stack[last].blocks.append(.list(Block.List(start: start, isTight: open.mark == 1, items: open.items)))
        case Int(CMARKDOWN_TABLE): stack[last].blocks.append(.table(Block.Table(alignments: open.alignments, rows: open.rows)))
        case Int(CMARKDOWN_HEAD), Int(CMARKDOWN_BODY):
            stack[last].rows += open.rows
            if stack[last].alignments.isEmpty { stack[last].alignments = open.alignments }
        case Int(CMARKDOWN_ROW):
            stack[last].rows.append(open.cells)
            if stack[last].alignments.isEmpty { stack[last].alignments = open.alignments }
        case Int(CMARKDOWN_HEAD_CELL), Int(CMARKDOWN_CELL):
            stack[last].cells.append(open.runs)
            stack[last].alignments.append(Block.Table.Alignment(rawValue: open.mark) ?? .automatic)
        default: stack[last].blocks += open.blocks
        }
    }

    // MARK: Text

    private mutating func span(_ event: cmarkdown_event, _ step: Int) {
        switch Int(event.kind) {
        case Int(CMARKDOWN_EMPHASIS): depths.emphasis += step
        case Int(CMARKDOWN_STRONG): depths.strong += step
        case Int(CMARKDOWN_STRIKE): depths.strike += step
        case Int(CMARKDOWN_CODE): depths.code += step
        case Int(CMARKDOWN_LINK), Int(CMARKDOWN_IMAGE):
            if step > 0 {
                links.append((decoded(string(event)), stack[stack.count - 1].runs.count, Int(event.kind) == Int(CMARKDOWN_IMAGE)))
                depths.link += 1
            } else {
                depths.link -= 1
                if let link = links.popLast() { endLink(link.target, from: link.first) }
            }
        default: break
        }
    }

    /// The target stands behind the words unless it is what they say.
    private mutating func endLink(_ target: String, from first: Int) {
        let last = stack.count - 1
        let words = first <= stack[last].runs.count ? stack[last].runs[first...].reduce(into: "") { $0 += $1.text } : ""
        if !target.isEmpty, first <= stack[last].runs.count { for index in stack[last].runs[first...].indices { stack[last].runs[index].link = target } }
        let bare = target.hasPrefix("mailto:") ? String(target.dropFirst(7)) : target
        guard !target.isEmpty, words != target, words != bare, "http://" + words != target, "https://" + words != target else { return }
        append(Run((words.isEmpty ? "" : " ") + "(" + target + ")", .target, link: target))
    }

    private mutating func add(_ event: cmarkdown_event) {
        switch Int(event.kind) {
        case Int(CMARKDOWN_BREAK), Int(CMARKDOWN_SOFT_BREAK): append(Run("\n", marks))
        case Int(CMARKDOWN_NULL): append(Run("\u{FFFD}", marks))
        case Int(CMARKDOWN_ENTITY): append(Run(entity(string(event)), marks))
        default: append(Run(string(event), marks))
        }
    }

    private var marks: Run.Marks {
        var marks: Run.Marks = []
        if depths.emphasis > 0 { marks.insert(.emphasis) }
        if depths.strong > 0 { marks.insert(.strong) }
        if depths.strike > 0 { marks.insert(.strike) }
        if depths.code > 0 { marks.insert(.code) }
        if depths.link > 0 { marks.insert(.link) }
        return marks
    }

    private mutating func append(_ run: Run) {
        let last = stack.count - 1
        let count = stack[last].runs.count
        // A link's words begin a run of their own, so that they can be told from what stands before them.
        if count > 0, stack[last].runs[count - 1].marks == run.marks, links.last?.first != count {
            stack[last].runs[count - 1].text += run.text
        } else {
            stack[last].runs.append(run)
        }
    }
}
