import CJSON

/// A place in a parsed document. Reading it copies nothing but what is asked for.
///
/// It keeps its parser alive, and is valid until that parser's next `parse` (a debug build traps on later use).
/// Nothing in it traps whatever the document: what is missing or of another kind is nil.
package struct JSONValue {
    package enum Kind: Sendable { case null, bool, number, string, array, object }

    let parser: JSONParser
    let index: Int
    #if DEBUG
        private let generation: Int
    #endif

    init(parser: JSONParser, index: Int) {
        self.parser = parser
        self.index = index
        #if DEBUG
            generation = parser.document.pointee.generation
        #endif
    }

    /// The value at another index of the same document.
    func at(_ index: Int) -> JSONValue { JSONValue(parser: parser, index: index) }

    var tape: UnsafePointer<UInt64> {
        #if DEBUG
            precondition(generation == parser.document.pointee.generation, "a JSONValue was used after its parser's next parse")
        #endif
        return parser.document.pointee.tape
    }

    var strings: UnsafePointer<UInt8> { parser.document.pointee.strings }

    var word: UInt64 { tape[index] }

    package var kind: Kind {
        switch Tape.tag(word) {
        case Tape.object: .object
        case Tape.array: .array
        case Tape.string: .string
        case Tape.int64, Tape.uint64, Tape.double: .number
        case Tape.yes, Tape.no: .bool
        default: .null
        }
    }

    package var isNull: Bool { Tape.tag(word) == Tape.null }
    package var isObject: Bool { Tape.tag(word) == Tape.object }
    package var isArray: Bool { Tape.tag(word) == Tape.array }

    package var bool: Bool? {
        switch Tape.tag(word) {
        case Tape.yes: true
        case Tape.no: false
        default: nil
        }
    }

    /// A whole number that an `Int` holds, also when written as `3.0` or `1e3`.
    package var int: Int? {
        switch Tape.tag(word) {
        case Tape.int64: Int(Int64(bitPattern: tape[index + 1]))
        case Tape.uint64: Int(exactly: tape[index + 1])
        case Tape.double: Int(exactly: Double(bitPattern: tape[index + 1]))
        default: nil
        }
    }

    /// Any number.
    package var double: Double? {
        switch Tape.tag(word) {
        case Tape.int64: Double(Int64(bitPattern: tape[index + 1]))
        case Tape.uint64: Double(tape[index + 1])
        case Tape.double: Double(bitPattern: tape[index + 1])
        default: nil
        }
    }

    /// The unescaped bytes of a string: valid UTF-8, valid as long as this value.
    package var bytes: UnsafeBufferPointer<UInt8>? {
        let word = word
        return Tape.tag(word) == Tape.string ? Tape.text(word, strings) : nil
    }

    package var string: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

    /// Whether this is that string. Allocates nothing.
    package func equals(_ text: StaticString) -> Bool {
        guard let bytes else { return false }
        return text.withUTF8Buffer { Tape.same(bytes, $0) }
    }

    /// Elements of an array or members of an object; 0 for the rest.
    package var count: Int {
        switch Tape.tag(word) {
        // The tape's own counter stops at 2^24 - 1.
        case Tape.array, Tape.object:
            Tape.counter(tape[index]) < Tape.counterLimit ? Tape.counter(tape[index]) : countByWalking()
        default: 0
        }
    }

    private func countByWalking() -> Int { isArray ? elements.reduce(0) { n, _ in n + 1 } : members.reduce(0) { n, _ in n + 1 } }
}

/// The words of simdjson's tape: a tag in the highest byte, a payload in the rest (simdjson's doc/tape.md).
enum Tape {
    static let object = UInt8(ascii: "{"), array = UInt8(ascii: "["), string = UInt8(ascii: "\"")
    static let objectEnd = UInt8(ascii: "}"), arrayEnd = UInt8(ascii: "]")
    static let int64 = UInt8(ascii: "l"), uint64 = UInt8(ascii: "u"), double = UInt8(ascii: "d")
    static let yes = UInt8(ascii: "t"), no = UInt8(ascii: "f"), null = UInt8(ascii: "n")
    static let counterLimit = 0xFF_FFFF

    static func tag(_ word: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: word >> 56) }

    /// Of an opening bracket: the index after its closing one.
    static func after(_ word: UInt64) -> Int { Int(word & 0xFFFF_FFFF) }

    /// Of an opening bracket: how many elements or members.
    static func counter(_ word: UInt64) -> Int { Int((word >> 32) & 0xFF_FFFF) }

    /// The index after the value at `index`.
    static func next(_ tape: UnsafePointer<UInt64>, _ index: Int) -> Int {
        let word = tape[index]
        switch tag(word) {
        case object, array: return after(word)
        case int64, uint64, double: return index + 2
        default: return index + 1
        }
    }

    static func text(_ word: UInt64, _ strings: UnsafePointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        let start = strings + Int(word & 0x00FF_FFFF_FFFF_FFFF)
        let count = UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)
        return UnsafeBufferPointer(start: start + 4, count: Int(count))
    }

    @inline(__always)
    static func same(_ bytes: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.count == other.count && cjson_same(bytes.baseAddress, other.baseAddress, bytes.count) != 0
    }
}
