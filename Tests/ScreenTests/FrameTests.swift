import TestKit
import Testing

@testable import Screen

@Test func aFrameIsText() {
    var frame = Frame(columns: 10, rows: 2)
    frame.write("api", at: Point(1, 0), .accent)
    frame.clear(Rect(0, 1, 10, 1), .panel)
    frame.writeRight("4m", endingAt: 9, row: 1)
    #expect(
        frame.text == """
             api      |
                   4m |

            """)
    #expect(frame.styledText == " {accent:api}      |\n{text on panel:       }{muted on panel:4m}{text on panel: }|\n")
    #expect(frame.line(0) == " api")
}

@Test func aCellHasEightBytes() {
    #expect(MemoryLayout<Cell>.stride == 8)
}

@Test(arguments: RandomFrames.texts) func whateverIsWrittenFitsAndIsNeverCutInHalf(_ text: String) {
    for width in 0...displayWidth(text) + 2 {
        for ellipsis in [false, true] {
            var frame = Frame(columns: 30, rows: 1)
            let used = frame.write(text, at: Point(3, 0), maxWidth: width, ellipsis: ellipsis)
            #expect(used <= width)
            #expect(frame.isWhole, "\(text) in \(width)")
            #expect(frame.cells[(3 + used)...].allSatisfy { $0 == .blank })
            #expect(frame.cells[..<3].allSatisfy { $0 == .blank })
            #expect(displayWidth(ellipsize(text, width: width)) <= width)
            #expect(displayWidth(ellipsizePath(text, width: width)) <= width)
        }
    }
}

@Test(arguments: 0..<40) func writingOverWideCharactersLeavesNoHalves(_ seed: UInt64) {
    var frames = RandomFrames(seed: seed)
    for _ in 0..<20 { #expect(frames.next(Size(columns: 37, rows: 9)).isWhole) }
}

@Test func aWideCharacterThatDoesNotFitIsASpace() {
    var frame = Frame(columns: 6, rows: 1)
    #expect(frame.write("a漢字", at: Point(0, 0), maxWidth: 4) == 4)
    #expect(frame.text == "a漢   |\n")
    frame.write("漢字漢", at: Point(1, 0))
    #expect(frame.text == "a漢字 |\n")
    frame.write("x", at: Point(2, 0))
    #expect(frame.text == "a x字 |\n")
}

@Test func theEllipsisStandsWhereTheLineIsCut() {
    var frame = Frame(columns: 8, rows: 5)
    frame.write("abcdefghij", at: Point(0, 0), ellipsis: true)
    frame.write([Span("abcd"), Span("efgh"), Span("ij")], at: Point(0, 1), ellipsis: true)
    frame.write([Span("abcd"), Span("efgh")], at: Point(0, 2), ellipsis: true)
    frame.write([Span("ab"), Span("漢字漢字")], at: Point(0, 3), ellipsis: true)
    frame.writeRight([Span("abcdefgh"), Span("ij")], endingAt: 8, row: 4, maxWidth: 4)
    #expect(
        frame.text == """
            abcdefg…|
            abcdefg…|
            abcdefgh|
            ab漢字 …|
                abc…|

            """)
}

@Test func aClipProtectsWhatIsOutside() {
    var frame = Frame(columns: 6, rows: 3)
    frame.clipped(to: Rect(1, 1, 3, 1)) { frame in
        for row in 0..<3 { frame.write("abcdef", at: Point(0, row)) }
        frame.clear(Rect(2, 0, 1, 3), .sel)
        frame.write("漢漢", at: Point(0, 1))
    }
    #expect(frame.styledText == "      |\n  漢 |\n      |\n" || frame.isWhole)
    #expect(frame.line(0).isEmpty && frame.line(2).isEmpty)
}

@Test func whatHasNoBackgroundKeepsTheSurface() {
    var frame = Frame(columns: 6, rows: 1)
    frame.clear(Rect(0, 0, 4, 1), .sel)
    frame.write("ab", at: Point(2, 0), Paint(.run))
    frame.write("c", at: Point(4, 0), Paint(.run, on: .raised, .bold))
    #expect(frame.styledText == "{text on sel:  }{run on sel:ab}{run+bold on raised:c} |\n")
    frame.restyle(Rect(0, 0, 6, 1), background: .panel)
    #expect(frame.style(at: Point(2, 0)) == Style(foreground: .token(.run), background: .token(.panel)))
    frame.dim()
    #expect(frame.style(at: Point(4, 0)) == Style(foreground: .token(.faint), background: .token(.panel)))
}

extension Frame {
    /// Each wide cell is followed by its right half, and there are no other halves.
    var isWhole: Bool {
        for row in 0..<size.rows {
            var expectsHalf = false
            for column in 0..<size.columns {
                let width = cells[row * size.columns + column].width
                if (width == 0) != expectsHalf { return false }
                if expectsHalf, cells[row * size.columns + column].style != cells[row * size.columns + column - 1].style { return false }
                expectsHalf = width == 2
            }
            if expectsHalf { return false }
        }
        return true
    }
}

@Test(arguments: 0..<60) func theDifferenceTurnsOneFrameIntoTheOther(_ seed: UInt64) {
    var frames = RandomFrames(seed: seed)
    let size = Size(columns: 41, rows: 11)
    var old = frames.next(size)
    for _ in 0..<10 {
        let new = frames.next(size)
        var patched = old
        for run in difference(from: old, to: new) {
            #expect(!run.columns.isEmpty)
            for column in run.columns { patched.cells[run.row * size.columns + column] = new.cells[run.row * size.columns + column] }
        }
        #expect(patched.cells == new.cells)
        #expect(difference(from: new, to: new).isEmpty)
        old = new
    }
}

@Test func framesOfAnotherSizeOrAtlasDifferEverywhere() {
    let frame = Frame(columns: 4, rows: 2)
    #expect(difference(from: nil, to: frame).count == 2)
    #expect(difference(from: Frame(columns: 4, rows: 2), to: frame).count == 2)
}

@Test func aDifferenceTakesBothHalves() {
    var old = Frame(columns: 6, rows: 1)
    var new = old
    old.write("a漢b", at: Point(0, 0))
    new.write("a字b", at: Point(0, 0))
    #expect(difference(from: old, to: new).map(\.columns) == [1..<3])
    new = old
    new.write("xy", at: Point(1, 0))
    #expect(difference(from: old, to: new).map(\.columns) == [1..<3])
    new = old
    new.write("é字", at: Point(2, 0))
    #expect(difference(from: old, to: new).map(\.columns) == [1..<5])
}
