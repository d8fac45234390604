/// Key and value in one call. A nil optional writes null; `fieldIfPresent` leaves the member out.
extension JSONWriter {
    package mutating func field(_ name: StaticString, _ text: String) { key(name); value(text) }
    @inlinable package mutating func field(_ name: StaticString, _ number: some FixedWidthInteger) { key(name); value(number) }
    package mutating func field(_ name: StaticString, _ number: Double) { key(name); value(number) }
    package mutating func field(_ name: StaticString, _ flag: Bool) { key(name); value(flag) }
    package mutating func field(_ name: StaticString, _ tree: JSONTree) { key(name); value(tree) }
    package mutating func field(_ name: StaticString, _ copied: JSONValue) { key(name); value(copied) }
    package mutating func field(_ name: StaticString, _ texts: [String]) {
        key(name)
        array { for text in texts { $0.value(text) } }
    }
    package mutating func field(_ name: StaticString, raw json: some Collection<UInt8>) { key(name); raw(json) }

    package mutating func field(_ name: StaticString, _ text: String?) { key(name); optional(text) { $0.value($1) } }
    @inlinable package mutating func field<N: FixedWidthInteger>(_ name: StaticString, _ number: N?) {
        key(name)
        if let number { value(number) } else { null() }
    }
    package mutating func field(_ name: StaticString, _ number: Double?) { key(name); optional(number) { $0.value($1) } }
    package mutating func field(_ name: StaticString, _ flag: Bool?) { key(name); optional(flag) { $0.value($1) } }

    package mutating func fieldIfPresent(_ name: StaticString, _ text: String?) { if let text { field(name, text) } }
    @inlinable package mutating func fieldIfPresent<N: FixedWidthInteger>(_ name: StaticString, _ number: N?) {
        if let number { field(name, number) }
    }
    package mutating func fieldIfPresent(_ name: StaticString, _ number: Double?) { if let number { field(name, number) } }
    package mutating func fieldIfPresent(_ name: StaticString, _ flag: Bool?) { if let flag { field(name, flag) } }

    @inlinable package mutating func object<E: Error>(_ name: StaticString, _ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
        key(name)
        try object(body)
    }

    @inlinable package mutating func array<E: Error>(_ name: StaticString, _ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
        key(name)
        try array(body)
    }

    // For names that are known only when running.
    package mutating func field(named name: String, _ text: String) { key(name); value(text) }
    package mutating func field(named name: String, _ number: some FixedWidthInteger) { key(name); value(number) }
    package mutating func field(named name: String, _ number: Double) { key(name); value(number) }
    package mutating func field(named name: String, _ flag: Bool) { key(name); value(flag) }
    package mutating func field(named name: String, _ tree: JSONTree) { key(name); value(tree) }
    package mutating func field(named name: String, _ copied: JSONValue) { key(name); value(copied) }

    private mutating func optional<T>(_ content: T?, _ write: (inout JSONWriter, T) -> Void) {
        if let content { write(&self, content) } else { null() }
    }
}
