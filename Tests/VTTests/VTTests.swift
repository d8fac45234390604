import Screen
import Testing
import VT

private func make(_ text: String, _ columns: Int = 24, _ rows: Int = 6) -> VT {
    let terminal = VT(Size(columns: columns, rows: rows))
    terminal.feed(text.utf8)
    return terminal
}

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct VTTests {
    private func cell(_ grid: Grid, _ column: Int, _ row: Int) -> GridCell { grid.cells[row * grid.size.columns + column] }

    @Test func coloursAndAttributes() {
        let grid = make("a\u{1B}[31mb\u{1B}[94;45mc\u{1B}[38;5;208md\u{1B}[48;2;1;2;3me\u{1B}[0;1mf\u{1B}[0;3mg\u{1B}[0;4mh\u{1B}[0;7mi\u{1B}[0;9mj\u{1B}[mk")
            .grid()
        #expect(grid.lines[0] == "abcdefghijk")
        #expect(cell(grid, 0, 0).foreground == .default && cell(grid, 0, 0).background == .default)
        #expect(cell(grid, 1, 0).foreground == .ansi(1))
        #expect(cell(grid, 2, 0).foreground == .ansi(12) && cell(grid, 2, 0).background == .ansi(5))
        #expect(cell(grid, 3, 0).foreground == .ansi(208))
        #expect(cell(grid, 4, 0).background == .rgb(0x010203))
        let attributes: [Attributes] = [.bold, .italic, .underline, .reverse, .strike, []]
        for (index, wanted) in attributes.enumerated() { #expect(cell(grid, 5 + index, 0).attributes == wanted) }
    }

    @Test func wideCharactersTakeTwoCells() {
        let grid = make("漢e\u{301}x").grid()
        #expect(cell(grid, 0, 0).width == 2 && cell(grid, 1, 0).width == 0)
        #expect(cell(grid, 2, 0).scalars == ["e", "\u{301}"] && cell(grid, 3, 0).scalars == ["x"])
    }

    @Test func theCursorIsWhereTheProgramPutIt() {
        #expect(make("ab").grid().cursor == Cursor(Point(2, 0), shape: .block))
        #expect(make("\u{1B}[3;5H\u{1B}[6 q").grid().cursor == Cursor(Point(4, 2), shape: .bar))
        #expect(make("\u{1B}[?25l").grid().cursor == nil)
    }

    @Test func whatLeavesTheTopCanBeSeenAgain() {
        let terminal = make((1...30).map { "line \($0)\r\n" }.joined() + "$")
        #expect(terminal.grid().lines == ["line 26", "line 27", "line 28", "line 29", "line 30", "$"])
        #expect(terminal.above == 25)
        terminal.scroll(to: 3)
        #expect(terminal.grid().lines == ["line 23", "line 24", "line 25", "line 26", "line 27", "line 28"])
        #expect(terminal.grid().cursor == nil)
        // New lines do not move what is looked at.
        terminal.feed(bytes("\r\nmore\r\nand more"))
        #expect(terminal.scrolled == 5 && terminal.grid().lines[0] == "line 23")
        terminal.scroll(to: 1_000_000)
        #expect(terminal.grid().lines[0] == "line 1")
        // A key goes back to where it is typed.
        #expect(terminal.press(.char("x")) == bytes("x") && terminal.scrolled == 0)
    }

    @Test func historyHasItsEnd() {
        let terminal = VT(Size(columns: 20, rows: 4), history: 10)
        for number in 1...100 { terminal.feed(bytes("\(number)\r\n")) }
        #expect(terminal.above == 10)
        terminal.scroll(to: 100)
        #expect(terminal.scrolled == 10 && terminal.grid().lines[0] == "88")
        for number in 101...200 { terminal.feed(bytes("\(number)\r\n")) }
        #expect(terminal.scrolled == 10 && terminal.grid().lines[0] == "188")
    }

    @Test func theAlternateScreenHasNoHistoryAndGivesTheFirstBack() {
        let terminal = make((1...30).map { "line \($0)\r\n" }.joined() + "$ vi")
        terminal.scroll(to: 2)
        terminal.feed(bytes("\u{1B}[?1049h\u{1B}[H~\r\n~"))
        #expect(terminal.isAlternate && terminal.scrolled == 0 && terminal.grid().lines == ["~", "~", "", "", "", ""])
        for _ in 0..<50 { terminal.feed(bytes("x\r\n")) }
        terminal.scroll(to: 5)
        #expect(terminal.scrolled == 0)
        terminal.feed(bytes("\u{1B}[?1049l"))
        #expect(!terminal.isAlternate && terminal.grid().lines.last == "$ vi" && terminal.above == 25)
    }

    @Test func resizingKeepsTheText() {
        let terminal = make((1...10).map { "line \($0)\r\n" }.joined() + "$ ")
        terminal.resize(Size(columns: 30, rows: 3))
        #expect(terminal.grid().lines == ["line 9", "line 10", "$"] && terminal.grid().size == Size(columns: 30, rows: 3))
        terminal.resize(Size(columns: 12, rows: 8))
        #expect(terminal.grid().lines == ["line 4", "line 5", "line 6", "line 7", "line 8", "line 9", "line 10", "$"])
        #expect(terminal.grid().cursor?.position == Point(2, 7))
    }

    @Test func anySizeIsTaken() {
        let terminal = make("漢字\r\n漢字")
        for size in [(0, 0), (1, 1), (2, 1), (3, 3), (-4, 2), (300, 100), (5, 1), (1, 50), (24, 6)] {
            terminal.resize(Size(columns: size.0, rows: size.1))
            terminal.feed(bytes("\u{1B}[H漢字かな\u{1B}#6漢\r\n\u{1B}[5;5H漢\u{1B}[1;1r\u{1B}[9999;9999H漢\u{1B}[9999@\u{1B}[9999L\u{1B}[9999S\u{1B}[9999T"))
            let grid = terminal.grid()
            #expect(grid.size == Size(columns: max(0, size.0), rows: max(0, size.1)))
            #expect(grid.cells.count == grid.size.columns * grid.size.rows)
        }
    }

    @Test func keysAreWhatXtermSends() {
        let terminal = make("")
        let keys: [(String, String)] = [
            ("a", "a"), ("ß", "ß"), ("<c-c>", "\u{3}"), ("<c-j>", "\n"), ("<c-i>", "\t"), ("<c-m>", "\r"), ("<c-space>", "\0"), ("<c-]>", "\u{1D}"),
            ("<a-x>", "\u{1B}x"), ("<a-ß>", "\u{1B}ß"), ("<enter>", "\r"), ("<a-enter>", "\u{1B}\r"), ("<tab>", "\t"), ("<s-tab>", "\u{1B}[Z"),
            ("<esc>", "\u{1B}"), ("<backspace>", "\u{7F}"), ("<up>", "\u{1B}[A"), ("<c-right>", "\u{1B}[1;5C"), ("<home>", "\u{1B}[H"),
            ("<end>", "\u{1B}[F"), ("<pageup>", "\u{1B}[5~"), ("<delete>", "\u{1B}[3~"), ("<f1>", "\u{1B}OP"), ("<f5>", "\u{1B}[15~"),
            ("<s-f5>", "\u{1B}[15;2~"), ("<f12>", "\u{1B}[24~"), ("<f35>", ""),
        ]
        for (key, wanted) in keys { #expect(terminal.press(Key(key) ?? Key(.menu)) == bytes(wanted), "\(key)") }
        terminal.feed(bytes("\u{1B}[?1h"))
        #expect(terminal.press(.up) == bytes("\u{1B}OA") && terminal.press(.home) == bytes("\u{1B}OH"))
    }

    @Test func pastesAreTextAndNothingElse() {
        let terminal = make("")
        let evil = "one\ntwo\tx\u{1B}[201~rm -rf /\u{3}\u{9B}201~\r漢"
        #expect(terminal.paste(evil) == bytes("one\rtwo\tx[201~rm -rf /201~漢"))
        terminal.feed(bytes("\u{1B}[?2004h"))
        #expect(terminal.paste(evil) == bytes("\u{1B}[200~one\rtwo\tx[201~rm -rf /201~漢\u{1B}[201~"))
    }

    @Test func theMouseGoesToWhoWantsIt() {
        let terminal = make("")
        #expect(!terminal.wantsMouse && terminal.point(Mouse(.press, .left, at: Point(3, 2))).isEmpty)
        terminal.feed(bytes("\u{1B}[?1000h\u{1B}[?1006h"))
        #expect(terminal.wantsMouse)
        #expect(terminal.point(Mouse(.press, .left, at: Point(3, 2))) == bytes("\u{1B}[<0;4;3M"))
        #expect(terminal.point(Mouse(.release, .left, at: Point(3, 2))) == bytes("\u{1B}[<0;4;3m"))
        #expect(terminal.point(Mouse(.wheelUp, .none, at: Point(0, 0))) == bytes("\u{1B}[<64;1;1M"))
        #expect(terminal.point(Mouse(.press, .right, at: Point(999, -5))) == bytes("\u{1B}[<2;24;1M"))
    }

    @Test func questionsAreAnswered() {
        #expect(make("ab\u{1B}[6n").takeAnswers() == bytes("\u{1B}[1;3R"))
        #expect(!make("\u{1B}[c").takeAnswers().isEmpty)
    }

    @Test func whoAsksWithoutEndIsNotAnsweredWithoutEnd() {
        let terminal = make("")
        for _ in 0..<100 { terminal.feed(bytes(String(repeating: "\u{1B}[6n", count: 1000))) }
        #expect(terminal.takeAnswers().count <= 65_536)
    }

    @Test func theTitleIsOneLineOfPrintableText() {
        #expect(make("\u{1B}]0;one\u{7}\u{1B}]2;t\u{202E}w\no\u{9B}\u{1B}\\").title == "two")
        #expect(make("\u{1B}]1;icon\u{7}").title == "")
    }
}
