import Domain
package import JSON

/// A word of the domain as JSON. Writing gives one value; reading takes what it knows: unknown members are passed over, missing
/// ones get their default, and only a value without its identity is nil. So old and new programs understand each other.
package protocol WireCoded {
    init?(wire: JSONValue)
    func write(to writer: inout JSONWriter)
}

extension WireCoded {
    /// The value alone, without a line end.
    package func json(pretty: Bool = false) -> [UInt8] {
        var writer = JSONWriter(pretty: pretty)
        write(to: &writer)
        return writer.bytes
    }
}

// Short forms for the encoders.
extension JSONWriter {
    mutating func field(_ name: StaticString, _ one: some WireCoded) {
        key(name)
        one.write(to: &self)
    }

    mutating func fieldIfPresent(_ name: StaticString, _ one: (some WireCoded)?) {
        if let one { field(name, one) }
    }

    mutating func field<Value: WireCoded>(_ name: StaticString, _ many: [Value]) {
        key(name)
        beginArray()
        for one in many { one.write(to: &self) }
        endArray()
    }

    mutating func fieldIfAny<Value: WireCoded>(_ name: StaticString, _ many: [Value]) {
        if !many.isEmpty { field(name, many) }
    }

    mutating func field<Subject>(_ name: StaticString, _ id: Identifier<Subject>) { field(name, id.raw) }
    mutating func field<Subject>(_ name: StaticString, _ id: Identifier<Subject>?) { field(name, id?.raw) }
    mutating func fieldIfPresent<Subject>(_ name: StaticString, _ id: Identifier<Subject>?) { fieldIfPresent(name, id?.raw) }

    mutating func field<Subject>(_ name: StaticString, _ ids: [Identifier<Subject>]) {
        key(name)
        beginArray()
        for id in ids { value(id.raw) }
        endArray()
    }

    mutating func fieldIfAny<Subject>(_ name: StaticString, _ ids: [Identifier<Subject>]) {
        if !ids.isEmpty { field(name, ids) }
    }
}

// Short forms for the decoders: what is missing or of another kind is nil, empty or false.
extension JSONValue {
    func text(_ name: StaticString) -> String? { self[name]?.string }
    func flag(_ name: StaticString) -> Bool { self[name]?.bool ?? false }
    func double(_ name: StaticString) -> Double? { self[name]?.double }

    /// Limited to what JSON numbers hold exactly (2^53), so that sums of what a stranger wrote cannot overflow.
    func int(_ name: StaticString) -> Int? {
        self[name]?.int.map { Swift.max(-(1 << 53), Swift.min(1 << 53, $0)) }
    }

    func texts(_ name: StaticString) -> [String] { self[name]?.elements.compactMap(\.string) ?? [] }
    func id<Subject>(_ name: StaticString) -> Identifier<Subject>? { self[name]?.string.map { Identifier($0) } }
    func ids<Subject>(_ name: StaticString) -> [Identifier<Subject>] { texts(name).map { Identifier($0) } }
    func one<Value: WireCoded>(_ name: StaticString) -> Value? { self[name].flatMap { Value(wire: $0) } }
    func many<Value: WireCoded>(_ name: StaticString) -> [Value] { self[name]?.elements.compactMap { Value(wire: $0) } ?? [] }
    func word<Word: RawRepresentable>(_ name: StaticString) -> Word? where Word.RawValue == String {
        self[name]?.string.flatMap { Word(rawValue: $0) }
    }
}
