import Screen
import Testing

@Suite struct SVGTests {
    @Test func wordsStandInTheirCellsAndNothingIsMarkup() {
        var frame = Frame(Size(columns: 12, rows: 2), atlas: Atlas())
        frame.write("a <b> &c", at: Point(1, 0), Paint(.accent, .bold))
        frame.write("漢 x", at: Point(0, 1), Paint(.on, on: .wait))
        let svg = frame.svg(.default)
        #expect(svg.contains("width=\"100.8\" height=\"36\""))
        #expect(svg.contains("x=\"8.4\" y=\"14\" fill=\"#74a8fc\"") && svg.contains(">&lt;b&gt;</text>") && svg.contains(">&amp;c</text>"))
        // The wide one takes two cells, so the next word begins in the fourth.
        #expect(svg.contains("textLength=\"16.8\"") && svg.contains("x=\"25.2\" y=\"32\""))
        #expect(svg.contains("<rect x=\"0\" y=\"18\" width=\"33.6\" height=\"18\" fill=\"#f3c04f\"/>"))
        #expect(svg.filter { $0 == "<" }.count == svg.filter { $0 == ">" }.count)
    }
}
