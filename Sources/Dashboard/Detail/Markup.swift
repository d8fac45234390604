import Screen

/// What agents write, wrapped and lightly painted: headings, lists, `code`, **bold** and fenced code; everything else stays as it is.
func markup(_ text: String, width: Int) -> [[Span]] {
    var lines: [[Span]] = []
    var isFenced = false
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
        if paragraph.drop(while: { $0 == " " }).hasPrefix("```") {
            isFenced.toggle()
            continue
        }
        if isFenced {
            lines.append([Span("  ", .muted), Span(ellipsize(expandTabs(String(paragraph)), width: max(2, width - 2)), .done)])
        } else {
            lines += wrapped(painted(paragraph), width: width)
        }
    }
    return lines
}

/// A paragraph without its marks: the text and which bytes of it are painted how.
private struct Painted {
    var text = ""
    var runs: [(end: Int, paint: Paint)] = []
    var hanging = 0

    mutating func add(_ piece: some StringProtocol, _ paint: Paint) {
        guard !piece.isEmpty else { return }
        text += piece
        if let last = runs.last, last.paint == paint { runs[runs.count - 1].end = text.utf8.count } else { runs.append((text.utf8.count, paint)) }
    }
}

private func painted(_ paragraph: Substring) -> Painted {
    var result = Painted()
    var rest = paragraph.last == "\r" ? paragraph.dropLast() : paragraph
    let indent = rest.prefix { $0 == " " }.count
    let body = rest.dropFirst(indent)
    if body.hasPrefix("#") {
        let level = body.prefix { $0 == "#" }.count
        if level <= 6, body.dropFirst(level).first == " " {
            result.add(body.dropFirst(level + 1), Paint(.text, .bold))
            return result
        }
    }
    if body.hasPrefix("- ") || body.hasPrefix("* ") {
        result.add(String(repeating: " ", count: indent) + "• ", .muted)
        result.hanging = indent + 2
        rest = body.dropFirst(2)
    }
    inline(rest, &result)
    return result
}

/// `code` and **bold**; a mark that is never closed stands for itself.
private func inline(_ text: Substring, _ result: inout Painted) {
    var rest = text
    while let mark = rest.firstIndex(where: { $0 == "`" || $0 == "*" }) {
        let sign: Substring = rest[mark] == "`" ? "`" : "**"
        let from = rest[mark...]
        guard from.hasPrefix(sign), let end = find(sign, in: from.dropFirst(sign.count)), end != from.dropFirst(sign.count).startIndex else {
            let next = rest.index(after: mark)
            result.add(rest[..<next], .text)
            rest = rest[next...]
            continue
        }
        result.add(rest[..<mark], .text)
        result.add(from.dropFirst(sign.count)[..<end], sign == "`" ? .accent : Paint(.text, .bold))
        rest = rest[end...].dropFirst(sign.count)
    }
    result.add(rest, .text)
}

private func find(_ sign: Substring, in text: Substring) -> Substring.Index? {
    var index = text.startIndex
    while index < text.endIndex {
        if text[index...].hasPrefix(sign) { return index }
        index = text.index(after: index)
    }
    return nil
}

/// The lines of `wrap`, each with the paints of its part of the text.
private func wrapped(_ paragraph: Painted, width: Int) -> [[Span]] {
    let text = paragraph.text
    let hanging = paragraph.hanging < width / 2 ? paragraph.hanging : 0
    var lines: [[Span]] = []
    for (number, part) in wrap(text, width: max(1, width - hanging)).enumerated() {
        let start = text.utf8.distance(from: text.startIndex, to: part.startIndex)
        let end = start + part.utf8.count
        var spans: [Span] = number > 0 && hanging > 0 ? [Span(String(repeating: " ", count: hanging))] : []
        var from = start
        for run in paragraph.runs where run.end > start && from < end {
            let to = min(run.end, end)
            let lower = text.utf8.index(text.startIndex, offsetBy: from), upper = text.utf8.index(text.startIndex, offsetBy: to)
            spans.append(Span(String(text[lower..<upper]), run.paint))
            from = to
        }
        lines.append(spans)
    }
    return lines
}
