/// The text in at most `width` cells; what is cut off at the end leaves a `…`.
package func ellipsize(_ text: String, width: Int) -> String {
    guard width > 0 else { return "" }
    if displayWidth(text, atMost: width) <= width { return text }
    return prefix(text, width: width - 1) + "…"
}

/// The same, keeping the end: for paths, where the last part says most. Cuts at a `/` if that costs little.
package func ellipsizePath(_ path: String, width: Int) -> String {
    guard width > 0 else { return "" }
    if displayWidth(path, atMost: width) <= width { return path }
    let tail = suffix(path, width: width - 1)
    if let slash = tail.firstIndex(of: "/"), slash != tail.startIndex, displayWidth(String(tail[..<slash])) <= width / 3 {
        return "…" + tail[slash...]
    }
    return "…" + tail
}

/// As much of the start of the text as fits; graphemes stay whole.
package func prefix(_ text: String, width: Int) -> String {
    var used = 0
    var end = 0
    var graphemeEnd = 0
    forEachGlyph(in: text) { glyph in
        if !glyph.continues { graphemeEnd = end }
        used += glyph.width
        if used > width {
            end = graphemeEnd
            return false
        }
        end = glyph.end
        return true
    }
    return String(text.utf8.prefix(end)) ?? ""
}

/// As much of the end of the text as fits.
package func suffix(_ text: String, width: Int) -> String {
    var starts: [(offset: Int, width: Int)] = []
    var offset = 0
    forEachGlyph(in: text) { glyph in
        if glyph.continues, let last = starts.popLast() {
            starts.append((last.offset, last.width + glyph.width))
        } else {
            starts.append((offset, glyph.width))
        }
        offset = glyph.end
        return true
    }
    var room = width
    var start = offset
    for grapheme in starts.reversed() {
        room -= grapheme.width
        if room < 0 { break }
        start = grapheme.offset
    }
    return String(text.utf8.dropFirst(start)) ?? ""
}

/// Tabs as spaces up to the next multiple of `stop`.
package func expandTabs(_ text: String, stop: Int = 4) -> String {
    guard text.utf8.contains(9) else { return text }
    var result = ""
    var column = 0
    for part in text.split(separator: "\t", omittingEmptySubsequences: false) {
        if !result.isEmpty || part.startIndex != text.startIndex {
            let spaces = stop - column % stop
            result += String(repeating: " ", count: spaces)
            column += spaces
        }
        result += part
        column += displayWidth(String(part))
    }
    return result
}
