import Domain
import Screen

/// The activity of an agent as a row of blocks, each laid out only when it comes into the window.
struct Flow {
    enum Block {
        case item(TranscriptItem)
        case queued(QueuedPrompt)
        case interrupted
        case request(Request)
        case more(Int)
        case words(String)
    }

    private let items: [TranscriptItem]
    /// Indices of the items that the person wants to see; nil: all.
    private let shown: [Int]?
    private let extras: [Block]
    let view: ActivityView
    let brush: ActivityBrush
    /// Lines that a card may have, so that all of it is seen at the end.
    private let cardRoom: Int
    /// What was laid out already: to find a window, some blocks are asked for more than once.
    private let known = Known()
    private final class Known { var lines: [Int: [Line]] = [:] }

    init(_ dashboard: Dashboard, _ agent: Agent, width: Int, height: Int, look: Look, now: Now) {
        let transcript = dashboard.model.transcript
        let isThere = transcript.agent == agent.id
        items = isThere ? transcript.items : []
        view = dashboard.ui.activity
        shown = view.kinds == .all ? nil : items.indices.filter { [items, view] in Self.isShown(items[$0], view.kinds) }
        var extras: [Block] = []
        if items.isEmpty || shown?.isEmpty == true { extras.append(.words(Self.emptyWords(agent, dashboard, isThere: isThere, isFiltered: !items.isEmpty))) }
        extras += agent.queued.map { .queued($0) }
        if agent.status == .paused { extras.append(.interrupted) }
        let requests = dashboard.model.requests(of: agent)
        if let first = requests.first { extras.append(.request(first)) }
        if requests.count > 1 { extras.append(.more(requests.count - 1)) }
        self.extras = extras
        cardRoom = max(1, height - (requests.count > 1 ? 1 : 0))
        brush = ActivityBrush(dashboard, agent, width: width, look: look, now: now)
    }

    private static func isShown(_ item: TranscriptItem, _ kinds: ActivityView.Kinds) -> Bool {
        switch kinds {
        case .all: true
        case .talk: item.kind == .user || item.kind == .text
        case .tools: item.kind == .tool
        case .problems: item.kind == .error || item.tool?.state == .failed
        }
    }

    private static func emptyWords(_ agent: Agent, _ dashboard: Dashboard, isThere: Bool, isFiltered: Bool) -> String {
        if isFiltered { return "nothing of this kind; \(dashboard.key("kinds")) shows the next" }
        if agent.status == .starting || agent.status == .provisioning { return agent.activity.text.isEmpty ? "its place is being made" : agent.activity.text }
        if dashboard.model.isLost { return "the conversation comes back with the connection" }
        if !isThere { return dashboard.model.connection == .connected ? "reading the conversation" : "waiting for the daemon" }
        return agent.error ?? "nothing happened yet; \(dashboard.key("agent.prompt")) writes to it"
    }

    var count: Int { (shown?.count ?? items.count) + extras.count }

    func block(_ index: Int) -> Block {
        let itemCount = shown?.count ?? items.count
        return index < itemCount ? .item(items[shown?[index] ?? index]) : extras[index - itemCount]
    }

    func id(_ index: Int) -> String { Self.id(block(index)) }

    static func id(_ block: Block) -> String {
        switch block {
        case .item(let item): item.id
        case .queued(let prompt): "queued " + prompt.message.raw
        case .interrupted: "interrupted"
        case .request(let request): "request " + request.id.raw
        case .more: "more"
        case .words: "words"
        }
    }

    /// From the end: what is looked for is nearly always near it.
    func index(of id: String) -> Int? { (0..<count).last { self.id($0) == id } }

    /// A block's lines, with the empty one above it that parts it from the block before.
    func lines(_ index: Int) -> [Line] {
        if let lines = known.lines[index] { return lines }
        let block = block(index)
        var lines = fitted(block) ?? brush.lines(of: block, isToggled: view.toggled.contains(Self.id(block)))
        if index > 0, Self.needsAir(above: block, after: self.block(index - 1)) { lines.insert(.blank, at: 0) }
        known.lines[index] = lines
        return lines
    }

