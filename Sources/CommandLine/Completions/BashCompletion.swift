enum BashCompletion {
    static func script() -> String {
        let groups = CompletionScripts.groupNames.joined(separator: "|")
        var text = """
            # Completion of drover for bash, written by `drover completions bash`.
            _drover() {
                local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]-}
                COMPREPLY=()
                if [ "$COMP_CWORD" -eq 1 ]; then
                    COMPREPLY=($(compgen -W '\(CompletionScripts.firstWords.map(\.word).joined(separator: " ")) help --help --version' -- "$cur"))
                    return
                fi
                case $verb in
                    \(groups)) [ "$COMP_CWORD" -gt 2 ] && verb="$verb ${COMP_WORDS[2]}" ;;
                esac
                case "$verb" in

            """
        for group in CompletionScripts.groupNames {
            let words = VerbTable.visible.filter { $0.words.first == group && $0.words.count == 2 }.map { $0.words[1] }
            text += "        \(group)) COMPREPLY=($(compgen -W '\(words.joined(separator: " "))' -- \"$cur\")) ;;\n"
        }
        for verb in VerbTable.visible { text += entry(verb) }
        return text + """
                esac
            }
            complete -F _drover drover

            """
    }

    private static func entry(_ verb: Verb) -> String {
        var text = "        '\(verb.name)')\n"
        let valued = verb.allOptions.filter { $0.value != nil }
        if !valued.isEmpty {
            text += "            case $prev in\n"
            for option in valued {
                let names = ["--" + option.long] + (option.short.map { ["-\($0)"] } ?? [])
                text += "                \(names.joined(separator: "|"))) \(action(option.completion)) return ;;\n"
            }
            text += "            esac\n"
        }
        let options = verb.allOptions.map { "--" + $0.long }.joined(separator: " ")
        text += "            case $cur in\n                -*) COMPREPLY=($(compgen -W '\(options)' -- \"$cur\")) ;;\n"
        text += "                *) \(action(verb.completion)) ;;\n            esac ;;\n"
        return text
    }

    private static func action(_ completion: Completion) -> String {
        if let kind = CompletionScripts.kind(completion) {
            return "COMPREPLY=($(compgen -W \"$(drover __candidates \(kind) 2>/dev/null | cut -f1)\" -- \"$cur\"));"
        }
        return switch completion {
        case .words(let words): "COMPREPLY=($(compgen -W '\(words.joined(separator: " "))' -- \"$cur\"));"
        case .directories: "compopt -o filenames; COMPREPLY=($(compgen -d -- \"$cur\"));"
        case .files: "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$cur\"));"
        default: ":;"
        }
    }
}
