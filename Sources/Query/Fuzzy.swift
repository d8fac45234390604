/// Where a typed text is found, letter by letter, inside a longer one, and how well.
package struct FuzzyMatch: Equatable, Sendable {
    /// Higher is better; only to be compared with matches of the same pattern.
    package var score: Int
    /// Unicode scalars of the text that were matched, ascending.
    package var positions: [Int]

    package init(score: Int, positions: [Int]) {
        self.score = score
        self.positions = positions
    }

    /// The text cut where matching begins and ends, for highlighting.
    package func pieces(of text: String) -> [(text: String, matched: Bool)] {
        var pieces: [(text: String, matched: Bool)] = []
        var next = positions[...]
        for (index, scalar) in text.unicodeScalars.enumerated() {
            let matched = next.first == index
            if matched { next.removeFirst() }
            if let last = pieces.last, last.matched == matched {
                pieces[pieces.count - 1].text.unicodeScalars.append(scalar)
            } else {
                pieces.append((String(scalar), matched))
            }
        }
        return pieces
    }
}

/// All words of `pattern` (separated by spaces) in `text`, in any order, the letters of each in theirs. Nil when one is missing; an empty pattern matches everything.
/// Beginnings of words and letters in a row count most, early and short texts a little.
package func fuzzyMatch(_ pattern: String, in text: String) -> FuzzyMatch? {
    // Most texts do not match: that is found out without making anything.
    for word in pattern.utf8.split(separator: 0x20) where !mayContain(text, word) { return nil }
    let letters = text.unicodeScalars.map(folded)
    let starts = wordStarts(Array(text.unicodeScalars))
    var total = FuzzyMatch(score: 0, positions: [])
    for word in pattern.unicodeScalars.split(separator: " ") {
        guard let match = best(word.map(folded), letters, starts) else { return nil }
        total.score += match.score
        total.positions += match.positions
    }
    total.positions = Array(Set(total.positions)).sorted()
    total.score -= letters.count / 8
    return total
}

private func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    if scalar.value < 0x80 { return scalar.value >= 0x41 && scalar.value <= 0x5A ? Unicode.Scalar(UInt8(scalar.value | 0x20)) : scalar }
    let lower = scalar.properties.lowercaseMapping.unicodeScalars
    return lower.count == 1 ? lower[lower.startIndex] : scalar
}

/// False only if the letters of an ASCII word are not all there in their order.
private func mayContain(_ text: String, _ word: Substring.UTF8View) -> Bool {
    func lower(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
    var wanted = word.makeIterator()
    guard var next = wanted.next() else { return true }
    for byte in text.utf8 {
        if next >= 0x80 { return true }
        guard lower(byte) == lower(next) else { continue }
        guard let following = wanted.next() else { return true }
        next = following
    }
    return next >= 0x80
}

private func wordStarts(_ scalars: [Unicode.Scalar]) -> [Bool] {
    var before: Unicode.Scalar?
    return scalars.map { scalar in
        defer { before = scalar }
        guard let last = before else { return true }
        return isWordLetter(scalar) && (!isWordLetter(last) || (isCapital(scalar) && !isCapital(last)))
    }
}

private func isWordLetter(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return (scalar.value | 0x20) >= 0x61 && (scalar.value | 0x20) <= 0x7A || scalar.value >= 0x30 && scalar.value <= 0x39 }
    return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
}

private func isCapital(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII ? scalar.value >= 0x41 && scalar.value <= 0x5A : scalar.properties.isUppercase
}

/// The best way to find `pattern` in `text`: for each letter and position the best score that ends there (Smith–Waterman without mismatches).
private func best(_ pattern: [Unicode.Scalar], _ text: [Unicode.Scalar], _ starts: [Bool]) -> FuzzyMatch? {
    let rows = pattern.count, columns = text.count
    guard rows > 0, rows <= columns else { return nil }
    let none = Int.min / 2
    var scores = [Int](repeating: none, count: rows * columns)
    var origins = [Int](repeating: -1, count: rows * columns)
    for row in 0..<rows {
        var bestBefore = none, bestColumn = -1
        for column in 0..<columns {
            if row > 0, column > 0, scores[(row - 1) * columns + column - 1] - 2 > bestBefore {
                bestBefore = scores[(row - 1) * columns + column - 1] - 2
                bestColumn = column - 1
            }
            guard text[column] == pattern[row] else { continue }
            let value = starts[column] ? 12 : 2
            if row == 0 {
                scores[column] = value + (column == 0 ? 4 : 0) - min(column, 20) / 5
                continue
            }
            let joined = column > 0 ? scores[(row - 1) * columns + column - 1] : none
            let (from, origin) = joined + 8 >= bestBefore ? (joined + 8, column - 1) : (bestBefore, bestColumn)
            guard from > none / 2 else { continue }
            scores[row * columns + column] = from + value
            origins[row * columns + column] = origin
        }
    }
    let last = scores[(rows - 1) * columns..<rows * columns]
    guard var column = last.indices.max(by: { last[$0] < last[$1] }).map({ $0 - (rows - 1) * columns }), last[(rows - 1) * columns + column] > none / 2 else {
        return nil
    }
    let score = last[(rows - 1) * columns + column]
    var positions = [column]
    for row in stride(from: rows - 1, to: 0, by: -1) {
        column = origins[row * columns + column]
        positions.append(column)
    }
    return FuzzyMatch(score: score, positions: positions.reversed())
}
