import Domain
import Screen

/// The activity of an agent as a row of blocks, each laid out only when it comes into the window; a long answer in parts, so that of a megabyte only what
/// is seen is laid out.
struct Flow {
    enum Block {
        case item(TranscriptItem, Nest?)
        case queued(QueuedPrompt)
        case interrupted
        case request(Request)
        case more(Int)
        case words(String)
    }
    /// What a sub-agent did, below the tool that started it.
    struct Nest: Equatable {
        var count: Int
        var isFolded: Bool
    }

    private let items: [TranscriptItem]
    private let revisions: [Transcript.Revision]
    /// Indices of the items that are shown; nil: all.
    private let shown: [Int]?
    /// Nests by the index of what started them.
    private let nests: [Int: Nest]
    private let extras: [Block]
    let view: ActivityView
    let brush: ActivityBrush
    /// Lines that a card may have, so that all of it is seen at the end.
    private let cardRoom: Int
    private let sheets: Sheets
    /// What was laid out already of what is no item: to find a window, some blocks are asked for more than once.
    private let known = Known()
    private final class Known { var lines: [Int: [Line]] = [:] }

    init(_ dashboard: Dashboard, _ agent: Agent, width: Int, height: Int, look: Look, now: Now) {
        let transcript = dashboard.model.transcript
        let isThere = transcript.agent == agent.id
        items = isThere ? transcript.items : []
        revisions = isThere ? transcript.revisions : []
        view = dashboard.ui.activity
        (shown, nests) = Self.chosen(items, view, isSearching: dashboard.ui.find != nil)
        var extras: [Block] = []
        if items.isEmpty || shown?.isEmpty == true {
            extras.append(.words(Self.emptyWords(agent, dashboard, isThere: isThere, kinds: items.isEmpty ? .all : view.kinds)))
        }
        extras += agent.queued.map { .queued($0) }
        if agent.status == .paused { extras.append(.interrupted) }
        let requests = dashboard.model.requests(of: agent)
        if let first = requests.first { extras.append(.request(first)) }
        if requests.count > 1 { extras.append(.more(requests.count - 1)) }
        self.extras = extras
        cardRoom = max(1, height - (requests.count > 1 ? 1 : 0))
        brush = ActivityBrush(dashboard, agent, width: width, look: look, now: now)
        sheets = dashboard.sheets
        sheets.open(Sheets.Kitchen(agent: agent.id, width: width, look: look, zoneMinutes: now.zoneMinutes))
        sheets.colour(dashboard.syntax.version)
    }

    /// What the person wants to see, and the sub-agents that are folded away.
    private static func chosen(_ items: [TranscriptItem], _ view: ActivityView, isSearching: Bool) -> ([Int]?, [Int: Nest]) {
        guard view.kinds == .all else { return (items.indices.filter { view.kinds.contains(items[$0]) }, [:]) }
        guard items.contains(where: { $0.depth > 0 }) else { return (nil, [:]) }
        var shown: [Int] = [], nests: [Int: Nest] = [:]
        var index = 0
        while index < items.count {
            shown.append(index)
            let item = items[index]
            let end = item.tool == nil ? index + 1 : items.endOfBlock(at: index)
            if end > index + 1 {
                // What has ended is one line, what goes on or went wrong is open.
                let isDone = item.tool?.state == .completed
                let nest = Nest(count: end - index - 1, isFolded: !isSearching && isDone != view.toggled.contains(item.id))
                nests[index] = nest
                if nest.isFolded { index = end - 1 }
            }
            index += 1
        }
        return (shown.count == items.count ? nil : shown, nests)
    }

    private static func emptyWords(_ agent: Agent, _ dashboard: Dashboard, isThere: Bool, kinds: ActivityView.Kinds) -> String {
        if kinds != .all { return "no \(kinds.rawValue) here; \(dashboard.key("kinds")) shows the next kind" }
        if agent.status == .starting || agent.status == .provisioning { return agent.activity.text.isEmpty ? "its place is being made" : agent.activity.text }
        if dashboard.model.isLost { return "the conversation comes back with the connection" }
        if !isThere { return dashboard.model.connection == .connected ? "reading the conversation" : "waiting for the daemon" }
        return agent.error ?? "nothing happened yet; \(dashboard.key("agent.prompt")) writes to it"
    }

    private var itemCount: Int { shown?.count ?? items.count }
    var count: Int { itemCount + extras.count }

    /// The item of a block in the transcript; nil: it is none.
    private func item(_ index: Int) -> Int? { index < itemCount ? shown?[index] ?? index : nil }

    func block(_ index: Int) -> Block {
        guard let item = item(index) else { return extras[index - itemCount] }
        return .item(items[item], nests[item])
    }

    func id(_ index: Int) -> String { Self.id(block(index)) }

