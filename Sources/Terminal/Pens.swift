import CTerm
import Screen

/// Turns the styles of an atlas into what curses draws with: colours of the theme in the terminal's depth, pairs, attributes.
struct Pens {
    var theme: Theme
    let depth: ColourDepth
    /// Terminals of eight colours show the bright ones as bold.
    let onlyEight: Bool

    /// Real colours by number, and the numbers; 0 is the default.
    private(set) var colours: [Colour] = [.default]
    private var numbers: [Colour: Int] = [.default: 0]
    /// How each style of the atlas is drawn, by its number.
    private(set) var looks: ContiguousArray<Rendition> = []
    private var pairs: [Pair: Int] = [Pair(foreground: 0, background: 0): 0]
    private var knownStyles = 0
    private var knownGraphemes = 0

    private struct Pair: Hashable {
        var foreground: Int
        var background: Int
    }

    init(theme: Theme, depth: ColourDepth, onlyEight: Bool) {
        self.theme = theme
        self.depth = depth
        self.onlyEight = onlyEight
    }

    /// Starts over: another atlas or theme.
    mutating func forget() {
        knownStyles = 0
        knownGraphemes = 0
        looks = []
    }

    /// Tells curses about what came into the atlas since the last time. False when there are no more pairs: everything must be forgotten and drawn again.
    mutating func learn(_ atlas: Atlas) -> Bool {
        while knownStyles < atlas.styles.count {
            let style = real(atlas.styles[knownStyles])
            guard let own = pair(style.foreground, style.background), let blank = pair(.default, style.background) else { return false }
            guard cterm_style(UInt16(knownStyles), UInt32(style.attributes.rawValue), Int32(own), Int32(blank)) else { return false }
            looks.append(Rendition(foreground: number(style.foreground), background: number(style.background), attributes: style.attributes))
            knownStyles += 1
        }
        while knownGraphemes < atlas.graphemes.count {
            let scalars = atlas.graphemes[knownGraphemes].map(\.value)
            guard cterm_grapheme(UInt32(knownGraphemes), scalars, scalars.count) else { return false }
            knownGraphemes += 1
        }
        return true
    }

    /// All pairs are free again.
    mutating func dropPairs() {
        pairs = [Pair(foreground: 0, background: 0): 0]
        colours = [.default]
        numbers = [.default: 0]
        forget()
    }

    private mutating func pair(_ foreground: Colour, _ background: Colour) -> Int? {
        let wanted = Pair(foreground: number(foreground), background: number(background))
        if let known = pairs[wanted] { return known }
        let next = pairs.count
        guard next < Int(cterm_pair_limit()) else { return nil }
        pairs[wanted] = next
        cterm_pair(Int32(next), Int32(wanted.foreground), Int32(wanted.background))
        return next
    }

    private mutating func number(_ colour: Colour) -> Int {
        if let known = numbers[colour] { return known }
        let next = colours.count
        colours.append(colour)
        numbers[colour] = next
        return next
    }

    /// The style in the theme's colours, as far as the terminal has them.
    private func real(_ style: Style) -> Style {
        let style = theme.resolve(style, depth: depth)
        return onlyEight ? style.inEightColours : style
    }
}
