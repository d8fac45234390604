import Screen

/// What agents write, wrapped and lightly painted: headings, lists, `code`, **bold** and fenced code; everything else stays as it is.
func markup(_ text: String, width: Int) -> [[Span]] {
    var lines: [[Span]] = []
    var isFenced = false
    for bytes in text.utf8.split(separator: 10, omittingEmptySubsequences: false) {
        let paragraph = Substring(bytes)
        if paragraph.utf8.drop(while: { $0 == 0x20 }).starts(with: "```".utf8) {
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
    var rest = paragraph.utf8.last == 13 ? Substring(paragraph.utf8.dropLast()) : paragraph
    let indent = rest.utf8.prefix { $0 == 0x20 }.count
    let body = rest[rest.utf8.index(rest.startIndex, offsetBy: indent)...]
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
    let bytes = text.utf8
    var plain = bytes.startIndex
    var index = bytes.startIndex
    while index < bytes.endIndex {
        let byte = bytes[index]
        guard byte == backtick || byte == star else {
            index = bytes.index(after: index)
            continue
        }
        let length = byte == backtick ? 1 : 2
        guard let inner = after(length, of: byte, in: bytes, at: index), let end = find(length, of: byte, in: bytes, from: inner), end > inner else {
            index = bytes.index(after: index)
            continue
        }
        result.add(text[plain..<index], .text)
        result.add(text[inner..<end], byte == backtick ? .accent : Paint(.text, .bold))
        index = bytes.index(end, offsetBy: length)
        plain = index
    }
    result.add(text[plain...], .text)
}

private let backtick = UInt8(ascii: "`")
private let star = UInt8(ascii: "*")

/// Behind `length` of the same sign; nil if they do not stand there.
private func after(_ length: Int, of sign: UInt8, in bytes: Substring.UTF8View, at index: Substring.Index) -> Substring.Index? {
    var index = index
    for _ in 0..<length {
        guard index < bytes.endIndex, bytes[index] == sign else { return nil }
        index = bytes.index(after: index)
    }
    return index
}

private func find(_ length: Int, of sign: UInt8, in bytes: Substring.UTF8View, from start: Substring.Index) -> Substring.Index? {
    var index = start
    while index < bytes.endIndex {
        if bytes[index] == sign, after(length, of: sign, in: bytes, at: index) != nil { return index }
        index = bytes.index(after: index)
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
