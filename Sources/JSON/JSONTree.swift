/// JSON that owns its content: for configurations, tests and whatever outlives the parser's next document.
/// Slower than `JSONValue`; not for the event stream.
package indirect enum JSONTree: Equatable, Sendable {
    case null
    case bool(Bool)
    case int(Int)
    /// A number that no `Int` holds.
    case number(Double)
    case string(String)
    case array([JSONTree])
    case object(JSONObject)

    package init(_ value: JSONValue) {
        switch value.kind {
        case .null: self = .null
        case .bool: self = .bool(value.bool ?? false)
        case .number:
            if let int = value.int { self = .int(int) } else { self = .number(value.double ?? 0) }
        case .string: self = .string(value.string ?? "")
        case .array: self = .array(value.elements.map { JSONTree($0) })
        case .object: self = .object(JSONObject(value.members.map { JSONObject.Member(key: $0.key, value: JSONTree($0.value)) }))
        }
    }

    /// Parses with a parser of its own.
    package init(parsing text: String) throws(JSONError) { self.init(try JSONParser().parse(text)) }
    package init(parsing bytes: [UInt8]) throws(JSONError) { self.init(try JSONParser().parse(bytes)) }

    package subscript(key: String) -> JSONTree? { if case .object(let object) = self { object[key] } else { nil } }
    package var string: String? { if case .string(let text) = self { text } else { nil } }
    package var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }
    package var int: Int? { if case .int(let number) = self { number } else { nil } }
    package var double: Double? {
        switch self {
        case .int(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
    package var array: [JSONTree]? { if case .array(let elements) = self { elements } else { nil } }
    package var object: JSONObject? { if case .object(let object) = self { object } else { nil } }
    package var isNull: Bool { self == .null }

    package func serialized(pretty: Bool = false) -> [UInt8] {
        var writer = JSONWriter(pretty: pretty)
        writer.value(self)
        return writer.bytes
    }
}

/// Members in the order they were written. Equal only in the same order.
package struct JSONObject: Equatable, Sendable {
    package struct Member: Equatable, Sendable {
        package var key: String
        package var value: JSONTree
        package init(key: String, value: JSONTree) {
            self.key = key
            self.value = value
        }
    }

    package var members: [Member]
    package init(_ members: [Member] = []) { self.members = members }

    package var keys: [String] { members.map(\.key) }

    /// The first member of that name. Setting keeps its place or adds it at the end; nil removes all of that name.
    package subscript(key: String) -> JSONTree? {
        get { members.first { $0.key == key }?.value }
        set {
            guard let newValue else { return members.removeAll { $0.key == key } }
            if let at = members.firstIndex(where: { $0.key == key }) {
                members[at].value = newValue
            } else {
                members.append(Member(key: key, value: newValue))
            }
        }
    }
}

extension JSONTree: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(arrayLiteral elements: JSONTree...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONTree)...) {
        self = .object(JSONObject(elements.map { JSONObject.Member(key: $0.0, value: $0.1) }))
    }
    package init(nilLiteral: ()) { self = .null }
}
