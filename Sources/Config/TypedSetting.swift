package import JSON

extension Setting {
    package var isMap: Bool { if case .map = shape { true } else { false } }

    /// The setting that a name is about: its own, or an entry of a map.
    package static func about(_ name: String) -> Setting? {
        table.first { $0.name == name } ?? table.first { $0.isMap && name.hasPrefix($0.name + ".") }
    }

    package static func nearest(to name: String) -> String? { Nearest.name(to: name, among: table.map(\.name)) }

    /// What a person typed, as a value for it: words need no quotation marks, lists may be written with commas.
    /// - Throws: what was expected.
    package func value(typed text: String, name: String) throws(ConfigValueError) -> JSONTree {
        if name != self.name { return .string(text) }
        let json = try? JSONTree(parsing: text)
        let value: JSONTree =
            switch shape {
            case .text, .choice, .branchPrefix: .string(text)
            case .flag, .number, .map: json ?? .string(text)
            case .command: json?.array != nil ? json ?? .null : .string(text)
            case .texts, .choices:
                json?.array != nil ? json ?? .null : .array(text.split(separator: ",").map { .string(String($0.filter { $0 != " " })) })
            }
        if let complaint = complaint(about: value) { throw ConfigValueError(message: complaint) }
        return value
    }

    /// What counts: the value that is written down if it fits, else the default.
    package func inForce(_ written: JSONTree?) -> JSONTree { written.flatMap { complaint(about: $0) == nil && !$0.isNull ? $0 : nil } ?? fallback }
}

package struct ConfigValueError: Error {
    package let message: String
}
