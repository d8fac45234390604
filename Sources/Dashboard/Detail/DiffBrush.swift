import Screen

/// One line of a diff as a line of the screen.
struct DiffBrush {
    let signs: Signs

    /// `numberWidth` 0: without line numbers.
    func line(_ line: DiffLine, numberWidth: Int) -> Line {
        let text = expandTabs(line.text)
        let number = numberWidth > 0 ? String(repeating: " ", count: max(0, numberWidth - String(line.number).utf8.count)) + String(line.number) + " " : ""
        switch line.kind {
        case .gap(let count, let heading):
            let words = count > 0 ? " " + counted(count, "line") + " " : " "
            return Line(
                indent: numberWidth + 1,
                [
                    Span(String(repeating: signs.gap, count: 3), .line), Span(words, .faint), Span(String(repeating: signs.gap, count: 3), .line),
                    Span(heading.isEmpty ? "" : "  " + heading, .faint),
                ])
        case .note: return Line(indent: numberWidth + 1, [Span(text, .faint)])
        case .context: return Line([Span(number, .faint), Span("  ", .text), Span(text, .text)])
        case .added:
            return Line(
                [Span(number, .faint), Span("+ ", .add, .bold)] + words(line, text, plain: .text, changed: Paint(.text, on: .word)), background: .addbg)
        case .deleted:
            return Line(
                [Span(number, .faint), Span("- ", .dele, .bold)] + words(line, text, plain: .muted, changed: Paint(.text, on: .wordd)), background: .delbg)
        }
    }

    /// The text with what changed in it on a stronger background.
    private func words(_ line: DiffLine, _ text: String, plain: Token, changed: Paint) -> [Span] {
        // Tabs were expanded: the bytes are no longer those of the range.
        guard !line.changed.isEmpty, text == line.text, line.changed.upperBound <= text.utf8.count else { return [Span(text, plain)] }
        let lower = text.utf8.index(text.startIndex, offsetBy: line.changed.lowerBound),
            upper = text.utf8.index(text.startIndex, offsetBy: line.changed.upperBound)
        return [Span(String(text[..<lower]), plain), Span(String(text[lower..<upper]), changed), Span(String(text[upper...]), plain)].filter {
            !$0.text.isEmpty
        }
    }
}
