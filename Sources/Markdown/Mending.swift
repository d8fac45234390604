/// A text that still grows, as it will most probably be read in a moment: marks that were begun are closed, a line of marks alone waits for its words,
/// and the first line of a table is one. So nothing jumps while an answer streams.
package func mendedEnd(of text: String) -> String {
    var lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
    guard let last = lines.last else { return text }
    // Inside of a fence nothing is a mark.
    if isInFence(lines) { return text.utf8.last == 0x60 ? String(Substring(text.utf8.dropLast(last.count))) : text }
    if !last.isEmpty, last.allSatisfy({ isMark($0) }), !isTableLine(last) {
        lines.removeLast()
        lines.append("".utf8[...])
    }
    if let table = mendedTable(lines) { return table }
    let start = lines.lastIndex { $0.allSatisfy { $0 == 0x20 } }.map { $0 + 1 } ?? 0
    var result = lines.map { String(Substring($0)) }.joined(separator: "\n")
    if start < lines.count { result += closers(of: lines[start...]) }
    return result
}

private typealias Bytes = Substring.UTF8View

/// Signs that mean nothing before something follows them: fences, rules, bullets, headings, setext lines.
private func isMark(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x20, 0x23, 0x2A, 0x2B, 0x2D, 0x3D, 0x3E, 0x5F, 0x60, 0x7E: true
    default: false
    }
}

private func isInFence(_ lines: [Substring.UTF8View]) -> Bool {
    var sign: UInt8?
    for line in lines.dropLast() {
        let body = line.drop { $0 == 0x20 }
        guard let first = body.first, first == 0x60 || first == 0x7E, body.prefix(3).count == 3, body.prefix(3).allSatisfy({ $0 == first }) else { continue }
        if sign == nil { sign = first } else if sign == first { sign = nil }
    }
    return sign != nil
}

private func isTableLine(_ line: Substring.UTF8View) -> Bool { line.first == 0x7C }

/// A heading of a table whose rule is not there yet or not whole.
private func mendedTable(_ lines: [Substring.UTF8View]) -> String? {
    var lines = lines
    guard let last = lines.last, isTableLine(last) || last.isEmpty else { return nil }
    let isRule = { (line: Substring.UTF8View) in line.allSatisfy { $0 == 0x7C || $0 == 0x2D || $0 == 0x3A || $0 == 0x20 } }
    if last.isEmpty {
        lines.removeLast()
    } else if lines.count >= 2, isRule(last), isTableLine(lines[lines.count - 2]) {
        // The rule is on its way; a whole one is left alone.
        lines.removeLast()
    }
    guard let head = lines.last, isTableLine(head), head.count > 1, !isRule(head) else { return nil }
    // Only the first line of a table: further ones have their rule above them.
    if lines.count >= 2, isTableLine(lines[lines.count - 2]) { return nil }
    var columns = 0
    var before: UInt8 = 0
    for byte in head.dropFirst() {
        if byte == 0x7C, before != 0x5C { columns += 1 }
        before = byte
    }
    if head.last != 0x7C { columns += 1 }
    return lines.map { String(Substring($0)) }.joined(separator: "\n") + "\n|" + String(repeating: "---|", count: min(columns, 64))
}

/// What closes the code and the strong words that are open at the end of a paragraph.
private func closers(of lines: ArraySlice<Substring.UTF8View>) -> String {
    var isCode = false, isStrong = false
    var stars = 0
    var last: UInt8 = 0x20
    for line in lines {
        for byte in line {
            if byte == 0x2A, !isCode {
                stars += 1
                if stars == 2 { isStrong.toggle() }
            } else {
                stars = 0
            }
            if byte == 0x60 { isCode.toggle() }
            last = byte
        }
        stars = 0
    }
    if isCode { return last == 0x60 ? "" : "`" + (isStrong ? "**" : "") }
    // Behind a space or right behind themselves stars close nothing.
    return isStrong && last != 0x20 && last != 0x2A ? "**" : ""
}
