/// JSON with `//` and `/* */` comments and commas before a closing bracket, as configurations are written.
package enum JSONC {
    /// The same text as plain JSON: comments and trailing commas become spaces, so every offset, line and column stays.
    /// What looks like a comment inside a string is left alone. A comment that is never closed runs to the end.
    package static func plain(_ bytes: [UInt8]) -> [UInt8] {
        var stripper = Stripper(bytes: bytes)
        stripper.run()
        return stripper.bytes
    }

    /// Parses and owns. Errors name the line and column of the text as written.
    package static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONTree { try JSONTree(parsing: plain(bytes)) }
    package static func parse(_ text: String) throws(JSONError) -> JSONTree { try parse(Array(text.utf8)) }

    private struct Stripper {
        var bytes: [UInt8]
        private var at = 0
        /// A comma after which only space and comments came.
        private var openComma: Int?

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func run() {
            // The mark some editors put in front.
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { blank(0..<3) }
            while at < bytes.count {
                switch bytes[at] {
                case UInt8(ascii: "\""):
                    openComma = nil
                    skipString()
                case UInt8(ascii: "/") where next == UInt8(ascii: "/"): blankLine()
                case UInt8(ascii: "/") where next == UInt8(ascii: "*"): blankBlock()
                case UInt8(ascii: ","):
                    // Of two commas in a row the second is wrong: the first then stays to be reported.
                    openComma = at
                    at += 1
                case UInt8(ascii: "]"), UInt8(ascii: "}"):
                    if let comma = openComma, hasValue(before: comma) { bytes[comma] = UInt8(ascii: " ") }
                    openComma = nil
                    at += 1
                case 0x20, 0x09, 0x0A, 0x0D: at += 1
                default:
                    openComma = nil
                    at += 1
                }
            }
        }

        private var next: UInt8? { at + 1 < bytes.count ? bytes[at + 1] : nil }

        /// `[,]` and `[1,,]` stay wrong: a trailing comma follows a value.
        private func hasValue(before comma: Int) -> Bool {
            let space: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
            guard let last = bytes[..<comma].last(where: { !space.contains($0) }) else { return false }
            return ![UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ":")].contains(last)
        }

        private mutating func skipString() {
            at += 1
            while at < bytes.count {
                switch bytes[at] {
                case UInt8(ascii: "\\"): at += 2
                case UInt8(ascii: "\""):
                    at += 1
                    return
                // A string ends with its line: an unclosed one must not swallow the comments behind it.
                case 0x0A: return
                default: at += 1
                }
            }
            at = min(at, bytes.count)
        }

        private mutating func blankLine() {
            let end = bytes[at...].firstIndex(of: 0x0A) ?? bytes.count
            blank(at..<end)
            at = end
        }

        private mutating func blankBlock() {
            var end = at + 2
            while end < bytes.count, !(bytes[end - 1] == UInt8(ascii: "*") && bytes[end] == UInt8(ascii: "/") && end > at + 2) { end += 1 }
            end = min(end + 1, bytes.count)
            blank(at..<end)
            at = end
        }

        private mutating func blank(_ range: Range<Int>) {
            for index in range where bytes[index] != 0x0A && bytes[index] != 0x0D { bytes[index] = 0x20 }
        }
    }
}
