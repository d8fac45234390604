/// JSON appended to bytes, with commas and escapes put in. The result is always valid UTF-8 on one line unless `pretty`.
///
///     var writer = JSONWriter()
///     writer.object {
///         $0.field("name", "api")
///         $0.array("ports") { $0.value(4096) }
///     }
///     send(writer.bytes)
///
/// Calls that make no sense (a value without a key in an object) give wrong JSON; they are not looked for.
package struct JSONWriter {
    /// What has been written so far.
    package var bytes: [UInt8] = []
    private var needsComma = false
    private var depth = 0
    private let pretty: Bool

    /// Pretty: one member a line, indented by 2 spaces a level; nothing at the end in either form.
    package init(pretty: Bool = false, reserving capacity: Int = 0) {
        self.pretty = pretty
        bytes.reserveCapacity(capacity)
    }

    /// Goes on behind `bytes` and takes them, so that nothing is copied; whoever gave them takes the writer's back.
    package init(taking bytes: inout [UInt8], reserving more: Int = 0) {
        self.init()
        swap(&self.bytes, &bytes)
        let needed = self.bytes.count + more
        if self.bytes.capacity < needed { self.bytes.reserveCapacity(max(needed, 2 * self.bytes.capacity)) }
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    // MARK: Structure

    package mutating func beginObject() { begin(UInt8(ascii: "{")) }
    package mutating func endObject() { end(UInt8(ascii: "}")) }
    package mutating func beginArray() { begin(UInt8(ascii: "[")) }
    package mutating func endArray() { end(UInt8(ascii: "]")) }

    @inlinable package mutating func object<E: Error>(_ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
        beginObject()
        try body(&self)
        endObject()
    }

    @inlinable package mutating func array<E: Error>(_ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
        beginArray()
        try body(&self)
        endArray()
    }

    package mutating func key(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { JSONEscape.append($0, to: &bytes) }
        endKey()
    }

    package mutating func key(_ name: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        JSONEscape.append(name, to: &bytes)
        endKey()
    }

    // MARK: Values

    package mutating func null() { literal("null") }
    package mutating func value(_ value: Bool) { if value { literal("true") } else { literal("false") } }

    package mutating func value(_ value: Int64) {
        separate()
        JSONNumber.append(value, to: &bytes)
        needsComma = true
    }

    package mutating func value(_ value: UInt64) {
        separate()
        JSONNumber.append(value, to: &bytes)
        needsComma = true
    }

    /// Of any width up to 64 bits. Inlinable, so that no generic code runs.
    @inlinable package mutating func value(_ number: some FixedWidthInteger) {
        if number < 0 { value(Int64(truncatingIfNeeded: number)) } else { value(UInt64(truncatingIfNeeded: number)) }
    }

    /// The shortest form that reads back as the same number; whole numbers without a point; what is not finite is null.
    package mutating func value(_ value: Double) {
        separate()
        JSONNumber.append(value, to: &bytes)
        needsComma = true
    }

    package mutating func value(_ text: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        JSONEscape.append(text, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// A string from bytes that should be UTF-8; what is not becomes U+FFFD.
    package mutating func value(utf8 text: UnsafeBufferPointer<UInt8>) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        JSONEscape.appendRepairing(text, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// JSON that is written already: a value, or the members of the object that is open. It is not looked at.
    package mutating func raw(_ json: ArraySlice<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    package mutating func raw(_ json: [UInt8]) { raw(json[...]) }
    package mutating func raw(_ json: some Collection<UInt8>) { raw(Array(json)) }

    // MARK: Inside

    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        depth += 1
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        depth -= 1
        // An empty pair stays together.
        if pretty, needsComma { newLine() }
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func endKey() {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        if pretty { bytes.append(UInt8(ascii: " ")) }
        afterKey = true
        needsComma = false
    }

    /// The value that follows a key stands on the key's line.
    private var afterKey = false

    private mutating func separate() {
        if afterKey {
            afterKey = false
            return
        }
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        if pretty, depth > 0 { newLine() }
    }

    private mutating func newLine() {
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * max(depth, 0)))
    }

    private mutating func literal(_ text: StaticString) {
        separate()
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
        needsComma = true
    }
}
