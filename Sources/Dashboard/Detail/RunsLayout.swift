import Markdown
import Screen

/// Runs of text as lines of at most `width` cells, each piece in its paint.
struct RunsLayout {
    private(set) var text = ""
    private var pieces: [(end: Int, paint: Paint, link: String?)] = []

    init(_ runs: [Run], base: Paint = .text, code: Paint) {
        for run in runs { add(run.text, Self.paint(run.marks, base, code), run.link) }
    }

    init(_ spans: [Span]) {
        for span in spans { add(span.text, span.paint, span.link) }
    }

    private mutating func add(_ piece: String, _ paint: Paint, _ link: String?) {
        guard !piece.isEmpty else { return }
        text += piece
        if let last = pieces.last, last.paint == paint, last.link == link {
            pieces[pieces.count - 1].end = text.utf8.count
        } else {
            pieces.append((text.utf8.count, paint, link))
        }
    }

    private static func paint(_ marks: Run.Marks, _ base: Paint, _ code: Paint) -> Paint {
        if marks.isEmpty { return base }
        if marks.contains(.target) { return .faint }
        var paint = marks.contains(.code) ? code : base
        if marks.contains(.link) {
            if !marks.contains(.code) { paint.foreground = .token(.accent) }
            paint.attributes.insert(.underline)
        }
        if marks.contains(.strong) { paint.attributes.insert(.bold) }
        if marks.contains(.emphasis) { paint.attributes.insert(.italic) }
        if marks.contains(.strike) { paint.attributes.insert(.strike) }
        return paint
    }

    /// Cells of its longest line, and of its longest word.
    var widths: (line: Int, word: Int) {
        var line = 0, word = 0
        for part in text.utf8.split(separator: 0x0A) {
            line = max(line, displayWidth(String(Substring(part))))
            for piece in part.split(separator: 0x20) { word = max(word, displayWidth(String(Substring(piece)))) }
        }
        return (line, word)
    }

    func lines(width: Int) -> [[Span]] {
        var piece = 0
        return wrap(text, width: max(1, width)).map { part in
            let start = text.utf8.distance(from: text.startIndex, to: part.startIndex)
            let end = start + part.utf8.count
            var spans: [Span] = []
            var from = start
            while piece < pieces.count, pieces[piece].end <= from { piece += 1 }
            var index = piece
            while from < end, index < pieces.count {
                let to = min(pieces[index].end, end)
                let lower = text.utf8.index(text.startIndex, offsetBy: from), upper = text.utf8.index(text.startIndex, offsetBy: to)
                spans.append(Span(String(text[lower..<upper]), pieces[index].paint, link: pieces[index].link))
                (from, index) = (to, index + 1)
            }
            return spans
        }
    }
}
