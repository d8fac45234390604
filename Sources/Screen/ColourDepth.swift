/// How many colours a terminal shows.
package enum ColourDepth: String, CaseIterable, Comparable, Sendable {
    /// Attributes only: old terminals, and everybody who set NO_COLOR.
    case mono
    /// The terminal's own sixteen.
    case ansi16
    /// xterm's palette of 256.
    case indexed256
    case direct

    package static func < (a: ColourDepth, b: ColourDepth) -> Bool { a.rank < b.rank }
    private var rank: Int {
        switch self {
        case .mono: 0
        case .ansi16: 1
        case .indexed256: 2
        case .direct: 3
        }
    }
}

extension Theme {
    /// A style as a terminal of that depth can show it: no tokens, only colours it has.
    package func resolve(_ style: Style, depth: ColourDepth) -> Style {
        switch depth {
        case .direct:
            Style(foreground: colour(style.foreground), background: colour(style.background), attributes: style.attributes)
        case .indexed256:
            Style(foreground: indexed(style.foreground), background: indexed(style.background), attributes: style.attributes)
        case .ansi16: sixteen(style)
        case .mono: mono(style)
        }
    }

    /// The nearest of the palette; dark tints, which the palette does not have, do not become grey where their hue is what they say.
    private func indexed(_ wanted: Colour) -> Colour {
        let nearest = nearest256(colour(wanted))
        guard case .token(let token) = wanted, case .ansi(232...255) = nearest else { return nearest }
        switch token {
        case .addbg: return .ansi(isDark ? 22 : 194)
        case .word: return .ansi(isDark ? 28 : 157)
        case .delbg: return .ansi(isDark ? 52 : 224)
        case .wordd: return .ansi(isDark ? 88 : 217)
        default: return nearest
        }
    }

    /// Shades vanish; the selected row and changed words are shown in reverse.
    private func sixteen(_ style: Style) -> Style {
        var attributes = style.attributes
        var foreground = Colour.default
        var background = Colour.default
        switch style.foreground {
        case .token(let token): foreground = token.sixteen
        case .default: break
        case .rgb, .ansi: foreground = nearest16(style.foreground)
        }
        switch style.background {
        case .token(.sel), .token(.word), .token(.wordd):
            attributes.insert(.reverse)
            // Greys would be hard to read on the reversed row.
            if foreground == .ansi(8) { foreground = .default }
            // In reverse a word would become a block in the colour of its kind, and not of what was added or deleted.
            if case .token(let token) = style.foreground, token.isSyntax { foreground = .default }
        case .token(let token) where token.isSurface: break
        case .token(let token):
            background = token.sixteen
            if style.foreground == .token(.on) { foreground = .ansi(0) }
        case .default: break
        case .rgb, .ansi: background = nearest16(style.background)
        }
        return Style(foreground: foreground, background: background, attributes: attributes)
    }

    /// Weight carries what colour did: selection and bright backgrounds reverse, furniture is dim.
    private func mono(_ style: Style) -> Style {
        var attributes = style.attributes
        if style.foreground == .token(.faint) || style.foreground == .token(.line) { attributes.insert(.dim) }
        switch style.background {
        case .token(let token) where token.isSurface, .token(let token) where token == .addbg || token == .delbg: break
        case .token: attributes.insert(.reverse)
        case .default, .rgb, .ansi: break
        }
        if attributes.contains(.reverse) { attributes.remove(.dim) }
        return Style(foreground: .default, background: .default, attributes: attributes)
    }
}

extension Style {
    /// A resolved style for a terminal that has only the first eight: the bright ones are bold, dark grey is dim.
    package var inEightColours: Style {
        var style = self
        if case .ansi(let bright) = style.foreground, bright >= 8 {
            style.foreground = bright == 8 ? .default : .ansi(bright & 7)
            style.attributes.insert(bright == 8 ? .dim : .bold)
        }
        if case .ansi(let bright) = style.background, bright >= 8 { style.background = bright == 8 ? .default : .ansi(bright & 7) }
        return style
    }
}

extension Token {
    /// A shade of the background, which sixteen colours do not have.
    fileprivate var isSurface: Bool {
        switch self {
        case .bg, .panel, .raised: true
        default: false
        }
    }

    /// A kind of words in code.
    fileprivate var isSyntax: Bool {
        switch self {
        case .comment, .keyword, .function, .string, .number, .type, .operation: true
        default: false
        }
    }

    /// Chosen by hand: the plain eight, because the bright ones are hard to read on light backgrounds.
    fileprivate var sixteen: Colour {
        switch self {
        case .bg, .panel, .raised, .addbg, .delbg, .sel, .text, .muted: .default
        case .operation: .default
        case .line, .faint, .off, .comment: .ansi(8)
        case .accent, .function: .ansi(4)
        case .run, .add, .word: .ansi(2)
        // Strings are not green: that is what was added.
        case .wait, .limit, .string: .ansi(3)
        case .fail, .dele, .wordd: .ansi(1)
        case .done, .number, .type: .ansi(6)
        case .move, .keyword: .ansi(5)
        case .on: .ansi(0)
        }
    }
}