    static func id(_ block: Block) -> String {
        switch block {
        case .item(let item, _): item.id
        case .queued(let prompt): "queued " + prompt.message.raw
        case .interrupted: "interrupted"
        case .request(let request): "request " + request.id.raw
        case .more: "more"
        case .words: "words"
        }
    }

    /// From the end: what is looked for is nearly always near it.
    func index(of id: String) -> Int? { (0..<count).last { self.id($0) == id } }

    // MARK: Lines

    /// How many parts a block is laid out in.
    func partCount(_ index: Int) -> Int {
        guard let item = item(index), items[item].kind == .text else { return 1 }
        return sheets.partCount(items[item], revisions[item])
    }

    /// The lines of one part of a block, with the empty one above the first that parts it from the block before.
    func lines(_ index: Int, _ part: Int) -> [Line] {
        guard let item = item(index) else {
            if let lines = known.lines[index] { return lines }
            let block = extras[index - itemCount]
            let lines = fitted(block) ?? brush.lines(of: block, isToggled: view.toggled.contains(Self.id(block)))
            known.lines[index] = aired(lines, index)
            return aired(lines, index)
        }
        let value = items[item]
        if value.kind == .text {
            let lines = sheets.part(part, of: value, revisions[item], brush.markdown(value)).map { brush.indented($0, by: value.depth) }
            return part == 0 ? aired(lines, index) : lines
        }
        let isToggled = view.toggled.contains(value.id)
        if let nest = nests[item] { return aired(brush.lines(of: .item(value, nest), isToggled: false), index) }
        return aired(sheets.whole(value, revisions[item], isToggled: isToggled) { brush.lines(of: .item(value, nil), isToggled: isToggled) }, index)
    }

    private func aired(_ lines: [Line], _ index: Int) -> [Line] {
        index > 0 && Self.needsAir(above: block(index), after: block(index - 1)) ? [.blank] + lines : lines
    }

    /// What a part is made of, so that only what can have a word is laid out to look for it; nil: whatever its lines say.
    func source(_ index: Int, _ part: Int) -> String? {
        guard let item = item(index), items[item].kind == .text else { return nil }
        return sheets.source(part, of: items[item], revisions[item])
    }

