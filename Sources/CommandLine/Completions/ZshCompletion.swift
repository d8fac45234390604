enum ZshCompletion {
    static func script() -> String {
        var text = """
            #compdef drover
            # Completion of drover for zsh, written by `drover completions zsh`.
            _drover_ids() {
                local -a found
                local id title
                drover __candidates $1 2>/dev/null | while IFS=$'\\t' read -r id title; do found+=("${id//:/\\\\:}:$title"); done
                _describe -t $1 $1 found
            }
            _drover() {
                local -a commands
                if (( CURRENT == 2 )); then
                    commands=(

            """
        for (word, summary) in CompletionScripts.firstWords { text += "            \(quoted("\(word):\(summary)"))\n" }
        text += """
                    )
                    _describe -t commands command commands
                    return
                fi
                local verb=$words[2]
                shift words
                (( CURRENT-- ))
                case $verb in

            """
        for group in CompletionScripts.groupNames {
            text += "        \(group))\n            if (( CURRENT == 2 )); then\n                commands=("
            text += VerbTable.visible.filter { $0.words.first == group }.map { quoted("\($0.words[1]):\($0.summary)") }.joined(separator: " ")
            text += ")\n                _describe -t commands command commands\n                return\n            fi\n"
            text += "            verb=\"$verb $words[2]\"\n            shift words\n            (( CURRENT-- )) ;;\n"
        }
        text += "    esac\n    case $verb in\n"
        for verb in VerbTable.visible { text += entry(verb) }
        return text + "    esac\n}\nif [ \"$funcstack[1]\" = _drover ]; then _drover \"$@\"; else compdef _drover drover; fi\n"
    }

    private static func entry(_ verb: Verb) -> String {
        var rows = verb.allOptions.flatMap { option in
            (["--" + option.long] + (option.short.map { ["-\($0)"] } ?? [])).map { name in
                quoted("*\(name)[\(bracketed(option.help))]" + (option.value.map { ":\(bracketed($0)):\(action(option.completion))" } ?? ""))
            }
        }
        if verb.count.upperBound > 0 { rows.append(quoted("*:\(bracketed(verb.arguments)):\(action(verb.completion))")) }
        return "        '\(verb.name)')\n            _arguments -S \\\n                " + rows.joined(separator: " \\\n                ") + " ;;\n"
    }

    private static func action(_ completion: Completion) -> String {
        // A blank in front: otherwise _arguments puts options of its own behind the first word.
        if let kind = CompletionScripts.kind(completion) { return " _drover_ids \(kind)" }
        return switch completion {
        case .words(let words): "(\(words.joined(separator: " ")))"
        case .directories: "_files -/"
        case .files: "_files"
        default: " "
        }
    }

    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }
    private static func bracketed(_ text: String) -> String {
        text.replacing("[", with: "(").replacing("]", with: ")").replacing(":", with: " -").replacing("\n", with: " ")
    }
}
