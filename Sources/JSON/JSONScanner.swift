/// Finds the first byte that keeps a text from being JSON. Slow and only used after simdjson has refused, so that an error in
/// a configuration can name its line and column.
struct JSONScanner {
    private let bytes: UnsafeRawBufferPointer
    private var at = 0
    /// True for an object, false for an array.
    private var levels: [Bool] = []

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    private struct Wrong: Error { let reason: JSONError.Reason, offset: Int }

    mutating func firstError() -> JSONError? {
        do {
            try document()
            return nil
        } catch {
            return JSONError(error.reason, at: min(error.offset, bytes.count), in: bytes)
        }
    }

    private var byte: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func document() throws(Wrong) {
        try value()
        while let isObject = levels.last {
            skipSpace()
            let close = UInt8(ascii: isObject ? "}" : "]")
            if byte == close {
                at += 1
                levels.removeLast()
            } else if byte == UInt8(ascii: ",") {
                at += 1
                if isObject { try key() }
                try value()
            } else {
                throw expected(isObject ? "',' or '}'" : "',' or ']'")
            }
        }
        skipSpace()
        if byte != nil { throw expected("the end of the text") }
    }

    /// One scalar, or the opening of a container up to and including its first element's opening.
    private mutating func value() throws(Wrong) {
        while true {
            skipSpace()
            switch byte {
            case UInt8(ascii: "{"):
                try open(isObject: true)
                if closesAtOnce(UInt8(ascii: "}")) { return }
                try key()
            case UInt8(ascii: "["):
                try open(isObject: false)
                if closesAtOnce(UInt8(ascii: "]")) { return }
            case UInt8(ascii: "\""): return try string()
            case UInt8(ascii: "t"): return try word("true")
            case UInt8(ascii: "f"): return try word("false")
            case UInt8(ascii: "n"): return try word("null")
            case .some(let byte) where byte == UInt8(ascii: "-") || isDigit(byte): return try number()
            default: throw expected("a value")
            }
        }
    }

    private mutating func open(isObject: Bool) throws(Wrong) {
        if levels.count == JSONParser.maximumDepth { throw Wrong(reason: .tooDeep, offset: at) }
        levels.append(isObject)
        at += 1
    }

    private mutating func closesAtOnce(_ close: UInt8) -> Bool {
        skipSpace()
        guard byte == close else { return false }
        at += 1
        levels.removeLast()
        return true
    }

    private mutating func key() throws(Wrong) {
        skipSpace()
        guard byte == UInt8(ascii: "\"") else { throw expected("a name in double quotes") }
        try string()
        skipSpace()
        guard byte == UInt8(ascii: ":") else { throw expected("':' after the name") }
        at += 1
    }

    private mutating func skipSpace() {
        while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
    }

    private mutating func word(_ text: StaticString) throws(Wrong) {
        let start = at
        let matches = text.withUTF8Buffer { word in
            word.allSatisfy { wanted in
                defer { at += 1 }
                return byte == wanted
            }
        }
        let ended = byte.map { !isNameByte($0) } ?? true
        if !matches || !ended { throw Wrong(reason: .syntax("expected a value, such as \(text) or a text in double quotes"), offset: start) }
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }

    private mutating func number() throws(Wrong) {
        let start = at
        if byte == UInt8(ascii: "-") { at += 1 }
        let leadingZero = byte == UInt8(ascii: "0")
        let whole = digits()
        if whole == 0 { throw expected("a digit") }
        if leadingZero, whole > 1 { throw Wrong(reason: .syntax("a number does not start with 0"), offset: start) }
        if byte == UInt8(ascii: ".") {
            at += 1
            if digits() == 0 { throw expected("a digit after the point") }
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            at += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { at += 1 }
            if digits() == 0 { throw expected("a digit in the exponent") }
        }
        // The grammar is kept; simdjson also refuses what neither 64 bits nor a double can hold.
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        let fits = Int64(text) != nil || UInt64(text) != nil || (Double(text)?.isFinite == true && !isWhole(text))
        if !fits { throw Wrong(reason: .syntax("the number is out of range"), offset: start) }
    }

    private func isWhole(_ text: String) -> Bool { text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || isDigit($0) } }
    private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private mutating func digits() -> Int {
        let start = at
        while let byte, isDigit(byte) { at += 1 }
        return at - start
    }

    private mutating func string() throws(Wrong) {
        let start = at
        at += 1
        while let byte {
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                return
            case UInt8(ascii: "\\"): try escape()
            case ..<0x20: throw Wrong(reason: .syntax("a control character in a text: write it as an escape"), offset: at)
            case ..<0x80: at += 1
            default: at += try sequenceLength()
            }
        }
        throw Wrong(reason: .syntax("the text that starts here has no closing quote"), offset: start)
    }

    private mutating func escape() throws(Wrong) {
        let start = at
        at += 1
        switch byte {
        case UInt8(ascii: "u"):
            at += 1
            for _ in 0..<4 {
                guard let byte, Character(UnicodeScalar(byte)).isHexDigit else {
                    throw Wrong(reason: .syntax("\\u needs four hexadecimal digits"), offset: start)
                }
                at += 1
            }
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 1
        case nil: return  // the missing quote is what to tell
        default: throw Wrong(reason: .syntax("an escape that JSON does not have"), offset: start)
        }
    }

    /// Bytes of the UTF-8 sequence here.
    private func sequenceLength() throws(Wrong) -> Int {
        for length in 2...4 where at + length <= bytes.count {
            if String(validating: bytes[at..<at + length], as: UTF8.self)?.unicodeScalars.count == 1 { return length }
        }
        throw Wrong(reason: .notUTF8, offset: at)
    }

    private func expected(_ what: String) -> Wrong {
        let met: String
        switch byte {
        case nil: met = "the text ends"
        case .some(let byte) where byte > 0x20 && byte < 0x7F: met = "found '\(Character(UnicodeScalar(byte)))'"
        case .some: met = "found something else"
        }
        return Wrong(reason: .syntax("expected \(what), but \(met)"), offset: at)
    }
}
