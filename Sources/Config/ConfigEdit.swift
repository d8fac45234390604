package import JSON

/// Changes one value in the text of a configuration and leaves everything else as the person wrote it: order, comments, blanks.
package enum ConfigEdit {
    /// - Parameters:
    ///   - name: of a setting, or of an entry of one that is a map ("keys.agent.stop").
    ///   - text: what the file holds; it may be empty.
    /// - Throws: the text is no JSON (with comments), or no object.
    package static func set(_ name: String, to value: JSONTree, in text: [UInt8]) throws(JSONError) -> [UInt8] {
        let plain = JSONC.plain(text), written = value.serialized()
        guard plain.contains(where: { !$0.isBlank }) else {
            return text + Array("{\n  ".utf8) + JSONTree.string(name).serialized() + Array(": ".utf8) + written + Array("\n}\n".utf8)
        }
        let positions = try check(plain)
        if let found = positions.member(named: name) { return Array(text[..<found.value.lowerBound]) + written + text[found.value.upperBound...] }
        // Into the object that holds the others of its map, if there is one; else by its whole name at the top.
        let map = Setting.table.first { $0.isMap && name.hasPrefix($0.name + ".") }?.name
        if let map, let object = positions.member(named: map), plain[object.value.lowerBound] == UInt8(ascii: "{") {
            return insert(String(name.dropFirst(map.count + 1)), written, behind: object.value.lowerBound, text, plain)
        }
        guard let top = plain.firstIndex(of: UInt8(ascii: "{")) else { return text }
        guard let map else { return insert(name, written, behind: top, text, plain) }
        let entry = JSONTree.object(JSONObject([.init(key: String(name.dropFirst(map.count + 1)), value: value)]))
        return insert(map, entry.serialized(), behind: top, text, plain)
    }

    /// The value that is written down for it; nil: none.
    package static func value(of name: String, in text: [UInt8]) throws(JSONError) -> JSONTree? {
        let plain = JSONC.plain(text)
        guard plain.contains(where: { !$0.isBlank }) else { return nil }
        guard let found = try check(plain).member(named: name) else { return nil }
        return try JSONTree(parsing: Array(plain[found.value]))
    }

    private static func check(_ plain: [UInt8]) throws(JSONError) -> KeyPositions {
        _ = try JSONTree(parsing: plain)
        return KeyPositions(plain)
    }

    /// As the first member of an object, where a comma is right whatever follows.
    private static func insert(_ key: String, _ value: [UInt8], behind brace: Int, _ text: [UInt8], _ plain: [UInt8]) -> [UInt8] {
        let isEmpty = plain[(brace + 1)...].first { !$0.isBlank } == UInt8(ascii: "}")
        let lineStart = text[..<brace].lastIndex(of: 10).map { $0 + 1 } ?? 0
        let indent = text[lineStart...].prefix { $0 == 0x20 || $0 == 9 } + [0x20, 0x20]
        var out = Array(text[...brace]) + [10] + indent + JSONTree.string(key).serialized() + [UInt8(ascii: ":"), 0x20] + value
        if !isEmpty { out.append(UInt8(ascii: ",")) }
        let rest = text[(brace + 1)...]
        if rest.first(where: { $0 != 0x20 && $0 != 9 }) != 10 { out += isEmpty ? [10] + indent.dropLast(2) : [10] + indent }
        return out + (rest.first == 10 ? rest : rest.drop { $0 == 0x20 || $0 == 9 })
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { [0x20, 0x09, 0x0A, 0x0D].contains(self) }
}

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
