/// What one or two cells show: a base character with at most three marks.
package struct Glyph {
    package var base: Unicode.Scalar
    package var marks: [Unicode.Scalar] = []
    /// 1 or 2 cells.
    package var width: Int
    /// True when it belongs to the character before it (a spacing mark, the second letter of a flag): text is not cut in front of it.
    package var continues = false
    /// The UTF-8 offset behind it in the text it came from.
    package var end: Int

    func number(in atlas: Atlas) -> UInt32 {
        marks.isEmpty ? base.value : atlas.glyph(of: [base] + marks)
    }
}

/// Cells a text takes, as `Frame.write` shows it. Counting stops once it is more than `limit`.
package func displayWidth(_ text: String, atMost limit: Int = .max) -> Int {
    if let count = plainCount(text, atMost: limit) { return count }
    var width = 0
    forEachGlyph(in: text) { glyph in
        width += glyph.width
        return width <= limit
    }
    return width
}

/// The cells of a text that is plain ASCII as far as `limit` reaches (one more than `limit` if it goes on); nil for any other.
func plainCount(_ text: String, atMost limit: Int) -> Int? {
    text.utf8.withContiguousStorageIfAvailable { bytes -> Int? in
        let count = limit < bytes.count ? limit + 1 : bytes.count
        return isPlain(bytes, count) ? count : nil
    } ?? nil
}

/// Whether the first `count` bytes are visible ASCII: each is a cell by itself. Eight at a time.
func isPlain(_ bytes: UnsafeBufferPointer<UInt8>, _ count: Int) -> Bool {
    guard count > 0 else { return count == 0 }
    let raw = UnsafeRawBufferPointer(bytes)
    var index = 0
    while index + 8 <= count {
        let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        // Bytes below 0x20 borrow, those from 0x7F on have or get the high bit.
        let low = word &- 0x2020_2020_2020_2020
        let high = word &+ 0x0101_0101_0101_0101
        if (low | high | word) & 0x8080_8080_8080_8080 != 0 { return false }
        index += 8
    }
    while index < count {
        if bytes[index] &- 0x20 >= 0x5F { return false }
        index += 1
    }
    return true
}

/// Cuts a text into glyphs, replacing what must not reach a terminal; `body` returns false to stop.
func forEachGlyph(in text: String, _ body: (Glyph) -> Bool) {
    var text = text
    text.withUTF8 { bytes in
        var reader = GlyphReader(bytes)
        while let glyph = reader.next() {
            if !body(glyph) { return }
        }
    }
}

/// Reads glyphs from UTF-8.
///
/// What is shown is what every terminal measures alike, because a screen that is drawn by differences must never guess: emoji
/// sequences show their first emoji (2 cells), flags their two letters, variation selectors and skin tones are left out. Controls become
/// visible (`␛`), invisible formatting `·`, and what Unicode has not assigned or keeps private `�`.
package struct GlyphReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = 0
    /// A second letter of a flag that is still to come.
    private var pending: Unicode.Scalar?

    package init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    package mutating func next() -> Glyph? {
        if let letter = pending {
            pending = nil
            return Glyph(base: letter, width: 1, continues: true, end: offset)
        }
        guard offset < bytes.count else { return nil }
        let byte = bytes[offset]
        if byte >= 0x20, byte < 0x7F, offset + 1 >= bytes.count || bytes[offset + 1] < 0x80 {
            offset += 1
            return Glyph(base: Unicode.Scalar(byte), width: 1, end: offset)
        }
        return nextOfAnyKind()
    }

    private mutating func nextOfAnyKind() -> Glyph {
        let scalar = take()
        var glyph: Glyph
        switch scalarKind(scalar) {
        case .narrow: glyph = Glyph(base: scalar, width: 1, end: offset)
        case .wide: glyph = Glyph(base: scalar, width: 2, end: offset)
        case .spacingMark: glyph = Glyph(base: scalar, width: 1, continues: true, end: offset)
        case .control: return Glyph(base: picture(of: scalar), width: 1, end: offset)
        case .regional: return flag(scalar)
        case .mark, .invisible, .joiner, .selector: return Glyph(base: "·", width: 1, end: offset)
        case .refused: return Glyph(base: "\u{FFFD}", width: 1, end: offset)
        }
        absorb(into: &glyph)
        return glyph
    }

    /// Takes what belongs to the glyph: marks (three are kept), selectors, skin tones, and whatever a joiner joins to an emoji.
    private mutating func absorb(into glyph: inout Glyph) {
        while offset < bytes.count, bytes[offset] >= 0x80 {
            let before = offset
            let scalar = take()
            switch scalarKind(scalar) {
            case .mark:
                if glyph.marks.count < 3 { glyph.marks.append(scalar) }
            case .selector: break
            case .joiner:
                if scalar.value == 0x200D, glyph.width == 2 || isPictographic(glyph.base), offset < bytes.count, bytes[offset] >= 0x80 {
                    let joined = offset
                    let next = take()
                    if !isPictographic(next) { offset = joined }
                }
            default:
                if glyph.width == 2, isSkinTone(scalar) { break }
                offset = before
                glyph.end = offset
                return
            }
        }
        glyph.end = offset
    }

    /// Two regional indicators are a flag to some terminals and two letters to others: letters it is.
    private mutating func flag(_ first: Unicode.Scalar) -> Glyph {
        let letter = Unicode.Scalar(UInt8(truncatingIfNeeded: first.value - 0x1F1E6 + 0x41))
        let before = offset
        if offset < bytes.count, bytes[offset] >= 0x80 {
            let second = take()
            if scalarKind(second) == .regional {
                pending = Unicode.Scalar(UInt8(truncatingIfNeeded: second.value - 0x1F1E6 + 0x41))
            } else {
                offset = before
            }
        }
        return Glyph(base: letter, width: 1, end: offset)
    }

    /// Decodes one scalar. The bytes are those of a Swift string: always valid UTF-8.
    private mutating func take() -> Unicode.Scalar {
        let first = UInt32(bytes[offset])
        let count = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        var value = count == 1 ? first : first & (0xFF >> UInt32(count + 1))
        for index in offset + 1..<min(offset + count, bytes.count) where count > 1 { value = value << 6 | UInt32(bytes[index] & 0x3F) }
        offset += count
        return Unicode.Scalar(value) ?? "\u{FFFD}"
    }

    private func picture(of control: Unicode.Scalar) -> Unicode.Scalar {
        switch control.value {
        case 0x09: " "
        case 0..<0x20: Unicode.Scalar(0x2400 + control.value) ?? "·"
        case 0x7F: "\u{2421}"
        default: "·"
        }
    }
}