    /// What opening a tool would show: its output or diff.
    func hidden(_ index: Int) -> String? {
        guard let item = item(index), nests[item] == nil, let tool = items[item].tool else { return nil }
        return tool.diff ?? items[item].text
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
            case .item(let item, _): item.kind == .tool || item.kind == .thinking || item.kind == .note
            case .queued, .interrupted, .request, .more, .words: false
            }
        }
        if case .more = block { return false }
        return !(isRow(block) && isRow(before))
    }

    // MARK: The window

    /// A line of a part of a block.
    struct Place: Equatable, Comparable {
        var block: Int
        var part: Int
        var line: Int
        static func < (a: Place, b: Place) -> Bool { (a.block, a.part, a.line) < (b.block, b.part, b.line) }
    }
    struct Row {
        var place: Place
        var content: Line
        var block: Int { place.block }
    }
    struct Window {
        var rows: [Row]
        /// The last line of all is in it.
        var isAtEnd: Bool
    }

    func place(of anchor: ActivityView.Anchor) -> Place? {
        index(of: anchor.block).map { Place(block: $0, part: min(anchor.part, partCount($0) - 1), line: anchor.line) }
    }

    func window(_ anchor: ActivityView.Anchor?, height: Int) -> Window {
        if let anchor, let start = place(of: anchor) {
            let rows = forward(from: start, height)
            if rows.count == height, let last = rows.last { return Window(rows: rows, isAtEnd: isLast(last.place)) }
        }
        return Window(rows: backward(before: Place(block: count, part: 0, line: 0), height), isAtEnd: true)
    }

    private func isLast(_ place: Place) -> Bool { place.block == count - 1 && isEnd(place) }

    /// The last line of its block.
    private func isEnd(_ place: Place) -> Bool {
        place.part == partCount(place.block) - 1 && place.line >= lines(place.block, place.part).count - 1
    }

    /// Up to `height` lines from a line on.
    func forward(from place: Place, _ height: Int) -> [Row] {
        var rows: [Row] = []
        var (index, part, skip) = (place.block, place.part, place.line)
        while index < count, rows.count < height {
            let parts = partCount(index)
            while part < parts, rows.count < height {
                for (number, content) in lines(index, part).enumerated().dropFirst(skip).prefix(height - rows.count) {
                    rows.append(Row(place: Place(block: index, part: part, line: number), content: content))
                }
                (part, skip) = (part + 1, 0)
            }
            (index, part) = (index + 1, 0)
        }
        return rows
    }

    /// Up to `height` lines that end just before a line.
    func backward(before place: Place, _ height: Int) -> [Row] {
        var rows: [Row] = []
        var (index, part, end) = (place.block, place.part, place.line)
        while rows.count < height {
            if end == 0 {
                if part > 0 {
                    part -= 1
                } else if index > 0 {
                    index -= 1
                    part = partCount(index) - 1
                } else {
                    break
                }
                end = .max
            }
            for (number, content) in lines(index, part).prefix(end).enumerated().reversed() {
                rows.append(Row(place: Place(block: index, part: part, line: number), content: content))
            }
            end = 0
        }
        return rows.prefix(height).reversed()
    }

    func anchor(_ place: Place) -> ActivityView.Anchor { ActivityView.Anchor(block: id(place.block), part: place.part, line: place.line) }

    /// The window moved by some lines; nil: at the end.
    func scrolled(_ anchor: ActivityView.Anchor?, by lines: Int, height: Int) -> ActivityView.Anchor? {
        let window = window(anchor, height: height)
        guard let top = window.rows.first?.place, window.rows.count == height else { return nil }
        if lines < 0 { return self.anchor(backward(before: top, -lines).first?.place ?? top) }
        if window.isAtEnd { return nil }
        let next = forward(from: top, lines + height)
        return next.count < lines + height ? nil : self.anchor(next[lines].place)
    }

    /// The window moved as little as needed to show a block: all of it, or its beginning.
    func showing(_ block: Int, _ anchor: ActivityView.Anchor?, height: Int) -> ActivityView.Anchor? {
        let rows = window(anchor, height: height).rows
        let inside = rows.filter { $0.block == block }
        let start = Place(block: block, part: 0, line: 0)
        if let first = inside.first, let last = inside.last, first.place == start, isEnd(last.place) { return anchor }
        let isAbove = inside.isEmpty ? (rows.first.map { $0.block > block } ?? true) : inside.first?.place != start
        let upToEnd = backward(before: Place(block: block + 1, part: 0, line: 0), height)
        // Longer than the window.
        guard let first = upToEnd.first, !isAbove, upToEnd.count == height, first.block < block || first.place == start else { return self.anchor(start) }
        return self.anchor(first.place)
    }

    /// The window moved so that a line is in it, with some lines above it.
    func showing(_ place: Place, _ anchor: ActivityView.Anchor?, height: Int) -> ActivityView.Anchor? {
        if window(anchor, height: height).rows.contains(where: { $0.place == place }) { return anchor }
        let top = backward(before: place, height / 3).first?.place ?? place
        return forward(from: top, height).count < height ? nil : self.anchor(top)
    }

    /// The window that ends with the end of a block.
    func endingWith(_ block: Int, height: Int) -> ActivityView.Anchor? {
        backward(before: Place(block: block + 1, part: 0, line: 0), height).first.map { self.anchor($0.place) }
    }

    /// How a block lies in the window.
    func sight(of block: Int, _ anchor: ActivityView.Anchor?, height: Int) -> (beginsAbove: Bool, endsBelow: Bool) {
        let inside = window(anchor, height: height).rows.filter { $0.block == block }
        guard let first = inside.first, let last = inside.last else { return (false, false) }
        return (first.place != Place(block: block, part: 0, line: 0), !isEnd(last.place))
    }
}

extension ActivityView.Kinds {
    /// Whether an item is of this kind.
    func contains(_ item: TranscriptItem) -> Bool {
        switch self {
        case .all: return true
        case .said: return item.kind == .user || item.kind == .text
        case .tools: return item.kind == .tool
        case .edits:
            return item.tool.map { $0.changes != nil || $0.diff != nil || ["edit", "write", "multiedit", "patch", "apply_patch"].contains($0.name) } ?? false
        case .commands: return item.tool?.name == "bash"
        case .errors: return item.kind == .error || item.tool?.wentWrong == true
        case .requests: return item.tool?.name == "question"
        case .subagents: return item.depth > 0 || item.tool?.child != nil || item.tool?.name == "task"
        }
    }
}

// MARK: Moving about in it

extension Dashboard {
    /// The flow as it is on the screen, and the height of its window.
    var flow: (flow: Flow, height: Int)? {
        guard let agent = selectedAgent else { return nil }
        let content = detailLayout().content
        guard !content.isEmpty else { return nil }
        return (Flow(self, agent, width: content.columns, height: content.rows, look: sheets.look, now: now), content.rows)
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
        // Upwards, what is longer than the window is entered at its end.
        if step < 0, flow.sight(of: next, ui.activity.anchor, height: height).endsBelow { ui.activity.anchor = flow.endingWith(next, height: height) }
    }

    mutating func edgeOfActivity(_ side: Int) {
        guard let (flow, height) = flow, flow.count > 0 else { return }
        if side > 0 {
            ui.activity.chosen = nil
            ui.activity.anchor = nil
        } else {
            ui.activity.chosen = flow.id(0)
            let isLong = flow.window(nil, height: height).rows.first.map { $0.place > Flow.Place(block: 0, part: 0, line: 0) } ?? false
            ui.activity.anchor = isLong ? ActivityView.Anchor(block: flow.id(0)) : nil
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
