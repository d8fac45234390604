/// What a link's target may be when it comes from a stranger, as it may stand in an escape sequence: web pages and mail, in printable ASCII, of bounded
/// length. Nil: it is none. (A `file:` would be a file of the machine that the terminal runs on, which is another one over SSH.)
package func linkAddress(_ target: String) -> String? {
    guard target.utf8.count <= 2_000 else { return nil }
    let scheme = target.prefix { $0 != ":" }.lowercased()
    guard scheme == "http" || scheme == "https" || scheme == "mailto", target.utf8.count > scheme.utf8.count + 1 else { return nil }
    var bytes: [UInt8] = []
    for byte in target.utf8 {
        switch byte {
        case 0...0x20, 0x7F: return nil
        case 0x80...: bytes += [UInt8(ascii: "%"), hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
        default: bytes.append(byte)
        }
    }
    return bytes.count <= 2_000 ? String(decoding: bytes, as: UTF8.self) : nil
}

private let hexadecimal = Array("0123456789ABCDEF".utf8)

extension Frame {
    /// What is written there leads to `target` when it is clicked in a terminal that knows links.
    package mutating func link(_ rect: Rect, _ target: String) {
        let area = rect.intersection(clip)
        guard !area.isEmpty else { return }
        let number = atlas.number(ofLink: target)
        for row in area.row..<area.bottom {
            for index in row * size.columns + area.column..<row * size.columns + area.right { cells[index].link = number }
        }
    }
}
