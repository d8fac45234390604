internal import CMarkdown

/// Why Markdown cannot be read here, in a sentence; nil when it can.
package func markdownProblem() -> String? { cmarkdown_problem().map { String(cString: $0) } }

/// The blocks of a text; nil when there is no md4c, or the text is one that only wants to grow: then it is shown as it is.
package func markdownBlocks(of text: String) -> [Block]? {
    // Nothing in it can be a mark: most short answers, and no library is needed for those.
    if isPlainParagraph(text) { return text.isEmpty ? [] : [.paragraph([Run(text)])] }
    var text = text
    return text.withUTF8 { bytes in
        var result = cmarkdown_result()
        defer { cmarkdown_free(&result) }
        let isRead = bytes.withMemoryRebound(to: CChar.self) { cmarkdown_parse($0.baseAddress, $0.count, &result) }
        guard isRead else { return nil }
        let events = UnsafeBufferPointer(start: result.events, count: result.event_count)
        let arena = UnsafeRawBufferPointer(start: result.text, count: result.text_length)
        var builder = BlockBuilder(text: arena)
        for event in events { builder.take(event) }
        return builder.finish()
    }
}

private func isPlainParagraph(_ text: String) -> Bool {
    var isFirst = true
    for byte in text.utf8 {
        if isFirst, byte == 0x20 || (byte >= 0x30 && byte <= 0x39) || byte == 0x2B || byte == 0x2D { return false }
        isFirst = false
        switch byte {
        // Line ends, tabs, controls; # & * < = > [ \ ] _ ` | ~ : (links) and high bytes that are no text.
        case 0..<0x20, 0x23, 0x26, 0x2A, 0x3A, 0x3C...0x3E, 0x5B...0x5D, 0x5F, 0x60, 0x7C, 0x7E: return false
        default: break
        }
    }
    // A trailing space is no part of a paragraph.
    return text.utf8.last != 0x20
}
