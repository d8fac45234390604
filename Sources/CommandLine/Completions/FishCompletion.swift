enum FishCompletion {
    static func script() -> String {
        let first = CompletionScripts.firstWords
        var text = """
            # Completion of drover for fish, written by `drover completions fish`.
            complete -c drover -f
            function __drover_at
                # True behind the words of one command.
                set -l words (commandline -opc)
                set -e words[1]
                test (count $words) -ge (count $argv); or return 1
                for place in (seq (count $argv))
                    test "$words[$place]" = "$argv[$place]"; or return 1
                end
            end
            function __drover_count
                test (count (commandline -opc)) -eq $argv[1]
            end

            """
        for (word, summary) in first { text += "complete -c drover -n '__drover_count 1' -a \(word) -d \(quoted(summary))\n" }
        for group in CompletionScripts.groupNames {
            for verb in VerbTable.visible where verb.words.first == group {
                text += "complete -c drover -n '__drover_at \(group); and __drover_count 2' -a \(verb.words[1]) -d \(quoted(verb.summary))\n"
            }
        }
        for verb in VerbTable.visible {
            let at = "__drover_at \(verb.words.joined(separator: " "))"
            for option in verb.allOptions {
                let short = option.short.map { " -s \($0)" } ?? ""
                let value = option.value == nil ? "" : " -x" + action(option.completion)
                text += "complete -c drover -n '\(at)' -l \(option.long)\(short) -d \(quoted(option.help))\(value)\n"
            }
            let arguments = action(verb.completion)
            if !arguments.isEmpty { text += "complete -c drover -n '\(at)'\(arguments)\n" }
        }
        return text
    }

    private static func action(_ completion: Completion) -> String {
        if let kind = CompletionScripts.kind(completion) { return " -a '(drover __candidates \(kind) 2>/dev/null)'" }
        return switch completion {
        case .words(let words): " -a '\(words.joined(separator: " "))'"
        case .directories: " -a '(__fish_complete_directories)'"
        case .files: " -F"
        default: ""
        }
    }

    private static func quoted(_ text: String) -> String { "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'" }
}
