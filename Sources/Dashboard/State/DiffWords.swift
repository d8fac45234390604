/// Lines deleted and lines added behind them, pair by pair: which words did change?
func markWords(_ lines: inout [DiffLine]) {
    forEachChange(lines) { deleted, added in
        for (before, after) in zip(deleted, added) { markWords(&lines, before, after) }
    }
}

/// Calls with the deleted lines and the added ones behind them, for each place where something changed.
func forEachChange(_ lines: [DiffLine], _ body: (_ deleted: Range<Int>, _ added: Range<Int>) -> Void) {
    var index = 0
    while index < lines.count {
        guard lines[index].kind == .deleted || lines[index].kind == .added else { index += 1; continue }
        var middle = index
        while middle < lines.count, lines[middle].kind == .deleted { middle += 1 }
        var end = middle
        while end < lines.count, lines[end].kind == .added { end += 1 }
        body(index..<middle, middle..<end)
        index = end
    }
}

private func markWords(_ lines: inout [DiffLine], _ before: Int, _ after: Int) {
    guard lines[before].text.utf8.count < 2000, lines[after].text.utf8.count < 2000 else { return }
    let old = words(lines[before].text), new = words(lines[after].text)
    let (kept, same) = common(old, new)
    // Lines that share little but their indentation have no changed words: they are other lines.
    let shorter = min(weight(old, Array(repeating: true, count: old.count)), weight(new, Array(repeating: true, count: new.count)))
    guard shorter > 0, weight(old, kept) * 3 >= shorter else { return }
    lines[before].changed = ranges(old, without: kept)
    lines[after].changed = ranges(new, without: same)
}

/// A word, or a sign, or the spaces between them.
private struct Word {
    var bytes: ArraySlice<UInt8>
    var isSpace: Bool { bytes.first == 0x20 || bytes.first == 0x09 }
}

private func words(_ text: String) -> [Word] {
    let bytes = Array(text.utf8)
    var words: [Word] = []
    var start = 0
    while start < bytes.count {
        var end = start + 1
        let kind = wordKind(bytes[start])
        // Signs stand alone; bytes of longer characters count as letters, so that none is cut.
        while end < bytes.count, kind != .sign, wordKind(bytes[end]) == kind { end += 1 }
        words.append(Word(bytes: bytes[start..<end]))
        start = end
    }
    return words
}

private enum WordKind { case letter, space, sign }

private func wordKind(_ byte: UInt8) -> WordKind {
    if byte == 0x20 || byte == 0x09 { return .space }
    let isLetter = byte >= 0x80 || byte == 0x5F || (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A)
    return isLetter ? .letter : .sign
}

/// Bytes of words that are kept, spaces aside.
private func weight(_ words: [Word], _ kept: [Bool]) -> Int { zip(words, kept).reduce(0) { $0 + ($1.1 && !$1.0.isSpace ? $1.0.bytes.count : 0) } }

/// Which words of both are the longest common row of words. Long middles are taken as changed as a whole.
private func common(_ old: [Word], _ new: [Word]) -> ([Bool], [Bool]) {
    var kept = Array(repeating: false, count: old.count), same = Array(repeating: false, count: new.count)
    var start = 0
    while start < min(old.count, new.count), old[start].bytes == new[start].bytes {
        (kept[start], same[start]) = (true, true)
        start += 1
    }
    var end = 0
    while end < min(old.count, new.count) - start, old[old.count - 1 - end].bytes == new[new.count - 1 - end].bytes {
        (kept[old.count - 1 - end], same[new.count - 1 - end]) = (true, true)
        end += 1
    }
    let rows = old.count - start - end, columns = new.count - start - end
    guard rows > 0, columns > 0, rows * columns <= 10_000 else { return (kept, same) }
    var lengths = Array(repeating: 0, count: (rows + 1) * (columns + 1))
    for row in stride(from: rows - 1, through: 0, by: -1) {
        for column in stride(from: columns - 1, through: 0, by: -1) {
            let at = row * (columns + 1) + column
            lengths[at] =
                old[start + row].bytes == new[start + column].bytes ? lengths[at + columns + 2] + 1 : max(lengths[at + columns + 1], lengths[at + 1])
        }
    }
    var row = 0, column = 0
    while row < rows, column < columns {
        let at = row * (columns + 1) + column
        if old[start + row].bytes == new[start + column].bytes {
            (kept[start + row], same[start + column]) = (true, true)
            (row, column) = (row + 1, column + 1)
        } else if lengths[at + columns + 1] >= lengths[at + 1] {
            row += 1
        } else {
            column += 1
        }
    }
    return (kept, same)
}

/// What is not kept; a space between two changed words changed, too.
private func ranges(_ words: [Word], without kept: [Bool]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for (index, word) in words.enumerated() {
        let isBridge = word.isSpace && index > 0 && !kept[index - 1] && index + 1 < words.count && !kept[index + 1]
        guard !kept[index] || isBridge else { continue }
        if let last = ranges.last, last.upperBound == word.bytes.startIndex {
            ranges[ranges.count - 1] = last.lowerBound..<word.bytes.endIndex
        } else {
            ranges.append(word.bytes.startIndex..<word.bytes.endIndex)
        }
    }
    return ranges
}

// MARK: Without spaces

extension DiffDocument {
    /// The same without what differs by spaces alone.
    package func ignoringSpaces() -> DiffDocument {
        var files = files
        for index in files.indices {
            files[index].lines = Self.quiet(files[index].lines)
            files[index].additions = files[index].lines.count { $0.kind == .added }
            files[index].deletions = files[index].lines.count { $0.kind == .deleted }
        }
        return DiffDocument(files: files)
    }

    private static func quiet(_ lines: [DiffLine]) -> [DiffLine] {
        var result: [DiffLine] = []
        var done = 0
        forEachChange(lines) { deleted, added in
            result += lines[done..<deleted.lowerBound]
            done = added.upperBound
            var from = deleted.lowerBound
            for index in added {
                // In order: a line that matches takes all before it with it.
                let bare = bare(lines[index].text)
                let reach = min(deleted.upperBound, from + 200)
                if let match = (from..<max(from, reach)).first(where: { Self.bare(lines[$0].text) == bare }) {
                    result += lines[from..<match]
                    result.append(DiffLine(kind: .context, number: lines[index].number, text: lines[index].text, oldNumber: lines[match].number))
                    from = match + 1
                } else {
                    result.append(lines[index])
                }
            }
            result += lines[from..<deleted.upperBound]
        }
        return ordered(result + lines[done...])
    }

    /// Deleted lines stand before added ones, as in any diff.
    private static func ordered(_ lines: [DiffLine]) -> [DiffLine] {
        var result: [DiffLine] = [], added: [DiffLine] = []
        for line in lines {
            switch line.kind {
            case .added: added.append(line)
            case .deleted: result.append(line)
            case .context, .gap, .note:
                result += added
                added = []
                result.append(line)
            }
        }
        return result + added
    }

    private static func bare(_ text: String) -> [UInt8] { text.utf8.filter { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D } }
}
