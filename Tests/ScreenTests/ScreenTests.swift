import Testing

@testable import Screen

@Test func aFrameIsText() {
    var frame = Frame(columns: 10, rows: 2)
    frame.write("api", at: Point(1, 0), .accent)
    frame.clear(Rect(0, 1, 10, 1), .panel)
    frame.writeRight("4m", endingAt: 9, row: 1)
    #expect(frame.text == " api      |\n       4m |\n")
    #expect(frame.styledText == " {accent:api}      |\n{text on panel:       }{muted on panel:4m}{text on panel: }|\n")
}

@Test func nothingIsCutInHalf() {
    var frame = Frame(columns: 5, rows: 1)
    #expect(frame.write("a漢字b", at: Point(0, 0), maxWidth: 4) == 4)
    #expect(frame.text == "a漢  |\n" || frame.text == "a漢 |\n")
}

@Test func wrappingBreaksAtSpaces() {
    #expect(wrap("the quick brown fox", width: 10).map(String.init) == ["the quick", "brown fox"])
    #expect(wrap("  indented unbreakablelongword x", width: 12).map(String.init) == ["  indented", "unbreakablel", "ongword x"])
    #expect(wrap("", width: 4).map(String.init) == [""])
    #expect(wrap("a\n\nb", width: 4).map(String.init) == ["a", "", "b"])
}

@Test func keysHaveANotation() {
    #expect(Key.parse("jj<enter>") == [.char("j"), .char("j"), .enter])
    for text in ["<c-k>", "<a-x>", "<f5>", "<s-tab>", "<space>", "<esc>", "j", "<lt>", "<c-a-s-up>"] {
        #expect(Key(text).map(String.init) == text)
    }
}
