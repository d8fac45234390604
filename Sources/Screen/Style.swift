/// What a colour means. A theme gives each of them a colour; nothing else in the dashboard names colours.
package enum Token: String, CaseIterable, Hashable, Sendable {
    /// Surfaces, from far to near, and the selected row.
    case bg, panel, raised, sel
    /// Rules and the empty part of bars.
    case line
    /// What matters, what explains, what is furniture.
    case text, muted, faint
    /// Keys, selection and links.
    case accent
    /// States of agents: running, waiting, failed, done, moving, limited, stopped.
    case run, wait, fail, done, move, limit, off
    /// Differences: added and deleted text, the background of such lines, of the words that changed in them.
    case add, addbg, dele, delbg, word, wordd
    /// Text on a background that is itself a bright colour.
    case on
    /// Kinds of words in code.
    case comment, keyword, function, string, number, type, operation
}

/// A colour as a cell knows it: mostly a token; real colours come from programs shown in a tab.
package enum Colour: Hashable, Sendable {
    /// What the terminal uses when nobody says anything.
    case `default`
    case token(Token)
    /// 0xRRGGBB.
    case rgb(UInt32)
    /// A number of the terminal's own palette: 0–15 the ANSI colours, 16–231 the cube, 232–255 greys.
    case ansi(UInt8)
}

extension Colour {
    /// The colour in 26 bits: its kind, then its value.
    var packed: UInt64 {
        switch self {
        case .default: 0
        case .token(let token): 1 << 24 | UInt64(token.index)
        case .rgb(let value): 2 << 24 | UInt64(value & 0xFF_FFFF)
        case .ansi(let number): 3 << 24 | UInt64(number)
        }
    }
}

package struct Attributes: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// `[]` and `[.bold]` stand in every line that draws: the general way through `SetAlgebra` costs a hundred times as much.
    package init(arrayLiteral elements: Attributes...) { rawValue = elements.reduce(0) { $0 | $1.rawValue } }

    package static let bold = Attributes(rawValue: 1)
    package static let dim = Attributes(rawValue: 2)
    package static let italic = Attributes(rawValue: 4)
    package static let underline = Attributes(rawValue: 8)
    package static let reverse = Attributes(rawValue: 16)
    package static let strike = Attributes(rawValue: 32)
}

/// How a cell looks, completely.
package struct Style: Hashable, Sendable {
    package var foreground: Colour
    package var background: Colour
    package var attributes: Attributes

    package init(foreground: Colour = .token(.text), background: Colour = .token(.bg), attributes: Attributes = []) {
        self.foreground = foreground
        self.background = background
        self.attributes = attributes
    }

    /// All of it in one word: what tables of styles are asked by.
    var packed: UInt64 { foreground.packed | background.packed << 26 | UInt64(attributes.rawValue) << 52 }
}

/// What a writer wants of a cell: without a background it keeps the surface it is written on.
package struct Paint: Hashable, Sendable {
    package var foreground: Colour
    package var background: Colour?
    package var attributes: Attributes

    package init(_ foreground: Token = .text, on background: Token? = nil, _ attributes: Attributes = []) {
        self.foreground = .token(foreground)
        self.background = background.map { .token($0) }
        self.attributes = attributes
    }

    package init(foreground: Colour, background: Colour? = nil, attributes: Attributes = []) {
        self.foreground = foreground
        self.background = background
        self.attributes = attributes
    }

    package init(_ style: Style) {
        self.init(foreground: style.foreground, background: style.background, attributes: style.attributes)
    }

    package static let text = Paint(.text)
    package static let muted = Paint(.muted)
    package static let faint = Paint(.faint)
    package static let accent = Paint(.accent)
    package static let title = Paint(.text, .bold)

    /// `Paint(.accent, .bold)`: the surface stays.
    package init(_ foreground: Token, _ attributes: Attributes) {
        self.init(foreground, on: nil, attributes)
    }

    /// All of it in one word; no colour has the bits that stand for no background.
    var packed: UInt64 { foreground.packed | (background?.packed ?? 0x3FF_FFFF) << 26 | UInt64(attributes.rawValue) << 52 }

    package func style(over surface: Style) -> Style {
        Style(foreground: foreground, background: background ?? surface.background, attributes: attributes)
    }
}

/// A piece of text and how it is painted; a line is a list of them.
package struct Span: Hashable, Sendable {
    package var text: String
    package var paint: Paint
    /// Where it leads; nil: nowhere.
    package var link: String?

    package init(_ text: String, _ paint: Paint = .text) {
        self.text = text
        self.paint = paint
    }

    package init(_ text: String, _ paint: Paint, link: String?) {
        self.init(text, paint)
        self.link = link
    }

    package init(_ text: String, _ foreground: Token, _ attributes: Attributes = []) {
        self.init(text, Paint(foreground, attributes))
    }

    /// Cells it takes.
    package var width: Int { displayWidth(text) }
}

extension [Span] {
    /// Cells all of them take.
    package var width: Int { reduce(0) { $0 + $1.width } }
}
