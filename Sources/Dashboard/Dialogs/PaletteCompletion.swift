import Domain
import Query

/// What the words of the palette take: completed letter by letter, as a shell would.
private enum PaletteArgument {
    case query, agent, project, view, prompt, words([String])
}

extension Dashboard {
    private static let paletteVerbs: [(verb: String, arguments: [PaletteArgument])] = [
        ("new", [.project, .prompt]), ("send", [.agent, .prompt]), ("rename", [.agent, .prompt]), ("attach", [.agent]), ("diff", [.agent]), ("why", [.agent]),
        ("show", [.agent]), ("stop", [.query]), ("resume", [.query]), ("retry", [.query]), ("archive", [.query]), ("unarchive", [.query]), ("rm", [.query]),
        ("mark", [.query]), ("filter", [.query]), ("feed", [.query]), ("view", [.view]), ("answer", [.words(["once", "always", "reject"])]),
        ("project", [.words(["add", "wake", "trust", "rm"]), .project]), ("undo", []),
    ]

    /// How the last word of the palette's line can go on; empty when nothing is known or it stands alone as a search.
    func paletteCompletions(_ text: String) -> [String] {
        guard let space = text.firstIndex(of: " "), let known = Self.paletteVerbs.first(where: { $0.verb == text[..<space].lowercased() }) else { return [] }
        let rest = text[text.index(after: space)...]
        let words = rest.split(separator: " ", omittingEmptySubsequences: false)
        let last = String(words.last ?? "")
        // A query goes on to the end of the line, and so does a prompt.
        let place = words.count - 1
        guard let argument = known.arguments.count > place ? known.arguments[place] : known.arguments.last else { return [] }
        switch argument {
        case .query: return Query.completions(of: String(rest), in: model.herd, views: views.map(\.name))
        case .agent: return place == 0 ? completing(last, listing.rows.map(\.raw)) : []
        case .project: return completing(last, listing.sides.map(\.name))
        case .view: return completing(last, views.map(\.name))
        case .words(let all): return completing(last, all)
        case .prompt: return []
        }
    }

    private func completing(_ begun: String, _ all: [String]) -> [String] {
        all.filter { $0.lowercased().hasPrefix(begun.lowercased()) && $0 != begun }
    }

    /// The line with its last word as the first completion has it; nil: there is none.
    func completed(_ text: String) -> String? {
        guard let first = paletteCompletions(text).first else { return nil }
        var kept = text[...]
        while let last = kept.last, !" :,-(".contains(last) { kept.removeLast() }
        return kept + first
    }

    // MARK: What was used last

    /// Commands and lines that were used last stand first before anything is typed.
    func recentEntries(_ commands: [PaletteEntry]) -> [PaletteEntry] {
        let recent = ui.recent.compactMap { line in commands.first { $0.title == line } ?? wordsEntry(line) }
        return recent + commands.filter { entry in !recent.contains { $0.title == entry.title } }
    }

    mutating func remember(_ entry: PaletteEntry, typed: String) {
        // A line of words is remembered as it was typed: what it means may be another thing by then.
        let line = wordsEntry(typed) == entry ? typed : entry.title
        guard Command.table.contains(where: { $0.help == line }) || line == typed else { return }
        ui.recent = Array(([line] + ui.recent.filter { $0 != line }).prefix(6))
    }
}
