/// docs/drover.1, from the table of verbs.
package enum ManPage {
    package static func text() -> String {
        var page = """
            .\\" Written from the table of commands by `make docs`; edit Sources/CommandLine.
            .TH DROVER 1 "" "drover" "User commands"
            .SH NAME
            drover \\- drive herds of coding agents
            .SH SYNOPSIS
            .B drover
            .RB [ \\-p
            .IR DIR ]
            .br
            .B drover
            .I command
            .RI [ argument ...]
            .SH DESCRIPTION
            Without a command drover opens its dashboard: every OpenCode agent of every project in three columns, to steer and to answer.
            Agents run in servers that a background process, the daemon, starts by need and keeps when the screen is closed.
            The commands below do from the shell and from scripts what the dashboard does.
            Agents, requests, projects and places are named by their ids or by the beginnings of them.
            .SH COMMANDS

            """
        for (title, verbs) in VerbTable.groups {
            page += ".SS \(escape(title))\n"
            for verb in verbs { page += entry(verb) }
        }
        page += ".SH EXIT STATUS\n"
        for (code, meaning) in ExitCode.table { page += ".TP\n.B \(code)\n\(escape(meaning))\n" }
        page += files
        return page
    }

    private static func entry(_ verb: Verb) -> String {
        var text = ".TP\n.B \(escape(verb.usage))\n\(escape(verb.summary)).\n"
        for detail in verb.details { text += ".IP\n" + detail.split(separator: "\n").map { escape(String($0)) }.joined(separator: "\n.br\n") + "\n" }
        for option in verb.options { text += ".RS\n.TP\n.B \(escape(Help.name(of: option).trimmed))\n\(escape(option.help)).\n.RE\n" }
        if !verb.examples.isEmpty { text += ".IP\n.nf\n" + verb.examples.map { escape($0) + "\n" }.joined() + ".fi\n" }
        return text
    }

    /// Backslashes, dashes that must stay dashes, and lines that begin like a request.
    private static func escape(_ text: String) -> String {
        let text = text.replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("…", with: "...")
        return text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" + text : text
    }

    private static let files = """
        .SH FILES
        .TP
        .I $XDG_CONFIG_HOME/drover/config.jsonc
        Configuration: JSON with comments. A project may have a .drover/config.jsonc of its own.
        .TP
        .I $XDG_STATE_HOME/drover/
        Database, server records, logs.
        .TP
        .I $XDG_DATA_HOME/drover/worktrees/
        Worktrees of agents.
        .TP
        .I $XDG_RUNTIME_DIR/drover/daemon.sock
        Where the daemon listens.
        .SH ENVIRONMENT
        .TP
        .B DROVER_OPENCODE
        The opencode program, unless the configuration names one; else the one on PATH.
        .TP
        .B NO_COLOR
        When set, nothing is coloured.
        .SH SEE ALSO
        .BR git (1),
        .BR tmux (1)

        """
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
