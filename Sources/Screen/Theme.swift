/// A colour for every token.
package struct Theme: Equatable, Sendable {
    package var name: String
    /// Whether it is meant for a dark background.
    package var isDark: Bool
    private var colours: [Colour]

    /// Tokens that are not named take the terminal's own default.
    package init(name: String, isDark: Bool, _ colours: [Token: Colour]) {
        self.name = name
        self.isDark = isDark
        self.colours = Token.allCases.map { colours[$0] ?? .default }
    }

    package subscript(_ token: Token) -> Colour {
        get { colours[token.index] }
        set { colours[token.index] = newValue }
    }

    /// A colour without tokens.
    package func colour(_ colour: Colour) -> Colour {
        if case .token(let token) = colour { self[token] } else { colour }
    }
}

extension Token {
    /// Its place in `allCases`.
    var index: Int {
        switch self {
        case .bg: 0
        case .panel: 1
        case .raised: 2
        case .sel: 3
        case .line: 4
        case .text: 5
        case .muted: 6
        case .faint: 7
        case .accent: 8
        case .run: 9
        case .wait: 10
        case .fail: 11
        case .done: 12
        case .move: 13
        case .limit: 14
        case .off: 15
        case .add: 16
        case .addbg: 17
        case .dele: 18
        case .delbg: 19
        case .word: 20
        case .wordd: 21
        case .on: 22
        case .comment: 23
        case .keyword: 24
        case .function: 25
        case .string: 26
        case .number: 27
        case .type: 28
        case .operation: 29
        }
    }
}

extension Theme {
    package static let `default` = Theme(
        name: "default", isDark: true,
        [
            .bg: .rgb(0x101319), .panel: .rgb(0x151A23), .raised: .rgb(0x1D2431), .sel: .rgb(0x22304A), .line: .rgb(0x2B3445),
            .text: .rgb(0xD8DEEA), .muted: .rgb(0x8A94A8), .faint: .rgb(0x566177), .accent: .rgb(0x74A8FC),
            .run: .rgb(0x63D297), .wait: .rgb(0xF3C04F), .fail: .rgb(0xF27A80), .done: .rgb(0x6CC6D6), .move: .rgb(0xB794F6),
            .limit: .rgb(0xF0994D), .off: .rgb(0x7B8598),
            .add: .rgb(0x8FE3B0), .addbg: .rgb(0x15291F), .dele: .rgb(0xFF9AA2), .delbg: .rgb(0x33191E), .word: .rgb(0x1F4A35),
            .wordd: .rgb(0x5C2530), .on: .rgb(0x101319),
            .comment: .rgb(0x7B8598), .keyword: .rgb(0xB794F6), .function: .rgb(0x74A8FC), .string: .rgb(0x8FE3B0), .number: .rgb(0xF0994D),
            .type: .rgb(0x6CC6D6), .operation: .rgb(0x8A94A8),
        ])

    package static let light = Theme(
        name: "light", isDark: false,
        [
            .bg: .rgb(0xFBFBF9), .panel: .rgb(0xF3F3EF), .raised: .rgb(0xE9EBEE), .sel: .rgb(0xDBE7FB), .line: .rgb(0xD3D5D2),
            .text: .rgb(0x22262E), .muted: .rgb(0x636B79), .faint: .rgb(0x9AA1AD), .accent: .rgb(0x1D5FD1),
            .run: .rgb(0x1A7F4B), .wait: .rgb(0x9A6300), .fail: .rgb(0xC0303A), .done: .rgb(0x0F7285), .move: .rgb(0x7440C4),
            .limit: .rgb(0xB35309), .off: .rgb(0x7A8290),
            .add: .rgb(0x0F6B3C), .addbg: .rgb(0xE2F5E9), .dele: .rgb(0xA3232D), .delbg: .rgb(0xFBE6E7), .word: .rgb(0xB9E6CA),
            .wordd: .rgb(0xF5C3C7), .on: .rgb(0xFFFFFF),
            .comment: .rgb(0x7A8290), .keyword: .rgb(0x7440C4), .function: .rgb(0x1D5FD1), .string: .rgb(0x0F6B3C), .number: .rgb(0xB35309),
            .type: .rgb(0x0F7285), .operation: .rgb(0x636B79),
        ])
}
