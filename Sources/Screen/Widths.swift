/// How a scalar behaves in a cell grid.
enum ScalarKind: UInt8, Sendable {
    case narrow, wide
    /// Zero cells, drawn over the character before it.
    case mark
    /// One cell, but part of the character before it.
    case spacingMark
    /// Formatting nobody can see (direction marks, zero-width space, byte order mark).
    case invisible
    /// U+200C, U+200D.
    case joiner
    /// Variation selectors and tags.
    case selector
    case regional
    case control
    /// Unassigned, private, a noncharacter.
    case refused
}

func scalarKind(_ scalar: Unicode.Scalar) -> ScalarKind {
    let value = scalar.value
    if value < 0x300 {
        if value >= 0x20, value < 0x7F { return .narrow }
        return value < 0xA0 ? .control : value == 0xAD ? .invisible : .narrow
    }
    // Boxes, blocks, shapes: what the dashboard itself is drawn with.
    if value >= 0x2500, value < 0x25FD { return .narrow }
    // Arrows, signs, braille: what else stands in front of rows.
    if value >= 0x2000, value < 0x2C00 { return symbolKinds[Int(value) - 0x2000] }
    return searchedKind(value)
}

private let symbolKinds: [ScalarKind] = (0x2000..<0x2C00).map(searchedKind)

private func searchedKind(_ value: UInt32) -> ScalarKind {
    var low = 0
    var high = widthTable.count - 1
    while low < high {
        let middle = (low + high + 1) / 2
        if widthTable[middle] >> 4 <= value { low = middle } else { high = middle - 1 }
    }
    return ScalarKind(rawValue: UInt8(widthTable[low] & 15)) ?? .refused
}

func isSkinTone(_ scalar: Unicode.Scalar) -> Bool { scalar.value >= 0x1F3FB && scalar.value <= 0x1F3FF }

func isPictographic(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 0x2190 && scalar.properties.isEmoji
}
