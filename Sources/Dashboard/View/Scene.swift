package import Domain
package import Screen

/// What the terminal can show beside colours, and what the keys are called; the theme stays outside, frames speak in tokens.
package struct Look: Equatable, Sendable {
    /// Letters and plain signs only.
    package var ascii: Bool
    /// Surfaces differ in shade. Without (16 colours, mono) thin rules take their place.
    package var shades: Bool
    /// The dashboard's own, whatever is given to `view`.
    var keys = KeyMap.standard
    package init(ascii: Bool = false, shades: Bool = true) {
        self.ascii = ascii
        self.shades = shades
    }
    var signs: Signs { ascii ? .ascii : .unicode }

    /// The key of a command as it is shown.
    func key(_ command: String) -> String { Command.named(command).map { keys.label(of: $0, ascii: ascii) } ?? "" }
}

/// The drawing characters of the dashboard, in both alphabets; each is one cell. Literals, asked for by the hundred in a frame: nothing is kept.
enum Signs: Sendable {
    case unicode, ascii

    private func pick(_ sign: String, _ letter: String) -> String { self == .unicode ? sign : letter }

    var bar: String { pick("▌", "|") }
    var caret: String { pick("▏", "|") }
    var mark: String { pick("◆", "#") }
    var dot: String { pick("·", "-") }
    var into: String { pick("›", ">") }
    var corner: String { pick("└", "`") }
    var full: String { pick("▰", "#") }
    var empty: String { pick("▱", "-") }
    var thick: String { pick("━", "=") }
    var upright: String { pick("│", "|") }
    var level: String { pick("─", "-") }
    var opened: String { pick("▾", "-") }
    var closed: String { pick("▸", "+") }
    var arrow: String { pick("→", ">") }
    var on: String { pick("◉", "x") }
    var off: String { pick("○", "o") }
    var server: String { pick("●", "*") }
    var noServer: String { pick("○", ".") }
    var tick: String { pick("✓", "v") }
    var cross: String { pick("✕", "x") }
    var warning: String { pick("▲", "!") }
    var ellipsis: String { pick("…", "~") }
    var gap: String { pick("┄", "-") }
    var bullet: String { pick("•", "*") }
    var down: String { pick("↓", "v") }

    func glyph(_ status: Status) -> String { self == .unicode ? status.glyph.unicode : status.glyph.ascii }
}

/// A drawn screen and what a click on each part of it means.
package struct Scene {
    package var frame: Frame
    /// Later ones lie on top.
    package var regions: [Region] = []
    /// What the next frame may take over; empty where something lay over the columns.
    var recipes = Recipes()
    /// Code that was drawn without its colours; nil: there is none.
    package var uncoloured: SyntaxText?

    package struct Region: Equatable, Sendable {
        package var rect: Rect
        package var hit: Hit
    }

    /// What is at a cell, from the top down; `wanted` says which kinds count.
    package func hit(at point: Point, where wanted: (Hit) -> Bool = { _ in true }) -> Hit? {
        regions.last { $0.rect.contains(point) && wanted($0.hit) }?.hit
    }
}

/// What can be clicked, or scrolled with the wheel.
package enum Hit: Hashable, Sendable {
    case agent(AgentID)
    case scope(UI.Scope)
    case tab(UI.Tab)
    /// A command by its name, as if its key had been pressed.
    case command(String)
    case request(RequestID)
    case block(String)
    case option(Int)
    case file(Int)
    case shell(ShellID)
    /// A line of the feed, by its number; an agent of the digest beside it.
    case feedEntry(Int), feedAgent(AgentID)
    case fold(Int)
    case composer
    case completion(Int)
    case dialogRow(Int)
    case dialogCancel
    case pane(Pane)
    package enum Pane: Hashable, Sendable { case projects, agents, detail, queue, feed, dialog, behind }
}

/// Draws a scene: the frame, and the regions as they come.
struct Painter {
    var frame: Frame
    var regions: [Scene.Region] = []
    var recipes = Recipes()
    var uncoloured: SyntaxText?
    /// The scene before this one, if its cells can be taken over.
    let before: Scene?
    let look: Look
    let now: Now
    var signs: Signs { look.signs }

    init(_ frame: Frame, look: Look, now: Now, after before: Scene? = nil) {
        self.frame = frame
        self.before = before.flatMap { $0.canBeCopied(to: frame) ? $0 : nil }
        self.look = look
        self.now = now
        regions.reserveCapacity(96)
    }

    mutating func region(_ rect: Rect, _ hit: Hit) { regions.append(Scene.Region(rect: rect, hit: hit)) }

    @discardableResult
    mutating func put(_ text: String, _ column: Int, _ row: Int, _ token: Token = .text, _ attributes: Attributes = [], width: Int = .max) -> Int {
        frame.write(text, at: Point(column, row), Paint(token, attributes), maxWidth: width, ellipsis: true)
    }

    @discardableResult
    mutating func put(_ spans: [Span], _ column: Int, _ row: Int, width: Int = .max) -> Int {
        frame.write(spans, at: Point(column, row), maxWidth: width, ellipsis: true)
    }

    @discardableResult
    mutating func right(_ spans: [Span], _ end: Int, _ row: Int, width: Int = .max) -> Int {
        frame.writeRight(spans, endingAt: end, row: row, maxWidth: width)
    }

    @discardableResult
    mutating func right(_ text: String, _ end: Int, _ row: Int, _ token: Token, width: Int = .max) -> Int {
        frame.writeRight(text, endingAt: end, row: row, Paint(token), maxWidth: width)
    }

