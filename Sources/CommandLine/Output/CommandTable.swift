/// The table of commands in the README, from the table of verbs.
package enum CommandTable {
    package static func markdown() -> String {
        var text = "| command | what |\n|---|---|\n| `drover` | Open the dashboard |\n"
        for verb in VerbTable.visible {
            let usage = (["drover"] + verb.words + [verb.arguments]).filter { !$0.isEmpty }.joined(separator: " ").replacing("|", with: "\\|")
            text += "| `\(usage)` | \(verb.summary.replacing("|", with: "\\|")) |\n"
        }
        return text
    }
}
