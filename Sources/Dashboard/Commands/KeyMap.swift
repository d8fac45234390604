package import Screen

/// Which keys mean which command: those of the table, with the person's own in their place.
package final class KeyMap: Sendable, Equatable {
    package static let standard = KeyMap([:])

    /// By the command's place in the table.
    private let keys: [[Key]]
    private let commands: [Command.Contexts: [Key: Int]]
    /// What of the wishes could not be fulfilled, or took a key from another command: sentences for a person.
    package let problems: [String]

    /// - Parameter wishes: command → its keys, apart by spaces, in place of those of the table; none: it has no key. As in the setting `keys`.
    package init(_ wishes: [String: String]) {
        var maker = KeyMapMaker()
        for (name, notation) in wishes.sorted(by: { $0.key < $1.key }) { maker.wish(name, notation) }
        maker.settle()
        keys = maker.keys
        commands = maker.commands
        problems = maker.problems
    }

    package static func == (one: KeyMap, other: KeyMap) -> Bool { one === other || one.keys == other.keys }

    package func command(for key: Key, in context: Command.Contexts) -> Command? { commands[context]?[key].map { Command.table[$0] } }

    /// The first is the one that is shown.
    package func keys(of command: Command) -> [Key] { Command.place(of: command.name).map { keys[$0] } ?? [] }

    /// The key as a person reads it: `⏎`, `esc`, `ctrl-k`; empty without one.
    package func label(of command: Command, ascii: Bool = false) -> String { keys(of: command).first.map { keyName($0, ascii: ascii) } ?? "" }
}

/// The person's keys over those of the table. A key that the person gave means that command alone; where two were given the same, the first in
/// the alphabet has it.
private struct KeyMapMaker {
    var keys = Command.table.map(\.keys)
    var commands: [Command.Contexts: [Key: Int]] = [:]
    var problems: [String] = []
    private var wished: [Int] = []

    mutating func wish(_ name: String, _ notation: String) {
        guard let index = Command.place(of: name) else {
            problems.append("keys: there is no command \"\(name)\"; `?` in the dashboard and docs/keys.md name them all")
            return
        }
        let command = Command.table[index]
        var wanted: [Key] = []
        for word in notation.split(separator: " ") {
            guard let key = Key(String(word)) else {
                problems.append("keys: \"\(word)\" for \(name) is no key; write j, <enter>, <c-k>, <a-x>, <s-tab> or <f5>")
                continue
            }
            if let place = Self.typingPlace(of: command), key.isText {
                problems.append("keys: \"\(word)\" cannot mean \(name): it is typed in the \(place)")
                continue
            }
            wanted.append(key)
        }
        // With nothing left of what was wished the usual keys are better than none.
        guard !wanted.isEmpty || notation.allSatisfy({ $0 == " " }) else { return }
        keys[index] = wanted
        wished.append(index)
    }

    mutating func settle() {
        for index in wished { claim(index, isWish: true) }
        for index in keys.indices where !wished.contains(index) { claim(index, isWish: false) }
    }

    private mutating func claim(_ index: Int, isWish: Bool) {
        let command = Command.table[index], before = keys[index]
        keys[index] = []
        for key in before where !isTaken(key, from: command, index, isWish) { keys[index].append(key) }
        for place in command.places { for key in keys[index] { commands[place, default: [:]][key] = index } }
        if !isWish, keys[index].isEmpty, !before.isEmpty {
            problems.append(
                "keys: \(command.name) (\(command.help)) has no key any more: \(before.map { keyName($0) }.joined(separator: " ")) means something else")
        }
    }

    /// A person gave it to another command that can be meant in one of the same places.
    private mutating func isTaken(_ key: Key, from command: Command, _ index: Int, _ isWish: Bool) -> Bool {
        let owners = command.places.compactMap { commands[$0]?[key] }.filter { $0 != index && wished.contains($0) }
        guard let owner = owners.first else { return false }
        if isWish { problems.append("keys: \(keyName(key)) is given to \(Command.table[owner].name) and to \(command.name); the first has it") }
        return true
    }

    private static func typingPlace(of command: Command) -> String? {
        Command.Contexts.all.first { [.composer, .completing, .filter, .find, .shell].contains($0.0) && command.contexts.contains($0.0) }?.1
    }
}

extension Dashboard {
    /// A command's key, for a sentence.
    func key(_ command: String) -> String { Command.named(command).map { keyMap.label(of: $0) } ?? "" }
}

extension Command {
    /// The contexts, one by one.
    var places: [Contexts] { Contexts.all.map(\.0).filter(contexts.contains) }
}

extension Key {
    /// It stands for a letter where a person types.
    fileprivate var isText: Bool {
        guard case .char = code else { return false }
        return modifiers.subtracting(.shift).isEmpty
    }
}
