import Domain
import Screen

/// The output of a tool below its line, in the colours that the program gave it.
struct OutputBrush {
    let width: Int
    let signs: Signs

    /// The last lines, under a corner. What has no colour of its own is painted with `token`.
    func lines(_ text: String, last: Int, _ token: Token) -> [Line] {
        var parts: [[Span]] = []
        for line in tail(text, last) {
            let spans = expandingTabs(line, stop: 8).map { Span($0.text, $0.paint.foreground == .token(.text) ? Self.quiet($0.paint, token) : $0.paint) }
            parts += spans.isEmpty ? [[]] : RunsLayout(spans).lines(width: max(8, width - 5))
        }
        // Long lines wrap: of what failed, the end is what counts.
        if parts.count > last { parts.removeFirst(parts.count - last) }
        return parts.enumerated().map { Line(indent: 3, [Span($0.offset == 0 ? signs.corner + " " : "  ", .line)] + $0.element) }
    }

    private static func quiet(_ paint: Paint, _ token: Token) -> Paint {
        // Bold words matter: they stay.
        paint.attributes.contains(.bold) ? paint : Paint(foreground: .token(token), background: paint.background, attributes: paint.attributes)
    }

    private func tail(_ text: String, _ count: Int) -> [[Span]] {
        guard text.utf8.contains(where: { $0 == 0x1B || $0 == 0x0D || $0 == 0x08 || $0 == 0xC2 }) else {
            return lastLines(text, count).map { $0.isEmpty ? [] : [Span(String($0), .text)] }
        }
        var lines = AnsiText(text).lines
        while let last = lines.last, last.spans.allSatisfy({ $0.text.utf8.allSatisfy { $0 == 0x20 } }) { lines.removeLast() }
        return lines.suffix(count).map(\.spans)
    }

    /// From the end: an output may be long.
    private func lastLines(_ text: String, _ count: Int) -> [Substring] {
        var rest = text[...]
        while let last = rest.utf8.last, last <= 0x20 { rest = rest[..<rest.utf8.index(before: rest.endIndex)] }
        var lines: [Substring] = []
        while lines.count < count, !rest.isEmpty {
            guard let end = rest.utf8.lastIndex(of: 10) else {
                lines.append(rest)
                break
            }
            lines.append(rest[rest.utf8.index(after: end)...])
            rest = rest[..<end]
        }
        return lines.reversed()
    }
}

/// Tabs as spaces; where they stop follows from all that stands before them in the line.
func expandingTabs(_ spans: [Span], stop: Int) -> [Span] {
    guard spans.contains(where: { $0.text.utf8.contains(9) }) else { return spans }
    var column = 0
    return spans.map { span in
        var text = ""
        for (index, part) in span.text.split(separator: "\t", omittingEmptySubsequences: false).enumerated() {
            if index > 0 {
                let spaces = stop - column % stop
                text += String(repeating: " ", count: spaces)
                column += spaces
            }
            text += part
            column += displayWidth(String(part))
        }
        return Span(text, span.paint)
    }
}

extension ToolUse {
    /// It failed, or the command that it ran did.
    var wentWrong: Bool { state == .failed || (state == .completed && name == "bash" && result.hasPrefix("exit ") && result != "exit 0") }
}