    @discardableResult
    mutating func put(_ hint: Hint, _ column: Int, _ row: Int, width: Int) -> Int {
        var used = put(hint.key, column, row, hint.isEnabled ? .accent : .faint, .bold, width: width)
        used += 1 + put(hint.label, column + used + 1, row, hint.isEnabled ? .muted : .faint, width: width - used - 1)
        if !hint.object.isEmpty { used += 1 + put(hint.object, column + used + 1, row, .text, width: width - used - 1) }
        return min(used, width)
    }

    mutating func bar(_ rect: Rect, _ token: Token) {
        for row in rect.row..<rect.bottom { put(signs.bar, rect.column, row, token) }
    }

    /// A surface; where shades are missing, a rule along its left side.
    mutating func surface(_ rect: Rect, _ token: Token, rule: Bool = false) {
        frame.clear(rect, token)
        if rule, !look.shades { for row in rect.row..<rect.bottom { put(signs.upright, rect.column, row, .line) } }
    }

}

extension Span {
    /// How near to its end something is.
    static func token(ofShare share: Double) -> Token { share >= 0.9 ? .fail : share >= 0.7 ? .limit : .run }

    /// A bar of `width` cells filled by `share` (0…1).
    static func gauge(_ share: Double, width: Int, _ token: Token, _ signs: Signs) -> [Span] {
        // Whatever was begun shows. (Rounding functions would need libm, which pure rooms do not link.)
        let cells = share.isFinite ? max(0, min(1, share)) * Double(width) : 0
        let full = Int(cells) + (cells > Double(Int(cells)) ? 1 : 0)
        return [Span(String(repeating: signs.full, count: full), token), Span(String(repeating: signs.empty, count: width - full), .line)]
    }
}

/// A key and what it does, as a piece of a sentence.
struct Hint {
    var key: String
    var label: String
    /// Clicking does this.
    var hit: Hit?
    var isEnabled = true
    /// What stands behind the label in text colour ("npm install *").
    var object = ""

    init(
        key: String, label: String, hit: Hit? = nil, isEnabled: Bool = true, object: String = ""
    ) {
        self.key = key
        self.label = label
        self.hit = hit
        self.isEnabled = isEnabled
        self.object = object
    }

    /// A command by the key that it has now.
    init(_ command: String, _ label: String, _ look: Look, isEnabled: Bool = true, object: String = "") {
        self.init(key: look.key(command), label: label, hit: .command(command), isEnabled: isEnabled, object: object)
    }

    var width: Int { displayWidth(key) + 1 + displayWidth(label) + (object.isEmpty ? 0 : displayWidth(object) + 1) }
    var spans: [Span] {
        let words = [Span(key, isEnabled ? .accent : .faint, .bold), Span(" " + label, isEnabled ? .muted : .faint)]
        return object.isEmpty ? words : words + [Span(" " + object, .text)]
    }
}

/// One line of something that scrolls: spans from the left, spans at the right end, what a click means.
struct Line {
    var indent = 0
    var spans: [Span] = []
    var right: [Span] = []
    /// The surface of the whole line; nil: what is there.
    var background: Token?
    /// A thin bar in front.
    var bar: Token?
    /// Pieces that can be clicked, in cells from the line's start.
    var hits: [(Range<Int>, Hit)] = []
    var uncoloured: Uncoloured?

    static let blank = Line()

    init(indent: Int = 0, _ spans: [Span] = [], right: [Span] = [], background: Token? = nil, bar: Token? = nil) {
        self.indent = indent
        self.spans = spans
        self.right = right
        self.background = background
        self.bar = bar
    }

    /// Hints side by side, three cells apart, on as many lines as they need.
    static func hints(_ hints: [Hint], indent: Int, width: Int, background: Token? = nil, bar: Token? = nil, gap: Int = 3) -> [Line] {
        var lines: [Line] = []
        var line = Line(indent: indent, background: background, bar: bar)
        var used = 0
        for hint in hints {
            if used > 0, used + gap + hint.width > width - indent {
                lines.append(line)
                line = Line(indent: indent, background: background, bar: bar)
                used = 0
            }
            if used > 0 {
                line.spans.append(Span(String(repeating: " ", count: gap), .muted))
                used += gap
            }
            line.spans += hint.spans
            if let hit = hint.hit { line.hits.append((indent + used..<indent + used + hint.width, hit)) }
            used += hint.width
        }
        if used > 0 { lines.append(line) }
        return lines
    }
}

extension Painter {
    mutating func draw(_ line: Line, in rect: Rect) {
        if let background = line.background { frame.clear(rect, background) }
        if uncoloured == nil { uncoloured = line.uncoloured?.text }
        if let bar = line.bar { put(signs.bar, rect.column, rect.row, bar) }
        let rightWidth = line.right.width
        let room = rect.columns - line.indent - 1 - (rightWidth > 0 ? rightWidth + 2 : 0)
        put(line.spans, rect.column + line.indent, rect.row, width: max(0, room))
        if rightWidth > 0 { right(line.right, rect.right - 1, rect.row, width: max(0, rect.columns - line.indent - 1)) }
        for (cells, hit) in line.hits {
            region(Rect(rect.column + cells.lowerBound, rect.row, cells.count, 1).intersection(rect), hit)
        }
    }

    mutating func draw(_ lines: [Line], in rect: Rect) {
        for (index, line) in lines.prefix(rect.rows).enumerated() { draw(line, in: rect.line(index)) }
    }
}
