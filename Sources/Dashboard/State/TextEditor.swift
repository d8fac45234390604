package import Screen

/// Text that a person types, with a cursor: the composer, dialogs, the filter.
package struct TextEditor: Equatable, Sendable {
    package private(set) var characters: [Character]
    /// Characters before the cursor, 0…count.
    package private(set) var cursor: Int
    /// Line ends are kept; otherwise they become spaces.
    package let isMultiline: Bool
    /// What was cut last, for `ctrl-y`.
    private var cut: [Character] = []

    package init(_ text: String = "", multiline: Bool = false) {
        isMultiline = multiline
        characters = []
        cursor = 0
        insert(text)
    }

    package var text: String { String(characters) }
    package var isEmpty: Bool { characters.isEmpty }

    package mutating func set(_ text: String) {
        characters = []
        cursor = 0
        insert(text)
    }

    /// Types or pastes. Anything may be in it: it is shown made visible, and sent as it is.
    package mutating func insert(_ text: String) {
        var clean: [Character] = []
        for character in text {
            switch character {
            case "\r\n", "\r", "\n": clean.append(isMultiline ? "\n" : " ")
            default: clean.append(character)
            }
        }
        characters.insert(contentsOf: clean, at: cursor)
        cursor += clean.count
    }

    /// The cursor stands behind it.
    package mutating func replace(_ range: Range<Int>, with text: String) {
        characters.removeSubrange(range.clamped(to: 0..<characters.count))
        cursor = min(range.lowerBound, characters.count)
        insert(text)
    }

    /// Where a text stands last; it may be gone. A cursor elsewhere stays where it is.
    package mutating func replaceLast(_ text: String, with other: String) {
        let wanted = Array(text)
        guard !wanted.isEmpty, characters.count >= wanted.count else { return }
        for start in stride(from: characters.count - wanted.count, through: 0, by: -1) where characters[start..<start + wanted.count].elementsEqual(wanted) {
            let place = cursor, end = start + wanted.count
            replace(start..<end, with: other)
            if place < end, place > start { return }
            if place <= start { cursor = place } else { cursor += place - end }
            return
        }
    }

    /// Takes an editing key; false when it means nothing here. `width` is that of the box, for up and down.
    package mutating func handle(_ key: Key, width: Int) -> Bool {
        if let scalar = key.typed {
            insert(String(Character(scalar)))
            return true
        }
        switch (key.code, key.modifiers) {
        case (.left, []), (.char("b"), .ctrl): cursor = max(0, cursor - 1)
        case (.right, []), (.char("f"), .ctrl): cursor = min(characters.count, cursor + 1)
        case (.left, .ctrl), (.left, .alt), (.char("b"), .alt): cursor = wordStart
        case (.right, .ctrl), (.right, .alt), (.char("f"), .alt): cursor = wordEnd
        case (.home, []), (.char("a"), .ctrl): cursor = lineStart
        case (.end, []), (.char("e"), .ctrl): cursor = lineEnd
        case (.home, .ctrl): cursor = 0
        case (.end, .ctrl): cursor = characters.count
        case (.backspace, []), (.backspace, .shift), (.char("h"), .ctrl): remove(max(0, cursor - 1)..<cursor, keep: false)
        case (.delete, []), (.char("d"), .ctrl): remove(cursor..<min(characters.count, cursor + 1), keep: false)
        case (.char("w"), .ctrl), (.backspace, .alt), (.backspace, .ctrl): remove(wordStart..<cursor)
        case (.char("d"), .alt), (.delete, .ctrl), (.delete, .alt): remove(cursor..<wordEnd)
        case (.char("u"), .ctrl): remove(lineStart..<cursor)
        case (.char("k"), .ctrl): remove(cursor..<lineEnd)
        case (.char("y"), .ctrl): insert(String(cut))
        case (.char("j"), .ctrl), (.enter, .alt), (.enter, .shift), (.enter, .ctrl): if isMultiline { insert("\n") } else { return false }
        case (.up, []): return move(by: -1, width: width)
        case (.down, []): return move(by: 1, width: width)
        default: return false
        }
        return true
    }

    package mutating func moveToEnd() { cursor = characters.count }

    private mutating func remove(_ range: Range<Int>, keep: Bool = true) {
        guard !range.isEmpty else { return }
        if keep { cut = Array(characters[range]) }
        characters.removeSubrange(range)
        cursor = range.lowerBound
    }

    private var lineStart: Int { (characters[..<cursor].lastIndex(of: "\n") ?? -1) + 1 }
    private var lineEnd: Int { characters[cursor...].firstIndex(of: "\n") ?? characters.count }
    private var wordStart: Int {
        var index = cursor
        while index > 0, !Self.isWord(characters[index - 1]) { index -= 1 }
        while index > 0, Self.isWord(characters[index - 1]) { index -= 1 }
        return index
    }
    private var wordEnd: Int {
        var index = cursor
        while index < characters.count, !Self.isWord(characters[index]) { index += 1 }
        while index < characters.count, Self.isWord(characters[index]) { index += 1 }
        return index
    }
    private static func isWord(_ character: Character) -> Bool { character.isLetter || character.isNumber || character == "_" }

    /// The rows of the text in a box: ranges of characters. There is always one; a row has room for the cursor behind its last character.
    package func rows(width: Int) -> [Range<Int>] {
        var rows: [Range<Int>] = []
        var start = 0, used = 0, breakAt = 0, widthAtBreak = 0
        let room = max(1, width - 1)
        for (index, character) in characters.enumerated() {
            if character == "\n" {
                rows.append(start..<index)
                (start, used, breakAt, widthAtBreak) = (index + 1, 0, index + 1, 0)
                continue
            }
            used += cells(character)
            if used > room, index > start {
                let (end, before) = breakAt > start ? (breakAt, widthAtBreak) : (index, used - cells(character))
                rows.append(start..<end)
                (start, used, breakAt, widthAtBreak) = (end, used - before, end, 0)
            }
            if character == " " { (breakAt, widthAtBreak) = (index + 1, used) }
        }
        rows.append(start..<characters.count)
        return rows
    }

    /// The row of the cursor and its cell within.
    package func cursorPlace(in rows: [Range<Int>]) -> (row: Int, column: Int) {
        let row = rows.lastIndex { $0.lowerBound <= cursor } ?? 0
        return (row, displayWidth(String(characters[rows[row].lowerBound..<cursor])))
    }

    private mutating func move(by step: Int, width: Int) -> Bool {
        let rows = rows(width: width)
        let place = cursorPlace(in: rows)
        guard rows.indices.contains(place.row + step) else { return false }
        let target = rows[place.row + step]
        var column = 0
        var index = target.lowerBound
        while index < target.upperBound, column < place.column {
            column += cells(characters[index])
            index += 1
        }
        // The end of a wrapped row is the beginning of the next.
        let isLast = place.row + step == rows.count - 1
        cursor =
            index == target.upperBound && !isLast && index > target.lowerBound && characters[index - 1] != "\n"
                && index == rows[place.row + step + 1].lowerBound ? index - 1 : index
        return true
    }
}

/// Cells of one character, quickly for the plain ones.
private func cells(_ character: Character) -> Int { character.isASCII ? 1 : displayWidth(String(character)) }
