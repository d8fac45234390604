import CJSON

/// simdjson's parser, made once and used for many documents: its buffers are kept from one to the next.
///
/// Not `Sendable`: one thread uses it. A `JSONValue` keeps its parser alive and is valid until the parser's next `parse`;
/// what must live longer is copied out (`string`, `int`, `JSONTree`).
/// Half a surrogate pair (`\ud83d`, which JavaScript writes for a text cut in an emoji) becomes U+FFFD, it is no error.
package final class JSONParser {
    /// Levels of arrays and objects. Recursion over a tree of this depth fits the smallest stack a thread of ours has.
    package static let maximumDepth = 256

    private let handle: OpaquePointer
    /// Where the document of the last parse is. Behind a pointer, because a property of an object is guarded on each access,
    /// and the values read it all the time.
    let document: UnsafeMutablePointer<Document>

    struct Document {
        var tape: UnsafePointer<UInt64>
        var strings: UnsafePointer<UInt8>
        /// Counts the parses, so that debug builds notice a value of an earlier document.
        var generation = 0
    }

    /// What is there before the first parse and after a failed one: null.
    private let nothing: UnsafeMutablePointer<UInt64>

    package init() {
        guard let handle = cjson_create(JSONParser.maximumDepth) else {
            preconditionFailure("no memory for a JSON parser")
        }
        self.handle = handle
        nothing = .allocate(capacity: 2)
        nothing.initialize(repeating: UInt64(Tape.null) << 56, count: 2)
        document = .allocate(capacity: 1)
        document.initialize(to: Document(tape: nothing, strings: UnsafeRawPointer(nothing).assumingMemoryBound(to: UInt8.self)))
    }

    deinit {
        cjson_destroy(handle)
        document.deallocate()
        nothing.deallocate()
    }

    /// One document; white space around it is allowed. The bytes are copied and may be freed at once.
    package func parse(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONValue {
        document.pointee.generation &+= 1
        document.pointee.tape = UnsafePointer(nothing)
        var parsed = cjson_document()
        let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let code = cjson_parse(handle, start, bytes.count, &parsed)
        guard code == 0, let tape = parsed.tape, let strings = parsed.strings else { throw error(code, bytes) }
        document.pointee.tape = tape
        document.pointee.strings = strings
        return JSONValue(parser: self, index: 1)
    }

    package func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue { try parse(bytes[...]) }

    package func parse(_ bytes: ArraySlice<UInt8>) throws(JSONError) -> JSONValue {
        // `withUnsafeBytes` does not carry a typed error through.
        try bytes.withUnsafeBytes { raw in Result { () throws(JSONError) in try parse(raw) } }.get()
    }

    package func parse(_ text: String) throws(JSONError) -> JSONValue { try parse(Array(text.utf8)[...]) }

    /// simdjson names a kind of error but no place: our own slower reader finds the first wrong byte.
    private func error(_ code: Int32, _ bytes: UnsafeRawBufferPointer) -> JSONError {
        if cjson_is_capacity(code) != 0 { return JSONError(.tooLarge, at: 0, in: bytes) }
        var scanner = JSONScanner(bytes)
        if let found = scanner.firstError() { return found }
        if cjson_is_depth(code) != 0 { return JSONError(.tooDeep, at: 0, in: bytes) }
        return JSONError(.syntax(cjson_describe(code).map { String(cString: $0) } ?? "not JSON"), at: 0, in: bytes)
    }
}
