import JSON

/// One permission rule: for a tool's permission name, for a pattern, what is done.
struct FakeRule: Equatable {
    var permission: String
    var pattern: String
    var action: String

    init(_ permission: String, _ pattern: String, _ action: String) {
        self.permission = permission
        self.pattern = pattern
        self.action = action
    }

    init?(_ tree: JSONTree) {
        guard let permission = tree["permission"]?.string, let pattern = tree["pattern"]?.string, let action = tree["action"]?.string,
            ["allow", "ask", "deny"].contains(action)
        else { return nil }
        self.init(permission, pattern, action)
    }

    var json: JSONTree { ["permission": .string(permission), "pattern": .string(pattern), "action": .string(action)] }

    /// The rules of a configuration's `permission`: an action for everything, an action a name, or actions by pattern.
    static func rules(ofConfig tree: JSONTree?) -> [FakeRule] {
        if let action = tree?.string { return [FakeRule("*", "*", action)] }
        return (tree?.object?.members ?? []).flatMap { member in
            if let action = member.value.string { return [FakeRule(member.key, "*", action)] }
            return (member.value.object?.members ?? []).compactMap { pattern in
                pattern.value.string.map { FakeRule(member.key, pattern.key, $0) }
            }
        }
    }

    /// What the last rule that fits says; nothing fits: "allow".
    static func action(_ permission: String, _ pattern: String, _ rules: [FakeRule]) -> String {
        rules.last { matches($0.permission, permission) && matches($0.pattern, pattern) }?.action ?? "allow"
    }

    /// `*` stands for anything; `git *` also fits `git`.
    static func matches(_ pattern: String, _ text: String) -> Bool {
        if pattern.hasSuffix(" *"), text == pattern.dropLast(2) { return true }
        return glob(Array(pattern.utf8)[...], Array(text.utf8)[...])
    }

    private static func glob(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var pattern = pattern, text = text
        while let first = pattern.first {
            if first == UInt8(ascii: "*") {
                let rest = pattern.dropFirst()
                if rest.isEmpty { return true }
                return text.indices.contains { glob(rest, text[$0...]) }
            }
            guard text.first == first else { return false }
            pattern = pattern.dropFirst()
            text = text.dropFirst()
        }
        return text.isEmpty
    }

    /// The commands in a line of shell, cut at the usual operators (quotes are not understood).
    static func commands(in line: String) -> [String] {
        var commands: [String] = [""]
        for character in line {
            if "|&;\n".contains(character) { commands.append("") } else { commands[commands.count - 1].append(character) }
        }
        return commands.map(trimmed).filter { !$0.isEmpty }
    }

    /// What "always" would allow for a command: its program, with the sub-command where that says more.
    static func always(_ command: String) -> String {
        let words = command.split(separator: " ").map(String.init)
        guard let program = words.first else { return "*" }
        let haveSubcommands = ["git", "npm", "pnpm", "yarn", "docker", "cargo", "go", "swift", "kubectl", "pip", "make", "brew", "apt", "terraform"]
        var count = haveSubcommands.contains(program) ? 2 : 1
        if words.count > 2, ["npm", "pnpm", "yarn"].contains(program), words[1] == "run" { count = 3 }
        return words.prefix(count).joined(separator: " ") + " *"
    }

    static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars.drop { $0.isSpace }
        guard let end = scalars.lastIndex(where: { !$0.isSpace }) else { return "" }
        return String(scalars[...end])
    }
}
