/// A value in a theme file: `"#rrggbb"`, `"none"`, the name of a definition or of another key, an ANSI number, or one for each mode.
package indirect enum ThemeValue: Hashable, Sendable {
    case text(String)
    case number(Int)
    case modes(dark: ThemeValue, light: ThemeValue)
}

extension Theme {
    /// A theme in OpenCode's format: `values` is the file's `theme` object, `definitions` its `defs`.
    ///
    /// Tokens OpenCode's themes lack are derived by mixing; a file may give them (and any other token) in a `drover` object, handed over
    /// here as `drover.sel`, `drover.faint`, ….
    package init(name: String, values: [String: ThemeValue], definitions: [String: ThemeValue] = [:], dark: Bool) {
        let file = ThemeFile(values: values, definitions: definitions, dark: dark)
        // A file that has colours for both follows the terminal; one that has not says by its background what it is.
        let dark = file.colour("background")?.isDark ?? dark
        let base: Theme = dark ? .default : .light
        var theme = Theme(name: name, isDark: dark, [:])
        for (token, key) in Self.keys { theme[token] = file.colour(key) ?? base[token] }
        // Steps of weight and state that OpenCode has no word for, as mixtures of two that it has.
        theme[.sel] = mix(theme[.raised], theme[.accent], 18, dark: dark)
        theme[.faint] = mix(theme[.muted], theme[.bg], 42, dark: dark)
        theme[.limit] = mix(theme[.wait], theme[.fail], 50, dark: dark)
        theme[.off] = mix(theme[.muted], theme[.bg], 12, dark: dark)
        theme[.word] = mix(theme[.addbg], theme[.add], 25, dark: dark)
        theme[.wordd] = mix(theme[.delbg], theme[.dele], 25, dark: dark)
        theme[.on] = theme[.bg] == .default ? (dark ? .rgb(0) : .rgb(0xFFFFFF)) : theme[.bg]
        for (token, key, like) in Self.syntax { theme[token] = file.colour(key) ?? theme[like] }
        for token in Token.allCases {
            if let colour = file.colour("drover." + token.rawValue) { theme[token] = colour }
        }
        self = theme
    }

    /// Which key of OpenCode's format each token is.
    private static let keys: [(Token, String)] = [
        (.bg, "background"), (.panel, "backgroundPanel"), (.raised, "backgroundElement"), (.line, "border"),
        (.text, "text"), (.muted, "textMuted"), (.accent, "primary"),
        (.run, "success"), (.wait, "warning"), (.fail, "error"), (.done, "info"), (.move, "accent"),
        (.add, "diffAdded"), (.addbg, "diffAddedBg"), (.dele, "diffRemoved"), (.delbg, "diffRemovedBg"),
    ]

    /// Kinds of words in code, and what they look like in a theme that does not say.
    private static let syntax: [(token: Token, key: String, like: Token)] = [
        (.comment, "syntaxComment", .off), (.keyword, "syntaxKeyword", .move), (.function, "syntaxFunction", .accent), (.string, "syntaxString", .add),
        (.number, "syntaxNumber", .limit), (.type, "syntaxType", .done), (.operation, "syntaxOperator", .muted),
    ]
}

private struct ThemeFile {
    var values: [String: ThemeValue]
    var definitions: [String: ThemeValue]
    var dark: Bool

    func colour(_ key: String) -> Colour? {
        values[key].flatMap { resolve($0, steps: 8) }
    }

    /// Follows names; eight steps are more than any theme needs and end a circle.
    private func resolve(_ value: ThemeValue, steps: Int) -> Colour? {
        guard steps > 0 else { return nil }
        switch value {
        case .modes(let dark, let light): return resolve(self.dark ? dark : light, steps: steps - 1)
        case .number(let number): return (0...255).contains(number) ? .ansi(UInt8(number)) : nil
        case .text("none"), .text("transparent"): return .default
        case .text(let text):
            if let colour = Colour(hex: text) { return colour }
            return (definitions[text] ?? values[text]).flatMap { resolve($0, steps: steps - 1) }
        }
    }
}

extension Colour {
    /// As a background; nil where the terminal decides.
    package var isDark: Bool? {
        guard case .rgb = self else { return nil }
        let (red, green, blue) = components(dark: true)
        // Rec. 709's weights, in thousandths.
        return red * 213 + green * 715 + blue * 72 < 128_000
    }

    /// `#rrggbb`, `#rgb` or `#rrggbbaa` (without its alpha).
    package init?(hex text: String) {
        guard text.utf8.first == UInt8(ascii: "#") else { return nil }
        let digits = text.utf8.dropFirst()
        guard let value = UInt32(String(text.dropFirst()), radix: 16) else { return nil }
        switch digits.count {
        case 6: self = .rgb(value)
        case 8: self = .rgb(value >> 8)
        case 3: self = .rgb((value >> 8) * 0x11_0000 | (value >> 4 & 15) * 0x1100 | (value & 15) * 0x11)
        default: return nil
        }
    }

    /// Red, green and blue; of the terminal's own colours what most terminals show.
    package func components(dark: Bool) -> (red: Int, green: Int, blue: Int) {
        let value: UInt32 =
            switch self {
            case .rgb(let value): value
            case .ansi(let number): paletteColour(number)
            case .default, .token: dark ? 0x000000 : 0xFFFFFF
            }
        return (Int(value >> 16 & 255), Int(value >> 8 & 255), Int(value & 255))
    }
}

/// `percent` of the way from one colour to the other.
private func mix(_ from: Colour, _ to: Colour, _ percent: Int, dark: Bool) -> Colour {
    let a = from.components(dark: dark)
    let b = to.components(dark: dark)
    func step(_ a: Int, _ b: Int) -> UInt32 { UInt32(a + (b - a) * percent / 100) }
    return .rgb(step(a.red, b.red) << 16 | step(a.green, b.green) << 8 | step(a.blue, b.blue))
}
