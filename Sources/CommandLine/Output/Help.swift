/// The help for people, from the table of verbs.
enum Help {
    private static let intro = """
        drover drives herds of coding agents: it shows every OpenCode agent of every project, and lets you steer and answer them. It keeps running when you
        close the screen.
        """

    static func overview(_ style: Style) -> String {
        let width = 14
        var text = "usage: drover [-p DIR]              open the dashboard\n       drover COMMAND [ARGUMENT…]   `drover COMMAND --help` explains one\n\n"
        text += wrapped(intro.replacing("\n", with: " "), style) + "\n"
        for (title, verbs) in VerbTable.groups {
            text += "\n" + style.paint(title, .bold) + "\n"
            for verb in verbs { text += "  " + Cells.pad(verb.name, to: width) + "  " + verb.summary + "\n" }
        }
        text += "\n" + style.paint("Exit codes", .bold) + "\n"
        for (code, meaning) in ExitCode.table { text += "  \(code)  \(meaning)\n" }
        return text + "\nAgents and requests are named by their ids or by the beginnings of them. Most commands take --json.\n"
    }

    static func group(_ name: String, _ verbs: [Verb], _ style: Style) -> String {
        var text = ""
        for verb in verbs { text += (text.isEmpty ? "usage: " : "       ") + verb.usage + "\n" }
        text += "\n"
        for verb in verbs { text += "  " + Cells.pad(verb.name, to: 14) + "  " + verb.summary + "\n" }
        return text
    }

    static func verb(_ verb: Verb, _ style: Style) -> String {
        var text = wrapped(verb.usage, style, first: "usage: ", indent: "         ") + "\n\n" + verb.summary + ".\n"
        for detail in verb.details { text += "\n" + wrapped(detail, style) + "\n" }
        if !verb.passesArguments { text += "\n" + style.paint("Options", .bold) + "\n" + options(verb) }
        if !verb.examples.isEmpty { text += "\n" + style.paint("Examples", .bold) + "\n" + verb.examples.map { "  \($0)\n" }.joined() }
        return text
    }

    private static func options(_ verb: Verb) -> String {
        let names = verb.allOptions.map { name(of: $0) }
        let width = names.map { Cells.width(of: $0) }.max() ?? 0
        return zip(verb.allOptions, names).map { option, name in "  " + Cells.pad(name, to: width) + "  " + option.help + "\n" }.joined()
    }

    /// "-p, --project DIR"
    static func name(of option: Option) -> String {
        (option.short.map { "-\($0), " } ?? "    ") + "--" + option.long + (option.value.map { " " + $0 } ?? "")
    }

    /// Lines of the terminal's width, at most 100 cells; lines that begin with a space stay as they are.
    static func wrapped(_ text: String, _ style: Style, first: String = "", indent: String = "") -> String {
        let limit = style.columns > 0 ? max(40, min(100, style.columns)) : 80
        var lines: [String] = []
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard !paragraph.hasPrefix(" ") else {
                lines.append(String(paragraph))
                continue
            }
            var line = lines.isEmpty ? first : indent, isFresh = true
            for word in paragraph.split(separator: " ") {
                if !isFresh, Cells.width(of: line) + 1 + Cells.width(of: String(word)) > limit {
                    lines.append(line)
                    line = indent
                    isFresh = true
                }
                line += (isFresh ? "" : " ") + word
                isFresh = false
            }
            lines.append(line)
        }
        return lines.joined(separator: "\n")
    }
}
