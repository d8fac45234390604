package import Screen

/// A small generator with a seed (SplitMix64): tests and the programs they start draw the same.
package struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    package init(_ seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Frames with everything a frame may hold, each a mutation of the one before or new.
package struct RandomFrames {
    private var random: SeededRandom
    private var last: Frame?
    private let atlas = Atlas()

    package init(seed: UInt64) { random = SeededRandom(seed) }

    package mutating func next(_ size: Size) -> Frame {
        var frame: Frame
        if let last, last.size == size, Int.random(in: 0..<4, using: &random) > 0 {
            frame = last
        } else {
            frame = Frame(size, atlas: atlas)
        }
        for _ in 0..<Int.random(in: 1...12, using: &random) { change(&frame) }
        frame.cursor = Bool.random(using: &random) ? Cursor(point(size), shape: [.block, .bar, .underline].randomElement(using: &random) ?? .bar) : nil
        frame.title = Bool.random(using: &random) ? "drover \(Int.random(in: 0..<10, using: &random))" : nil
        frame.mouse = Int.random(in: 0..<5, using: &random) > 0
        last = frame
        return frame
    }

    private mutating func point(_ size: Size) -> Point {
        Point(Int.random(in: 0..<size.columns, using: &random), Int.random(in: 0..<size.rows, using: &random))
    }

    private mutating func paint() -> Paint {
        let attributes = Attributes(rawValue: Int.random(in: 0..<3, using: &random) == 0 ? UInt8.random(in: 0..<64, using: &random) : 0)
        let token = Token.allCases.randomElement(using: &random) ?? .text
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            return Paint(
                foreground: .rgb(UInt32.random(in: 0...0xFF_FFFF, using: &random)), background: .ansi(.random(in: 0...255, using: &random)),
                attributes: attributes)
        case 1: return Paint(foreground: .default, background: .default, attributes: attributes)
        case 2: return Paint(token, on: Token.allCases.randomElement(using: &random), attributes)
        default: return Paint(token, attributes)
        }
    }

    private mutating func change(_ frame: inout Frame) {
        let at = point(frame.size)
        let rect = Rect(at.column, at.row, Int.random(in: 1...40, using: &random), Int.random(in: 1...6, using: &random))
        switch Int.random(in: 0..<7, using: &random) {
        case 6:
            let text = Self.texts.randomElement(using: &random) ?? ""
            frame.write([Span(text, paint(), link: Self.links.randomElement(using: &random))], at: at, maxWidth: 40)
        case 0: frame.clear(rect, Token.allCases.randomElement(using: &random) ?? .bg)
        case 1: frame.restyle(rect, background: Token.allCases.randomElement(using: &random) ?? .sel)
        case 2: frame.rule(rect)
        default:
            let text = Self.texts.randomElement(using: &random) ?? ""
            frame.write(text, at: at, paint(), maxWidth: Int.random(in: 0...40, using: &random), ellipsis: Bool.random(using: &random))
        }
    }

    package static let links = [
        "https://example.org/a", "https://example.org/b?c=d;e", "mailto:a@example.org", "file:///etc/passwd", "https://ä.example/ö", "",
    ]

    package static let texts = [
        "npm install passport", "Add OAuth login", "● running: npm test", "漢字かな交じり文", "한국어 텍스트", "naïve café", "e\u{301}a\u{308}o\u{302}", "👩‍👩‍👧 family 👍🏽 ok",
        "🇩🇪🇫🇷 flags", "tab\there", "\u{1B}[31mred\u{1B}[0m", "bidi \u{202E}evil\u{202C}", "❤️ ⚠️ ✔️", "━━━━━━──── 62%", "            ", "a    b    c", "x", "▌", "💩",
        "ไทยแลนด์", "हिन्दी",
        "\u{0007}\u{0008}\u{007F}\u{009B}31m", "עברית", "العربية", "\u{FFFF}\u{E000}", "fullwidth ＡＢＣ", "…",
    ]
}
