/// Why bytes are not JSON, and where.
package struct JSONError: Error, Equatable, Sendable {
    package enum Reason: Equatable, Sendable {
        /// Not JSON: the phrase says what was met or missed.
        case syntax(String)
        /// Bytes that are not UTF-8.
        case notUTF8
        /// Nested deeper than `JSONParser.maximumDepth`.
        case tooDeep
        /// Too large for the parser or for the memory.
        case tooLarge
    }

    package let reason: Reason
    /// Byte offset of the first byte that cannot be right.
    package let offset: Int
    /// Both from 1; columns count bytes.
    package let line: Int
    package let column: Int

    /// `place` is the offset in `bytes`.
    init(_ reason: Reason, at offset: Int, in bytes: UnsafeRawBufferPointer) {
        self.reason = reason
        self.offset = offset
        let before = bytes.prefix(offset)
        line = 1 + before.count { $0 == UInt8(ascii: "\n") }
        column = 1 + (before.lastIndex(of: UInt8(ascii: "\n")).map { offset - $0 - 1 } ?? offset)
    }

    /// For a person: "line 3, column 7: expected ',' or '}'".
    package var message: String { "line \(line), column \(column): \(phrase)" }

    private var phrase: String {
        switch reason {
        case .syntax(let phrase): phrase
        case .notUTF8: "the text is not UTF-8"
        case .tooDeep: "nested deeper than \(JSONParser.maximumDepth) levels"
        case .tooLarge: "too large to read into memory"
        }
    }
}

extension JSONError: CustomStringConvertible {
    package var description: String { message }
}
