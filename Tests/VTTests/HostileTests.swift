import Screen
import Testing
import VT

/// Bytes that nobody means well with: nothing traps, and nothing but cells comes out.
@Suite struct HostileTests {
    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    private static let pieces: [String] = [
        "\u{1B}[", "\u{1B}]", "\u{1B}P", "\u{1B}_", "\u{1B}^", "\u{1B}X", "\u{1B}\\", "\u{7}", "\u{18}", "\u{9B}", "\u{1B}", "?", ">", "=", ";", ":", "$", " ",
        "0",
        "1", "9", "99999", "18446744073709551615", "m", "H", "J", "K", "L", "M", "P", "@", "S", "T", "r", "h", "l", "n", "c", "q", "p", "t", "u", "X", "d", "G",
        "1049", "47", "2004", "1000", "1003", "69", "3", "7", "38;5;", "38;2;1;2", "\u{1B}#8", "\u{1B}#6", "\u{1B}#3", "\u{1B}(0", "\u{1B}*B", "\u{E}", "\u{F}",
        "\u{1B}c", "\u{1B}7", "\u{1B}8", "\u{1B}M", "\u{1B}D", "\u{1B}E", "\u{1B}H", "\r", "\n", "\t", "\u{8}", "\u{7F}", "漢", "か", "e\u{301}", "\u{301}", "👩‍👩‍👧",
        "\u{200B}", "\u{200D}", "\u{FE0F}", "\u{202E}", "\u{E0B0}", "\u{10FFFF}", "\u{FFFF}", "\u{AD}", "52;c;aGk=", "8;;http://x", "777;notify;a;b", "x",
        "text ",
    ]

    @Test(arguments: 1...24) func soup(_ seed: Int) {
        var dice = Dice(state: UInt64(seed) &* 77)
        let terminal = VT(Size(columns: 30, rows: 8), history: 100)
        var frame = Frame(columns: 40, rows: 10)
        for _ in 0..<250 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1...40, using: &dice) {
                if Int.random(in: 0..<10, using: &dice) == 0 {
                    bytes.append(UInt8.random(in: 0...255, using: &dice))
                } else {
                    bytes += Array((Self.pieces.randomElement(using: &dice) ?? "").utf8)
                }
            }
            terminal.feed(bytes)
            _ = terminal.takeAnswers()
            if Int.random(in: 0..<8, using: &dice) == 0 {
                terminal.resize(Size(columns: Int.random(in: 0...50, using: &dice), rows: Int.random(in: 0...14, using: &dice)))
            }
            if Int.random(in: 0..<8, using: &dice) == 0 { terminal.scroll(to: Int.random(in: 0...200, using: &dice)) }
            frame.draw(terminal.grid(), in: Rect(3, 1, 33, 8), on: .panel)
            if let wrong = wrong(frame) { Issue.record("seed \(seed): \(wrong)") }
        }
    }

    /// Every cell is a glyph that terminals measure as we do, and the halves of wide ones are together.
    private func wrong(_ frame: Frame) -> String? {
        for row in 0..<frame.size.rows {
            var column = 0
            while column < frame.size.columns {
                guard let cell = frame[Point(column, row)] else { return "no cell" }
                let base = frame.atlas.scalars(of: cell.glyph)[0]
                let isPrivate = (0xE000...0xF8FF).contains(base.value) || base == "\u{FFFD}"
                let isControl = base.value < 0x20 || (0x7F..<0xA0).contains(base.value)
                if isControl || !(isPrivate || displayWidth(String(Character(base))) == Int(cell.width)) { return "U+\(String(base.value, radix: 16))" }
                if cell.width == 2, frame[Point(column + 1, row)]?.width != 0 { return "half a character" }
                if cell.width == 0 { return "a right half alone" }
                column += Int(cell.width)
            }
        }
        return nil
    }

    @Test func aPictureOfAMillionColoursLeavesRoomInTheAtlas() {
        let atlas = Atlas()
        let terminal = VT(Size(columns: 250, rows: 80))
        var value = 0
        for _ in 0..<4 {
            var text = "\u{1B}[H"
            for _ in 0..<80 {
                for _ in 0..<250 {
                    value += 40_503
                    text += "\u{1B}[38;2;\(value & 255);\(value >> 8 & 255);\(value >> 16 & 255);48;2;\(value >> 3 & 255);\(value >> 5 & 255);7mx"
                }
            }
            terminal.feed(text.utf8)
            var frame = Frame(columns: 250, rows: 80, atlas: atlas)
            frame.draw(terminal.grid(), in: frame.bounds, on: .bg)
        }
        // Fewer than the pairs of colours that curses can have.
        #expect(atlas.isCrowded && atlas.styles.count < 16_000)
    }
}
