import Domain
import Wire

extension Verb {
    static let completions = Verb(
        "completions", "bash|zsh|fish", count: 1...1, "Print the completion script of a shell",
        examples: ["source <(drover completions bash)", "drover completions fish > ~/.config/fish/completions/drover.fish"],
        completes: .words(["bash", "zsh", "fish"]), run: CompletionScripts.print)

    /// What the completion scripts ask: "id<TAB>title" lines. Never starts a daemon: pressing Tab must not.
    static let candidates = Verb("__candidates", "KIND", count: 1...1, "For completion scripts", run: CompletionScripts.candidates)
}

package enum CompletionScripts {
    static func print(_ run: Run) throws(Refusal) -> Int32 {
        let shell = run.arguments.positionals[0]
        guard let script = script(for: shell) else { throw Refusal(.usage, "there are no completions for \"\(shell)\"", remedy: "there are: bash, zsh, fish") }
        try run.put(Array(script.utf8))
        return ExitCode.fine
    }

    package static func script(for shell: String) -> String? {
        switch shell {
        case "bash": BashCompletion.script()
        case "zsh": ZshCompletion.script()
        case "fish": FishCompletion.script()
        default: nil
        }
    }

    static func candidates(_ run: Run) throws(Refusal) -> Int32 {
        guard let herd = try? run.daemon(starting: false).herd() else { return ExitCode.fine }
        let lines: [(String, String)] =
            switch run.arguments.positionals[0] {
            case "agents": herd.agents.values.filter { !$0.archived }.map { ($0.id.raw, $0.title) }
            case "requests": herd.requests.values.map { ($0.id.raw, $0.title) }
            case "projects": herd.projects.values.map { ($0.id.raw, $0.path) }
            case "places": herd.places.values.map { ($0.id.raw, $0.directory) }
            default: []
            }
        for (id, title) in lines.sorted(by: { $0.0 < $1.0 }) { try run.print("\(id)\t\(Visible.line(Cells.cut(title, to: 60)))") }
        return ExitCode.fine
    }

    /// First words, each once, with a summary: groups are summed up by their verbs.
    static var firstWords: [(word: String, summary: String)] {
        var found: [(String, String)] = []
        for verb in VerbTable.visible where !found.contains(where: { $0.0 == verb.words[0] }) {
            let group = VerbTable.visible.filter { $0.words[0] == verb.words[0] }
            found.append((verb.words[0], group.count > 1 ? group.map { $0.words[1] }.joined(separator: ", ") : verb.summary))
        }
        return found
    }

    static var groupNames: [String] { firstWords.map(\.word).filter { name in VerbTable.visible.contains { $0.words.count == 2 && $0.words[0] == name } } }

    /// Of a completion that the daemon answers.
    static func kind(_ completion: Completion) -> String? {
        switch completion {
        case .agents: "agents"
        case .requests: "requests"
        case .projects: "projects"
        case .places: "places"
        case .nothing, .files, .directories, .words: nil
        }
    }
}