    /// A card that is longer than the window keeps what is asked and the keys in it.
    private func fitted(_ block: Block) -> [Line]? { card(block)?.lines(in: cardRoom, top: view.cardTop, signs: brush.signs) }

    private func card(_ block: Block) -> Card? {
        guard case .request(let request) = block else { return nil }
        return CardBrush(brush, request, isExpanded: view.toggled.contains(Self.id(block))).card()
    }

    /// The largest useful first line of the card's middle; 0 where all of it is seen.
    var cardLastTop: Int { extras.lazy.compactMap { card($0) }.first?.lastTop(in: cardRoom) ?? 0 }

    private static func needsAir(above block: Block, after before: Block) -> Bool {
        func isRow(_ block: Block) -> Bool {
            switch block {
            case .item(let item): item.kind == .tool || item.kind == .thinking || item.kind == .note
            case .queued, .interrupted, .request, .more, .words: false
            }
        }
        if case .more = block { return false }
        return !(isRow(block) && isRow(before))
    }

    // MARK: The window

    struct Row {
        var block: Int
        var line: Int
        var content: Line
    }
    struct Window {
        var rows: [Row]
        /// The last line of all is in it.
        var isAtEnd: Bool
    }

    func window(_ anchor: ActivityView.Anchor?, height: Int) -> Window {
        if let anchor, let start = index(of: anchor.block) {
            let rows = forward(from: start, anchor.line, height)
            if rows.count == height, let last = rows.last {
                return Window(rows: rows, isAtEnd: last.block == count - 1 && last.line == lines(last.block).count - 1)
            }
        }
        return Window(rows: backward(before: count, 0, height), isAtEnd: true)
    }

    /// Up to `height` lines from a line on.
    private func forward(from block: Int, _ line: Int, _ height: Int) -> [Row] {
        var rows: [Row] = []
        var index = block, skip = line
        while index < count, rows.count < height {
            for (number, content) in lines(index).enumerated().dropFirst(skip).prefix(height - rows.count) {
                rows.append(Row(block: index, line: number, content: content))
            }
            (index, skip) = (index + 1, 0)
        }
        return rows
    }

    /// Up to `height` lines that end just before line `line` of `block`.
    private func backward(before block: Int, _ line: Int, _ height: Int) -> [Row] {
        var rows: [Row] = []
        var index = block
        if block < count, line > 0 { rows = lines(block).prefix(line).enumerated().map { Row(block: block, line: $0.offset, content: $0.element) }.reversed() }
        while index > 0, rows.count < height {
            index -= 1
            for (number, content) in lines(index).enumerated().reversed() { rows.append(Row(block: index, line: number, content: content)) }
        }
        return rows.prefix(height).reversed()
    }

    private func anchor(_ row: Row) -> ActivityView.Anchor { ActivityView.Anchor(block: id(row.block), line: row.line) }

    /// The window moved by some lines; nil: at the end.
    func scrolled(_ anchor: ActivityView.Anchor?, by lines: Int, height: Int) -> ActivityView.Anchor? {
        let window = window(anchor, height: height)
        guard let top = window.rows.first, window.rows.count == height else { return nil }
        if lines < 0 { return self.anchor(backward(before: top.block, top.line, -lines).first ?? top) }
        if window.isAtEnd { return nil }
        let next = forward(from: top.block, top.line, lines + height)
        return next.count < lines + height ? nil : self.anchor(next[lines])
    }

    /// The window moved as little as needed to show a block: all of it, or its beginning.
    func showing(_ block: Int, _ anchor: ActivityView.Anchor?, height: Int) -> ActivityView.Anchor? {
        let lines = lines(block).count
        let inside = window(anchor, height: height).rows.filter { $0.block == block }
        if inside.count == lines { return anchor }
        let isAbove = inside.isEmpty ? (window(anchor, height: height).rows.first.map { $0.block > block } ?? true) : inside.first?.line != 0
        if isAbove || lines >= height { return ActivityView.Anchor(block: id(block), line: 0) }
        return backward(before: block, lines, height).first.map(self.anchor)
    }

