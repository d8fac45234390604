import Dashboard
import Domain
import Foundation
import Screen
import Testing

/// A dashboard under test: keys in notation, screens as text, effects collected.
struct Harness: CustomTestStringConvertible {
    var testDescription: String { "\n" + screen }

    var dashboard: Dashboard
    var now = Sample.now
    var effects: [DashboardEffect] = []
    var look = Look()

    /// Connected, with the herd of the pictures and the transcript of its first agent.
    init(_ columns: Int = 120, _ rows: Int = 36, herd: Herd = Sample.herd, transcript: [TranscriptItem]? = Sample.transcript) {
        dashboard = Dashboard(size: Size(columns: columns, rows: rows))
        take(.snapshot(herd, live: true))
        if let transcript, let agent = dashboard.ui.selected { take(.transcript(agent, .reset(transcript))) }
        effects = []
    }

    mutating func take(_ input: DashboardInput) { effects += dashboard.handle(input, now: now) }

    /// Keys in the notation of `Key.parse`, each a while after the one before, as a person types.
    mutating func press(_ keys: String) {
        for key in Key.parse(keys) ?? [] {
            pass(400)
            take(.terminal(.key(key)))
        }
    }

    mutating func pass(_ milliseconds: Int64) {
        now.instant = now.instant + .milliseconds(milliseconds)
        now.wall = Timestamp(milliseconds: now.wall.milliseconds + milliseconds)
    }

    mutating func click(_ column: Int, _ row: Int) {
        pass(400)
        take(.terminal(.mouse(Mouse(.press, .left, at: Point(column, row)))))
    }

    /// Clicks on the first place where the text stands.
    mutating func click(on text: String) {
        for (row, line) in screen.split(separator: "\n").enumerated() {
            if let range = line.range(of: text) {
                click(displayWidth(String(line[..<range.lowerBound])), row)
                return
            }
        }
        Issue.record("\(text) is not on the screen:\n\(screen)")
    }

    mutating func reply(_ result: Result<ClientReply, Refusal>) {
        if let tag = dashboard.model.pending.keys.max() { take(.replied(tag: tag, result)) }
    }

    var scene: Scene { dashboard.view(look: look, now: now) }
    var screen: String { scene.frame.text }

    /// The orders among the effects, without those that nobody pressed a key for.
    var orders: [ClientOrder] {
        effects.compactMap {
            if case .order(let order, _) = $0 {
                switch order {
                case .seen, .choices, .files, .facts, .offers: return nil
                default: return order
                }
            }
            return nil
        }
    }

    func shows(_ text: String) -> Bool { screen.contains(text) }
}

/// The frame in a terminal's own words, to be looked at.
func ansi(_ frame: Frame, theme: Theme = .default, depth: ColourDepth = .direct) -> String {
    var text = ""
    for row in 0..<frame.size.rows {
        var last: Style?
        for column in 0..<frame.size.columns {
            guard let cell = frame[Point(column, row)], cell.width > 0 else { continue }
            let style = theme.resolve(frame.style(at: Point(column, row)), depth: depth)
            if style != last { text += "\u{1b}[0" + codes(style) + "m" }
            last = style
            text.unicodeScalars.append(contentsOf: frame.atlas.scalars(of: cell.glyph))
        }
        text += "\u{1b}[0m\n"
    }
    return text
}

private func codes(_ style: Style) -> String {
    func colour(_ colour: Colour, _ base: Int) -> String {
        switch colour {
        case .rgb(let value): ";\(base + 8);2;\(value >> 16 & 255);\(value >> 8 & 255);\(value & 255)"
        case .ansi(let number): number < 8 ? ";\(base + Int(number))" : number < 16 ? ";\(base + 60 + Int(number) - 8)" : ";\(base + 8);5;\(number)"
        case .default, .token: ""
        }
    }
    var text = colour(style.foreground, 30) + colour(style.background, 40)
    for (attribute, code) in [(Attributes.bold, 1), (.dim, 2), (.italic, 3), (.underline, 4), (.reverse, 7)] where style.attributes.contains(attribute) {
        text += ";\(code)"
    }
    return text
}

/// `PICTURES=directory` writes every golden screen there as ANSI text too.
func picture(_ name: String, _ frame: Frame, theme: Theme = .default, depth: ColourDepth = .direct) {
    guard let directory = ProcessInfo.processInfo.environment["PICTURES"] else { return }
    try? ansi(frame, theme: theme, depth: depth).write(toFile: directory + "/" + name + ".ansi", atomically: true, encoding: .utf8)
}
