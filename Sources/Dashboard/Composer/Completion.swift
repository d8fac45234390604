import Domain
import Query

/// What can be taken into a prompt where its cursor is: files and OpenCode's agents behind an `@`, commands behind a `/` at the beginning.
package struct Completion: Equatable, Sendable {
    enum Kind: Equatable { case mention, command }
    struct Entry: Equatable {
        enum Kind { case file, directory, agent, command }
        var kind: Kind
        var name: String
        var words = ""
    }

    var place: PromptPlace
    var kind: Kind
    /// The characters that are replaced.
    var range: Range<Int>
    /// What was typed of the name.
    var letters: String
    var entries: [Entry] = []
    var selected = 0

    /// What was typed is a name already.
    var isWhole: Bool { entries.indices.contains(selected) && entries[selected].name == letters }

    /// The beginning of a name at the cursor; nil: none is being written there.
    init?(_ editor: TextEditor, in place: PromptPlace) {
        let text = editor.characters, cursor = editor.cursor
        let end = text[cursor...].firstIndex { $0.isWhitespace } ?? text.count
        if text.first == "/", cursor > 0, !text[..<cursor].contains(where: \.isWhitespace) {
            self.init(place: place, kind: .command, range: 0..<end, letters: String(text[1..<cursor]))
            return
        }
        var index = cursor - 1, hasSpace = false
        while index >= 0, cursor - index < 300, !text[index].isNewline {
            if text[index] == "@", index == 0 || text[index - 1].isWhitespace || text[index - 1] == "(" || text[index - 1] == "[" {
                let isQuoted = index + 1 < cursor && text[index + 1] == "\""
                let letters = text[(index + (isQuoted ? 2 : 1))..<cursor]
                guard isQuoted ? !letters.contains("\"") : !hasSpace else { return nil }
                self.init(place: place, kind: .mention, range: index..<(isQuoted ? cursor : end), letters: String(letters))
                return
            }
            if text[index].isWhitespace { hasSpace = true }
            index -= 1
        }
        return nil
    }

    private init(place: PromptPlace, kind: Kind, range: Range<Int>, letters: String) {
        self.place = place
        self.kind = kind
        self.range = range
        self.letters = letters
    }

    /// What stands in the text when an entry was taken.
    func written(_ entry: Entry, before next: Character?) -> String {
        switch entry.kind {
        case .command: "/" + entry.name + (next == nil ? " " : "")
        // More is written behind a directory; its `/` ends it well enough.
        case .directory: PromptText.mentioning(entry.name)
        case .file, .agent: PromptText.mentioning(entry.name) + (next?.isWhitespace == true ? "" : " ")
        }
    }

    /// Those that match, the best first.
    static func matching(_ letters: String, _ entries: [Entry]) -> [Entry] {
        guard !letters.isEmpty else { return entries }
        return entries.enumerated().compactMap { place, entry in fuzzyMatch(letters, in: entry.name).map { (entry, $0.score, place) } }
            .sorted { ($1.1, $0.2) < ($0.1, $1.2) }.map(\.0)
    }
}

/// What was told of the places that prompts are written for.
package struct Lore: Equatable, Sendable {
    struct Offers: Equatable {
        var commands: [CommandInfo]
        var agents: [String]
    }
    struct Found: Equatable {
        var place: PromptPlace
        var letters: String
        var names: [String]
    }
    /// Text that was pasted and may be the paths of images: a terminal writes them when files are dropped on it.
    struct Drop: Equatable {
        var place: PromptPlace
        var text: String
        var paths: [String]
    }

    var offers: [PromptPlace: Offers] = [:]
    /// The last answer about files.
    var found: Found?
    /// What names are; nil: no file.
    var facts: [PromptPlace: [String: FileFact?]] = [:]
    var drops: [Drop] = []

    func fact(_ name: String, _ place: PromptPlace) -> FileFact? { facts[place]?[name] ?? nil }
}
