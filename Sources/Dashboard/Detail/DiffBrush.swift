import Domain
import Screen

/// One line of a diff as a line of the screen.
struct DiffBrush {
    let signs: Signs
    /// What is searched for is marked; brighter in the line that was found.
    var needle: Needle?
    var isFound = false
    /// Cells of the code that lie to the left of the window.
    var left = 0

    /// `numberWidth` 0: without line numbers.
    func line(_ line: DiffLine, numberWidth: Int, _ runs: [SyntaxRun] = []) -> Line {
        switch line.kind {
        case .gap(let count, let heading):
            let words = count > 0 ? " " + counted(count, "line") + " " : " "
            return Line(
                indent: numberWidth + 1,
                [
                    Span(String(repeating: signs.gap, count: 3), .line), Span(words, .faint), Span(String(repeating: signs.gap, count: 3), .line),
                ] + marked([Span(heading.isEmpty ? "" : "  " + heading, .faint)]))
        case .note: return Line(indent: numberWidth + 1, marked([Span(line.text, .faint)]))
        case .context, .added, .deleted: return Line(numbered(line, numberWidth, runs), background: background(line))
        }
    }

    func background(_ line: DiffLine) -> Token? {
        switch line.kind {
        case .added: .addbg
        case .deleted: .delbg
        case .context, .gap, .note: nil
        }
    }

    /// Number, sign and words of a line.
    func numbered(_ line: DiffLine, _ numberWidth: Int, _ runs: [SyntaxRun] = []) -> [Span] {
        let digits = String(line.number)
        let number = numberWidth > 0 ? String(repeating: " ", count: max(0, numberWidth - digits.utf8.count)) + digits + " " : ""
        switch line.kind {
        case .added: return [Span(number, .faint), Span("+ ", .add, .bold)] + words(line, runs, plain: .text, changed: .word)
        case .deleted: return [Span(number, .faint), Span("- ", .dele, .bold)] + words(line, runs, plain: .muted, changed: .wordd)
        case .context, .gap, .note: return [Span(number, .faint), Span("  ", .text)] + words(line, runs, plain: .text, changed: .bg)
        }
    }

    /// The text in the colours of its kinds of words, with what changed in it on a stronger background.
    private func words(_ line: DiffLine, _ runs: [SyntaxRun], plain: Token, changed surface: Token) -> [Span] {
        let text = line.text, count = text.utf8.count
        var spans: [Span] = []
        var at = 0, run = 0, change = 0
        while at < count {
            while run < runs.count, Int(runs[run].end) <= at { run += 1 }
            while change < line.changed.count, line.changed[change].upperBound <= at { change += 1 }
            var end = count
            var paint = Paint(plain)
            if run < runs.count {
                let isInside = Int(runs[run].start) <= at
                if isInside { paint.foreground = .token(runs[run].token) }
                end = min(end, Int(isInside ? runs[run].end : runs[run].start))
            }
            if change < line.changed.count {
                let isInside = line.changed[change].lowerBound <= at
                if isInside { paint = changed(paint, on: surface) }
                end = min(end, isInside ? line.changed[change].upperBound : line.changed[change].lowerBound)
            }
            let lower = text.utf8.index(text.startIndex, offsetBy: at), upper = text.utf8.index(text.startIndex, offsetBy: end)
            spans.append(Span(String(text[lower..<upper]), paint))
            at = end
        }
        return marked(expandingTabs(spans, stop: 4)).dropping(cells: left)
    }

    /// What is quiet elsewhere would be hard to read there.
    private func changed(_ paint: Paint, on surface: Token) -> Paint {
        switch paint.foreground {
        case .token(.keyword), .token(.function), .token(.string), .token(.number), .token(.type):
            Paint(foreground: paint.foreground, background: .token(surface))
        default: Paint(.text, on: surface)
        }
    }

    private func marked(_ spans: [Span]) -> [Span] { needle.map { spans.marking($0, isFound: isFound) } ?? spans }
}
