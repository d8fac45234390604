import Foundation
import Testing

@testable import Screen

private let themes = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../themes")

/// A theme file as Config hands it over.
private func load(_ name: String, dark: Bool) throws -> Theme {
    let data = try Data(contentsOf: themes.appendingPathComponent(name + ".json"))
    let file = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    func value(_ any: Any) -> ThemeValue {
        if let modes = any as? [String: Any] { return .modes(dark: value(modes["dark"] ?? ""), light: value(modes["light"] ?? "")) }
        if let text = any as? String { return .text(text) }
        return .number(any as? Int ?? -1)
    }
    var values = (file["theme"] as? [String: Any] ?? [:]).mapValues(value)
    for (key, any) in file["drover"] as? [String: Any] ?? [:] { values["drover." + key] = value(any) }
    return Theme(name: name, values: values, definitions: (file["defs"] as? [String: Any] ?? [:]).mapValues(value), dark: dark)
}

@Test func theFilesAreTheBuiltInThemes() throws {
    #expect(try load("default", dark: true) == .default)
    #expect(try load("light", dark: false) == .light)
}

@Test func theBuiltInThemesAreTheLooks() {
    #expect(Token.allCases.count == 30)
    for token in Token.allCases { #expect(Token.allCases[token.index] == token) }
    #expect(Theme.default[.bg] == .rgb(0x101319) && Theme.default[.on] == .rgb(0x101319) && Theme.default[.wordd] == .rgb(0x5C2530))
    #expect(Theme.light[.sel] == .rgb(0xDBE7FB) && Theme.light[.on] == .rgb(0xFFFFFF))
}

@Test func anOpenCodeThemeIsMapped() {
    let values: [String: ThemeValue] = [
        "primary": .modes(dark: .text("peach"), light: .text("#3b7dd8")), "text": .text("#eee"), "textMuted": .number(245), "background": .text("none"),
        "backgroundElement": .text("step"), "error": .text("text"), "accent": .text("loop"), "loop": .text("loop"),
    ]
    let definitions: [String: ThemeValue] = ["peach": .text("#fab283"), "step": .text("#1e1e1e")]
    let theme = Theme(name: "x", values: values, definitions: definitions, dark: true)
    #expect(theme[.accent] == .rgb(0xFAB283))
    #expect(theme[.text] == .rgb(0xEEEEEE))
    #expect(theme[.muted] == .ansi(245))
    #expect(theme[.bg] == .default)
    #expect(theme[.raised] == .rgb(0x1E1E1E))
    #expect(theme[.fail] == .rgb(0xEEEEEE))
    #expect(theme[.on] == .rgb(0))
    #expect(theme[.move] == Theme.default[.move])  // a circle
    #expect(theme[.sel] != theme[.raised] && theme[.faint] != theme[.muted])
    #expect(Theme(name: "x", values: values, definitions: definitions, dark: false)[.accent] == .rgb(0x3B7DD8))
}

@Test func degradation() {
    func look(_ foreground: Token, _ background: Token, _ depth: ColourDepth) -> String {
        Theme.default.resolve(Style(foreground: .token(foreground), background: .token(background)), depth: depth).mark
    }
    let pairs: [(Token, Token)] = [
        (.text, .bg), (.muted, .panel), (.faint, .raised), (.text, .sel), (.accent, .sel), (.faint, .sel), (.wait, .bg), (.on, .move), (.add, .addbg),
        (.text, .word),
    ]
    #expect(
        pairs.map { look($0, $1, .indexed256) } == [
            "ansi253 on ansi233", "ansi103 on ansi234", "ansi60 on ansi235", "ansi253 on ansi236", "ansi111 on ansi236", "ansi60 on ansi236",
            "ansi215 on ansi233",
            "ansi233 on ansi141", "ansi115 on ansi22", "ansi253 on ansi28",
        ])
    #expect(
        pairs.map { look($0, $1, .ansi16) } == [
            "default on default", "default on default", "ansi8 on default", "default+reverse on default", "ansi4+reverse on default",
            "default+reverse on default",
            "ansi3 on default", "ansi0 on ansi5", "ansi2 on default", "default+reverse on default",
        ])
    #expect(
        pairs.map { look($0, $1, .mono) } == [
            "default on default", "default on default", "default+dim on default", "default+reverse on default", "default+reverse on default",
            "default+reverse on default",
            "default on default", "default+reverse on default", "default on default", "default+reverse on default",
        ])
    // Surfaces stay apart in 256 colours.
    for theme in [Theme.default, .light] {
        let surfaces = [Token.bg, .panel, .raised, .sel].map { theme.resolve(Style(background: .token($0)), depth: .indexed256).background }
        #expect(Set(surfaces).count >= 3, "\(theme.name) \(surfaces)")
    }
}

/// Text can be read on every surface of every theme that is shipped (WCAG's contrast; body text 7, what is secondary 4.5, hints 2.2).
@Test(arguments: ((try? FileManager.default.contentsOfDirectory(atPath: themes.path)) ?? []).filter { $0.hasSuffix(".json") }.sorted())
func everyThemeCanBeRead(_ file: String) throws {
    let theme = try load(String(file.dropLast(5)), dark: true)
    func luminance(_ token: Token) -> Double {
        let (red, green, blue) = theme[token].components(dark: theme.isDark)
        func linear(_ part: Int) -> Double {
            let value = Double(part) / 255
            return value <= 0.03928 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }
    func contrast(_ one: Token, _ other: Token) -> Double {
        let (first, second) = (luminance(one), luminance(other))
        return (max(first, second) + 0.05) / (min(first, second) + 0.05)
    }
    #expect(theme.isDark == (luminance(.bg) < 0.2))
    for surface in [Token.bg, .panel, .raised] {
        #expect(contrast(.text, surface) >= 7, "text on \(surface)")
        #expect(contrast(.faint, surface) >= 1.9, "faint on \(surface)")
        for token in [Token.muted, .accent, .run, .wait, .fail, .done, .move, .limit] { #expect(contrast(token, surface) >= 3.5, "\(token) on \(surface)") }
    }
    for (token, surface) in [(Token.text, Token.sel), (.add, .addbg), (.dele, .delbg), (.on, .accent), (.on, .wait)] {
        #expect(contrast(token, surface) >= 4, "\(token) on \(surface)")
    }
    // Code, on what was added and deleted and on the words that changed there; quiet kinds do not stand on those.
    for token in [Token.comment, .keyword, .function, .string, .number, .type, .operation] {
        for surface in [Token.bg, .panel, .addbg, .delbg] { #expect(contrast(token, surface) >= 3.2, "\(token) on \(surface)") }
    }
    for token in [Token.keyword, .function, .string, .number, .type] {
        for surface in [Token.word, .wordd] { #expect(contrast(token, surface) >= 2.7, "\(token) on \(surface)") }
    }
}
