/// Small helpers over text, so that this room needs no Foundation.
enum Words {
    private static let hex = Array("0123456789ABCDEF".utf8)
    private static let base64Letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// RFC 3986 percent-encoding of everything but letters, digits and `-._~`; a slash stays when it may.
    static func percentEncoded(_ text: String, keepingSlash: Bool = false) -> String {
        var out: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                out.append(byte)
            case UInt8(ascii: "/") where keepingSlash:
                out.append(byte)
            default:
                out += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    static func base64(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let have = min(3, bytes.count - start)
            let word = (0..<3).reduce(0) { $0 << 8 | ($1 < have ? Int(bytes[start + $1]) : 0) }
            for position in 0..<4 {
                out.append(position <= have ? base64Letters[word >> (18 - 6 * position) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The value of an `Authorization` header (RFC 7617).
    static func basic(user: String, password: String) -> String { "Basic " + base64(user + ":" + password) }

    /// The first line with something on it, without the space around it.
    static func firstLine(_ text: String) -> String {
        var text = text
        return text.withUTF8 { bytes in
            guard let start = bytes.firstIndex(where: { $0 > 32 }) else { return "" }
            let rest = bytes[start...]
            let end = rest.firstIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } ?? rest.endIndex
            return String(decoding: trimmed(rest[..<end]), as: UTF8.self)
        }
    }

    static func trimmed<Bytes: BidirectionalCollection<UInt8>>(_ bytes: Bytes) -> Bytes.SubSequence {
        let start = bytes.firstIndex { $0 > 32 } ?? bytes.endIndex
        guard let last = bytes.lastIndex(where: { $0 > 32 }) else { return bytes[start..<start] }
        return bytes[start...last]
    }

    static func trimmed(_ text: String) -> String { String(decoding: trimmed(text.utf8), as: UTF8.self) }

    /// The last `limit` bytes of UTF-8, from the start of a character on.
    static func last(_ limit: Int, of bytes: UnsafeBufferPointer<UInt8>) -> String {
        guard bytes.count > limit else { return String(decoding: bytes, as: UTF8.self) }
        var start = bytes.count - limit
        while start < bytes.count, bytes[start] & 0xC0 == 0x80 { start += 1 }
        return String(decoding: bytes[start...], as: UTF8.self)
    }

    /// How many lines a text has; an unfinished last one counts.
    static func lineCount(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        guard let last = text.last else { return 0 }
        return text.count { $0 == UInt8(ascii: "\n") } + (last == UInt8(ascii: "\n") ? 0 : 1)
    }
}

/// A path as people in `directory` call it: relative when it lies inside, as it is when not.
package func shorten(_ path: String, _ directory: String?) -> String {
    guard var directory, !directory.isEmpty, directory != "/" else { return path }
    if directory.utf8.last == UInt8(ascii: "/") { directory.removeLast() }
    if path == directory { return "." }
    return path.utf8.starts(with: (directory + "/").utf8) ? String(path.dropFirst(directory.count + 1)) : path
}