    /// How a block lies in the window.
    func sight(of block: Int, _ anchor: ActivityView.Anchor?, height: Int) -> (beginsAbove: Bool, endsBelow: Bool) {
        let inside = window(anchor, height: height).rows.filter { $0.block == block }
        guard let first = inside.first, let last = inside.last else { return (false, false) }
        return (first.line > 0, last.line < lines(block).count - 1)
    }
}

// MARK: Moving about in it

extension Dashboard {
    /// The flow as it is on the screen, and the height of its window.
    private var flow: (flow: Flow, height: Int)? {
        guard let agent = selectedAgent else { return nil }
        let content = detailLayout().content
        guard !content.isEmpty else { return nil }
        return (Flow(self, agent, width: content.columns, height: content.rows, look: Look(), now: now), content.rows)
    }

    /// Moves the middle of the card that is asked now; false when it does not move.
    mutating func scrollCard(by lines: Int) -> Bool {
        guard ui.queue == nil, ui.tab == .activity, let (flow, _) = flow else { return false }
        let top = max(0, min(flow.cardLastTop, ui.activity.cardTop + lines))
        defer { ui.activity.cardTop = top }
        return top != ui.activity.cardTop
    }

    mutating func scrollActivity(by lines: Int) {
        // At the end the card moves first: it is what the person looks at.
        if ui.activity.anchor == nil, scrollCard(by: lines) { return }
        guard let (flow, height) = flow else { return }
        ui.activity.anchor = flow.scrolled(ui.activity.anchor, by: lines, height: height)
    }

    /// Down from the last is the composer: nothing is chosen, and the end stays in sight.
    mutating func chooseBlock(by step: Int) {
        guard let (flow, height) = flow, flow.count > 0 else { return }
        guard let chosen = ui.activity.chosen, let index = flow.index(of: chosen) else {
            guard step < 0 else { return }
            let last = flow.window(ui.activity.anchor, height: height).rows.last?.block ?? flow.count - 1
            ui.activity.chosen = flow.id(last)
            ui.activity.anchor = flow.showing(last, ui.activity.anchor, height: height)
            return
        }
        if case .request = flow.block(index), scrollCard(by: step * 3) { return }
        // What is longer than the window is read before the next one is chosen.
        let sight = flow.sight(of: index, ui.activity.anchor, height: height)
        if step > 0 ? sight.endsBelow : sight.beginsAbove { return scrollActivity(by: step * 3) }
        guard index + step < flow.count else {
            ui.activity.chosen = nil
            ui.activity.anchor = nil
            return
        }
        let next = max(0, index + step)
        ui.activity.chosen = flow.id(next)
        ui.activity.anchor = flow.showing(next, ui.activity.anchor, height: height)
        if step < 0, flow.lines(next).count > height {
            ui.activity.anchor = flow.scrolled(ActivityView.Anchor(block: flow.id(next), line: 0), by: flow.lines(next).count - height, height: height)
        }
    }

    mutating func edgeOfActivity(_ side: Int) {
        guard let (flow, height) = flow, flow.count > 0 else { return }
        if side > 0 {
            ui.activity.chosen = nil
            ui.activity.anchor = nil
        } else {
            ui.activity.chosen = flow.id(0)
            let isLong = flow.window(nil, height: height).rows.first.map { $0.block > 0 || $0.line > 0 } ?? false
            ui.activity.anchor = isLong ? ActivityView.Anchor(block: flow.id(0), line: 0) : nil
        }
    }

    mutating func toggle(_ block: String) {
        if block == "more" {
            ui.queue = QueueView()
            return
        }
        ui.activity.toggled.formSymmetricDifference([block])
        guard let (flow, height) = flow, let index = flow.index(of: block) else { return }
        ui.activity.anchor = flow.showing(index, ui.activity.anchor, height: height)
    }
}
