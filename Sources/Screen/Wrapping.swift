/// Wraps text to lines of at most `width` cells: at spaces where it can, inside a word only if the word alone is too long. `\n` ends a line.
/// Spaces at a wrap vanish, indentation stays. The lines are parts of the text; written by `Frame.write` each fits.
package func wrap(_ text: String, width: Int) -> [Substring] {
    guard width > 0 else { return [] }
    var lines: [Substring] = []
    // By bytes: CR LF is one Character.
    for paragraph in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
        wrapParagraph(Substring(paragraph.last == 0x0D ? paragraph.dropLast() : paragraph), width: width, into: &lines)
    }
    return lines
}

/// How many lines `wrap` makes.
package func wrappedLineCount(_ text: String, width: Int) -> Int { wrap(text, width: width).count }

private func wrapParagraph(_ paragraph: Substring, width: Int, into lines: inout [Substring]) {
    var breaker = LineBreaker(width: width)
    forEachGlyph(in: String(paragraph)) { glyph in
        breaker.take(glyph)
        return true
    }
    let utf8 = paragraph.utf8
    for range in breaker.finish(utf8.count) {
        lines.append(paragraph[utf8.index(utf8.startIndex, offsetBy: range.lowerBound)..<utf8.index(utf8.startIndex, offsetBy: range.upperBound)])
    }
}

/// Greedy line breaking over glyphs; offsets are UTF-8.
private struct LineBreaker {
    let width: Int
    private var ranges: [Range<Int>] = []
    private var lineStart = 0
    private var lineWidth = 0
    /// The last place to break: the line ends before the spaces, the next one starts behind them.
    private var breakEnd = 0, breakNext = 0, breakWidth = 0
    private var inIndentation = true
    private var lastWasSpace = false
    private var offset = 0
    /// The start of the grapheme that is being read and the width before it.
    private var graphemeStart = 0, graphemeWidth = 0

    init(width: Int) { self.width = width }

    mutating func take(_ glyph: Glyph) {
        let start = offset
        offset = glyph.end
        if glyph.base == " " {
            if !inIndentation {
                if !lastWasSpace { breakEnd = start }
                breakNext = offset
                breakWidth = lineWidth + 1
            }
            lastWasSpace = true
            lineWidth += 1
            return
        }
        inIndentation = false
        lastWasSpace = false
        if !glyph.continues { (graphemeStart, graphemeWidth) = (start, lineWidth) }
        lineWidth += glyph.width
        if lineWidth > width { breakLine(before: start) }
    }

    private mutating func breakLine(before start: Int) {
        if breakNext > lineStart, breakEnd > lineStart {
            close(at: breakEnd, next: breakNext, width: breakWidth)
            if lineWidth <= width { return }
        }
        if graphemeStart > lineStart {
            close(at: graphemeStart, next: graphemeStart, width: graphemeWidth)
            if lineWidth <= width { return }
        }
        // A grapheme of several glyphs that is wider than the line: cut inside it, or it would never end.
        if start > lineStart { close(at: start, next: start, width: lineWidth - min(lineWidth, 2)) }
    }

    private mutating func close(at end: Int, next: Int, width: Int) {
        ranges.append(lineStart..<end)
        lineStart = next
        lineWidth -= width
        graphemeWidth = max(0, graphemeWidth - width)
        breakNext = lineStart
        breakEnd = lineStart
    }

    mutating func finish(_ count: Int) -> [Range<Int>] {
        guard lastWasSpace, lineWidth > width else { return ranges + [lineStart..<count] }
        // Spaces over the edge vanish; a line of nothing else is an empty one.
        return ranges + [lineStart..<(inIndentation ? lineStart : max(lineStart, breakEnd))]
    }
}
