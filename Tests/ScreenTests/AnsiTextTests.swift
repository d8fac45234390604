import Screen
import Testing

/// What programs print for terminals, made safe.
@Suite struct AnsiTextTests {
    private func lines(_ text: String) -> [[Span]] { AnsiText(text).lines.map(\.spans) }

    @Test func coloursBecomePaints() {
        #expect(
            lines("a\u{1B}[1;31mb\u{1B}[0mc\u{1B}[38;5;208md\u{1B}[38;2;1;2;3me\u{1B}[39mf") == [
                [
                    Span("a"), Span("b", .fail, .bold), Span("c"), Span("d", Paint(foreground: .ansi(208))), Span("e", Paint(foreground: .rgb(0x010203))),
                    Span("f"),
                ]
            ])
        #expect(lines("\u{1B}[30;42m PASS \u{1B}[m") == [[Span(" PASS ", Paint(.on, on: .run))]])
        #expect(
            lines("\u{1B}[4:3mwave\u{1B}[4:0mno\u{1B}[38:2::9:8:7mx") == [
                [Span("wave", .text, .underline), Span("no"), Span("x", Paint(foreground: .rgb(0x090807)))]
            ])
    }

    @Test func otherSequencesAreDropped() {
        #expect(lines("\u{1B}]0;title\u{7}a\u{1B}[2Jb\u{1B}(Bc\u{1B}Pdcs\u{1B}\\d\u{1B}[?25le\u{9B}31mf\u{1B}7g") == [[Span("abcde"), Span("fg", .fail)]])
        // What never ends swallows its line and no more.
        #expect(lines("\u{1B}]0;open\nnext") == [[], [Span("next")]])
        #expect(lines("\u{1B}[31") == [[]])
        #expect(lines("a\u{1B}") == [[Span("a")]])
    }

    @Test func aProgressBarIsItsLastState() {
        #expect(lines("10%\r55%\r100%\n\rnext\r\nthird\r") == [[Span("100%")], [Span("next")], [Span("third")]])
        #expect(lines("working\r\u{1B}[Kdone") == [[Span("done")]])
        #expect(lines("ab\u{8}c") == [[Span("ac")]])
    }

    @Test func everySplitGivesTheSame() {
        let text = "a\u{1B}[1;31mb é漢\r\u{1B}[Kc\u{1B}]8;;http://x\u{1B}\\link\u{1B}]8;;\u{7}\n\u{9B}32m👩‍👩\u{1B}[0m\u{A9}\u{1B}[48;2;9;9;9m \u{1B}[Z"
        let bytes = Array(text.utf8), whole = lines(text)
        for cut in 0...bytes.count {
            var reader = AnsiText()
            reader.feed(bytes[..<cut])
            _ = reader.lines
            reader.feed(bytes[cut...])
            #expect(reader.lines.map(\.spans) == whole)
        }
    }

    @Test(arguments: 0..<30) func anyBytesAreSafe(_ seed: Int) {
        var random = Chance(seed)
        let signs = Array("\u{1B}[]31;m\r\n\u{8}P\\\u{7}K?é漢\u{9B}\u{9D} ab:".unicodeScalars)
        var text = ""
        for _ in 0..<4000 { text.unicodeScalars.append(signs[Int(random.next() % UInt64(signs.count))]) }
        let whole = AnsiText(text).lines
        #expect(whole.allSatisfy { !$0.text.utf8.contains(0x1B) })
        var reader = AnsiText()
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = min(rest.count, Int(random.next() % 9) + 1)
            reader.feed(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        #expect(reader.lines == whole)
    }

    private struct Chance {
        var state: UInt64
        init(_ seed: Int) { state = UInt64(seed) &+ 99 }
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
    }
}
