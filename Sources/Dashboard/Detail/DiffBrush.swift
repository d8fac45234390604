import Domain
import Screen

/// One line of a diff as a line of the screen.
struct DiffBrush {
    let signs: Signs
    /// What is searched for is marked; brighter in the line that was found.
    var needle: Needle?
    var isFound = false

    /// `numberWidth` 0: without line numbers.
    func line(_ line: DiffLine, numberWidth: Int) -> Line {
        switch line.kind {
        case .gap(let count, let heading):
            let words = count > 0 ? " " + counted(count, "line") + " " : " "
            return Line(
                indent: numberWidth + 1,
                [
                    Span(String(repeating: signs.gap, count: 3), .line), Span(words, .faint), Span(String(repeating: signs.gap, count: 3), .line),
                ] + marked([Span(heading.isEmpty ? "" : "  " + heading, .faint)]))
        case .note: return Line(indent: numberWidth + 1, marked([Span(line.text, .faint)]))
        case .context, .added, .deleted: return Line(numbered(line, numberWidth), background: background(line))
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
    func numbered(_ line: DiffLine, _ numberWidth: Int) -> [Span] {
        let digits = String(line.number)
        let number = numberWidth > 0 ? String(repeating: " ", count: max(0, numberWidth - digits.utf8.count)) + digits + " " : ""
        switch line.kind {
        case .added: return [Span(number, .faint), Span("+ ", .add, .bold)] + words(line, plain: .text, changed: Paint(.text, on: .word))
        case .deleted: return [Span(number, .faint), Span("- ", .dele, .bold)] + words(line, plain: .muted, changed: Paint(.text, on: .wordd))
        case .context, .gap, .note: return [Span(number, .faint), Span("  ", .text)] + words(line, plain: .text, changed: .text)
        }
    }

    /// The text with what changed in it on a stronger background.
    private func words(_ line: DiffLine, plain: Token, changed: Paint) -> [Span] {
        let text = line.text
        var spans: [Span] = []
        var at = 0
        func piece(_ upTo: Int, _ paint: Paint) {
            guard upTo > at else { return }
            let lower = text.utf8.index(text.startIndex, offsetBy: at), upper = text.utf8.index(text.startIndex, offsetBy: upTo)
            spans.append(Span(String(text[lower..<upper]), paint))
            at = upTo
        }
        for range in line.changed where range.upperBound <= text.utf8.count {
            piece(range.lowerBound, Paint(plain))
            piece(range.upperBound, changed)
        }
        piece(text.utf8.count, Paint(plain))
        return marked(expandingTabs(spans, stop: 4))
    }

    private func marked(_ spans: [Span]) -> [Span] { needle.map { spans.marking($0, isFound: isFound) } ?? spans }
}
