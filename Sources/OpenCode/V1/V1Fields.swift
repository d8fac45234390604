import Domain
import JSON

/// How a field is read: what is missing or of another kind is nil, never a trap and never the loss of an event.
extension JSONValue {
    /// The member of that name (a literal in brackets would make a `String` first).
    func member(_ key: StaticString) -> JSONValue? { self[key] }

    func text(_ key: StaticString) -> String? { self[key]?.string }

    /// A text that is not empty.
    func word(_ key: StaticString) -> String? {
        guard let text = text(key), !text.isEmpty else { return nil }
        return text
    }

    func flag(_ key: StaticString) -> Bool { self[key]?.bool ?? false }

    /// A count; fractions are cut, what no `Int` holds is nil.
    func whole(_ key: StaticString) -> Int? {
        guard let value = self[key] else { return nil }
        return value.int ?? value.double.flatMap { Int(exactly: $0.rounded(.towardZero)) }
    }

    /// A sum of money or the like; what is not finite (`"NaN"`) is nil.
    func amount(_ key: StaticString) -> Double? {
        guard let number = self[key]?.double, number.isFinite else { return nil }
        return number
    }

    /// Milliseconds since 1970.
    func time(_ key: StaticString) -> Timestamp? { whole(key).map { Timestamp(milliseconds: Int64($0)) } }

    func texts(_ key: StaticString) -> [String] {
        guard let list = self[key] else { return [] }
        return list.elements.compactMap(\.string)
    }

    func session(_ key: StaticString) -> SessionID? { word(key).map { SessionID($0) } }
    func message(_ key: StaticString) -> MessageID? { word(key).map { MessageID($0) } }
    func part(_ key: StaticString) -> PartID? { word(key).map { PartID($0) } }
    func request(_ key: StaticString) -> RequestID? { word(key).map { RequestID($0) } }
}
