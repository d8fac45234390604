extension Key {
    private static let names: [(String, Code)] = [
        ("enter", .enter), ("tab", .tab), ("esc", .escape), ("backspace", .backspace), ("delete", .delete), ("insert", .insert),
        ("up", .up), ("down", .down), ("left", .left), ("right", .right), ("home", .home), ("end", .end),
        ("pageup", .pageUp), ("pagedown", .pageDown), ("space", .char(" ")), ("lt", .char("<")), ("gt", .char(">")),
        ("menu", .menu), ("pause", .pause), ("print", .printScreen),
    ]
    private static let otherNames: [(String, Code)] = [
        ("return", .enter), ("cr", .enter), ("escape", .escape), ("bs", .backspace), ("del", .delete), ("ins", .insert),
        ("pgup", .pageUp), ("pgdn", .pageDown), ("bar", .char("|")),
    ]

    /// One key: `j`, `<enter>`, `<c-k>`, `<a-x>`, `<s-tab>`, `<f5>`. `description` writes it.
    package init?(_ notation: String) {
        guard let keys = Key.parse(notation), keys.count == 1 else { return nil }
        self = keys[0]
    }

    /// A sequence: `"jj<enter>"`; nil if a `<…>` is unknown. A `<` that no `>` follows stands for itself.
    package static func parse(_ notation: String) -> [Key]? {
        var keys: [Key] = []
        var rest = notation.unicodeScalars[...]
        while let first = rest.popFirst() {
            if first == "<", let end = rest.firstIndex(of: ">"), end != rest.startIndex {
                guard let key = named(String(rest[..<end])) else { return nil }
                keys.append(key)
                rest = rest[rest.index(after: end)...]
            } else {
                keys.append(.char(first))
            }
        }
        return keys
    }

    private static func named(_ name: String) -> Key? {
        var modifiers: Modifiers = []
        var rest = name[...]
        while rest.utf8.count > 2, rest.dropFirst().first == "-" {
            switch rest.first {
            case "c", "C": modifiers.insert(.ctrl)
            case "a", "A", "m", "M": modifiers.insert(.alt)
            case "s", "S": modifiers.insert(.shift)
            case "d", "D": modifiers.insert(.superKey)
            default: return nil
            }
            rest = rest.dropFirst(2)
        }
        let scalars = rest.unicodeScalars
        if scalars.count == 1, let scalar = scalars.first {
            return modifiers.isEmpty ? nil : Key(.char(scalar), modifiers)
        }
        let lower = rest.lowercased()
        if let code = (names + otherNames).first(where: { $0.0 == lower })?.1 { return Key(code, modifiers) }
        if lower.first == "f", let number = Int(lower.dropFirst()), (1...35).contains(number) { return Key(.function(number), modifiers) }
        return nil
    }
}

extension Key: CustomStringConvertible {
    package var description: String {
        var prefix = ""
        if modifiers.contains(.superKey) { prefix += "d-" }
        if modifiers.contains(.ctrl) { prefix += "c-" }
        if modifiers.contains(.alt) { prefix += "a-" }
        if modifiers.contains(.shift) { prefix += "s-" }
        switch code {
        case .function(let number): return "<\(prefix)f\(number)>"
        case .char(let scalar) where scalar != " " && scalar != "<":
            return prefix.isEmpty ? String(scalar) : "<\(prefix)\(scalar)>"
        default:
            let name = Key.names.first { $0.1 == code }?.0 ?? "?"
            return "<\(prefix)\(name)>"
        }
    }
}
