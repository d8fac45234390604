import Screen

extension Command {
    /// Every key of the dashboard. To add one, add a row.
    package static let table: [Command] = moving + agents + requests + view + terminals + text + program

    private static let moving = [
        Command("move.down", "j <down>", "move", "Next row, next item", .move, [.main, .queue, .feed], footer: 10, .move(1)),
        Command("move.up", "k <up>", "up", "Row before, item before", .move, [.main, .queue, .feed], .move(-1)),
        Command("move.pageDown", "<pagedown> <c-d>", "page", "A page down", .move, [.main, .queue, .feed], .page(1)),
        Command("move.pageUp", "<pageup> <c-u>", "page", "A page up", .move, [.main, .queue, .feed], .page(-1)),
        Command("move.top", "g <home>", "top", "The first row; the beginning", .move, [.main, .queue, .feed], .edge(-1)),
        Command("move.bottom", "G <end>", "end", "The last row; the end, and stay there", .move, [.main, .queue, .feed], .edge(1)),
        Command("open", "<enter>", "open", "Open; expand or collapse an item", .move, [.main, .feed], footer: 20, .open),
        Command("right", "l <right>", "right", "To the column on the right; expand an item", .move, .main, .focusRight),
        Command("left", "h <left>", "left", "To the column on the left", .move, .main, .focusLeft),
        Command("back", "<esc>", "back", "One step back", .move, [.main, .queue, .feed], footer: 90, .back),
        Command("tab.next", "<tab> ]", "tab", "Next tab", .move, .main, .turnTab(1), whyNot: WhyNot.shownAgent),
        Command("tab.previous", "<s-tab> [", "tab", "Tab before", .move, .main, .turnTab(-1), whyNot: WhyNot.shownAgent),
        Command("next", "N", "next", "The next agent that needs a person", .move, [.main, .queue, .feed], .nextNeedy),
        Command("projects", "P", "projects", "Projects, places and statuses, to choose from", .move, .main, .projects),
        Command("file.next", "J", "file", "Next file of the diff", .move, .diff, footer: 12, .turnFile(1)),
        Command("file.previous", "K", "file", "File before", .move, .diff, .turnFile(-1)),
        Command("hunk.next", "} )", "hunk", "Next place where something changed", .move, .diff, footer: 14, .turnHunk(1)),
        Command("hunk.previous", "{ (", "hunk", "Place of a change before", .move, .diff, .turnHunk(-1)),
    ]

    private static let agents = [
        Command("agent.new", "n", "new", "New agent", .agents, .main, footer: 30, words: "new [PROJECT] \"PROMPT\"", .new, whyNot: WhyNot.project),
        Command("agent.prompt", "p i", "prompt", "Write to the agent", .agents, .main, footer: 40, words: "send AGENT TEXT", .compose, whyNot: WhyNot.oneAgent),
        Command("agent.stop", ".", "stop", "Stop the turn", .agents, .main, footer: 60, words: "stop QUERY", .stop, whyNot: WhyNot.stop),
        Command("agent.resume", "R", "resume", "Go on with a stopped turn", .agents, .main, words: "resume QUERY", .resume, whyNot: WhyNot.resume),
        Command("agent.retry", "r", "retry", "Send the last prompt again after a failure", .agents, .main, words: "retry QUERY", .retry, whyNot: WhyNot.retry),
        Command("agent.rename", "<f2> <c-r>", "rename", "Give it another title", .agents, .main, words: "rename AGENT TITLE", .rename, whyNot: WhyNot.oneAgent),
        Command(
            "agent.archive", "a", "archive", "Archive, or bring back from the archive", .agents, .main, words: "archive QUERY", .archive, whyNot: WhyNot.agent),
        Command(
            "agent.remove", "D", "remove", "Remove with its place; undo brings it back", .agents, .main, dangerous: true, words: "rm QUERY", .remove,
            whyNot: WhyNot.agent),
        Command("undo", "u", "undo", "Take back the last removal or archiving", .agents, .main, words: "undo", .undo, whyNot: WhyNot.connection),
        Command("agent.mark", "<space>", "mark", "Mark; commands then mean all marked", .agents, [.main, .queue], .mark),
        Command("agent.markAll", "*", "mark all", "Mark all rows of the list, or none", .agents, .agents, .markAll, whyNot: WhyNot.rows),
        Command("agent.attach", "o", "attach", "Open OpenCode's own screen on it", .agents, .main, words: "attach AGENT", .attach, whyNot: WhyNot.session),
        Command("agent.edit", "e", "editor", "Open your editor in its directory", .agents, .main, .editPlace, whyNot: WhyNot.place),
        Command("agent.unqueue", "U", "unqueue", "Take back the last queued prompt, into the composer", .agents, .main, .unqueue, whyNot: WhyNot.unqueue),
        Command("agent.copy", "c", "copy", "Copy the chosen item, or the last answer", .agents, [.detail, .agents], .copy, whyNot: WhyNot.shownAgent),
    ]

    private static let requests =
        [
            Command("queue", "!", "requests", "All requests of all projects, the oldest first", .requests, [.main, .feed], .queue, whyNot: WhyNot.queue),
            Command(
                "answer.once", "y", "answer", "Allow once", .requests, [.main, .queue], footer: 45, words: "answer once", .answer(.once),
                whyNot: WhyNot.permission),
            Command(
                "answer.always", "Y", "always", "Allow for good, by the pattern that is shown", .requests, [.main, .queue], words: "answer always",
                .answer(.always), whyNot: WhyNot.always),
            Command("answer.no", "x", "no", "No: the turn ends", .requests, [.main, .queue], words: "answer reject", .answer(.no), whyNot: WhyNot.request),
            Command(
                "answer.noBecause", "X", "no, because", "No, and say why: the turn goes on", .requests, [.main, .queue], .reject, whyNot: WhyNot.permission),
            Command("answer.words", "t", "own words", "Answer a question in your own words", .requests, [.main, .queue], .ownWords, whyNot: WhyNot.ownWords),
            Command("answer.submit", "S", "send", "Answer with the options that are chosen", .requests, [.main, .queue], .submit, whyNot: WhyNot.several),
            Command("queue.alike", "a", "mark alike", "Mark all requests like this one", .requests, .queue, footer: 60, .markAlike),
            Command(
                "queue.takeBack", "u", "take back", "Take back the answers that were given together, until they are sent", .requests, .queue, footer: 55,
                .takeBack, whyNot: WhyNot.held),
            Command("card.down", "J", "scroll", "The rest of a long request", .requests, [.projects, .agents, .detail, .queue], .scrollCard(3)),
            Command("card.up", "K", "scroll", "A long request from its beginning", .requests, [.projects, .agents, .detail, .queue], .scrollCard(-3)),
            Command("queue.agent", "o <enter>", "open", "Open the agent that asks", .requests, .queue, footer: 50, .openAgent),
        ]
        + (1...9).map { number in
            Command(
                "answer.\(number)", "\(number)", "option \(number)", "Option \(number) of the question", .requests, [.main, .queue], .option(number - 1),
                whyNot: WhyNot.question)
        }

    private static let view = [
        Command(
            "diff", "d", "diff", "What it changed", .view, [.projects, .agents, .detail, .term], footer: 50, words: "diff AGENT", .tab(.diff),
            whyNot: WhyNot.shownAgent),
        Command("activity", "A", "activity", "What it does and says", .view, .main, .tab(.activity), whyNot: WhyNot.shownAgent),
        Command(
            "info", "w", "why", "Place, server, money, and why the status is what it is", .view, .main, words: "why AGENT", .tab(.info),
            whyNot: WhyNot.shownAgent),
        Command("term", "$", "terminal", "A terminal in its place; enter starts it", .view, .main, .tab(.term), whyNot: WhyNot.shownAgent),
        Command(
            "diff.sides", "|", "sides", "Old and new beside each other, or one below the other", .view, .diff, footer: 16, .diffSides, whyNot: WhyNot.sides),
        Command("diff.spaces", "W", "spaces", "Ignore what differs by spaces alone", .view, .diff, footer: 18, .diffSpaces),
        Command("diff.source", "f", "turn", "All that differs from the base, or what the last turn did", .view, .diff, footer: 17, .diffSource),
        Command("diff.fold", "Z", "fold", "Fold all files, or open all", .view, .diff, .diffFold),
        Command("diff.right", "> <s-right>", "ends", "The ends of long lines", .view, .diff, .diffShift(1)),
        Command("diff.left", "<lt> <s-left>", "beginnings", "Their beginnings again", .view, .diff, .diffShift(-1)),
        Command("zoom", "z", "zoom", "The detail alone on the screen, and back", .view, .main, .zoom, whyNot: WhyNot.shownAgent),
        Command("board", "b", "board", "The agents as a board, by status, and back to the list", .view, .main, .board),
        Command("density", "v", "density", "One, two or three lines a row", .view, .main, .density),
        Command("sort", "s", "sort", "Sort by attention, age, title, cost or project", .view, .main, .order),
        Command(
            "kinds", "f", "kinds", "One kind of activity: what is said, tools, edits, commands, errors, requests, sub-agents, or all", .view, .detail,
            .kinds(1), whyNot: WhyNot.shownAgent),
        Command("kinds.previous", "F", "kinds", "The kind of activity before", .view, .detail, .kinds(-1), whyNot: WhyNot.shownAgent),
        Command("find", "/", "search", "Search in the activity, or in the diff", .view, [.detail, .diff], footer: 70, .find, whyNot: WhyNot.searched),
        Command("find.next", "n", "next", "The next place that was searched for", .view, .found, .findNext(1)),
        Command("find.previous", "N", "before", "The place before", .view, .found, .findNext(-1)),
        Command(
            "view.keep", "V", "view", "Keep what the list shows as a view with a name, or forget the chosen view", .view, [.projects, .agents, .feed],
            .keepView,
            whyNot: WhyNot.view),
        Command(
            "feed", "L", "feed", "What happened in the whole herd, and since you looked", .view, [.main, .feed], words: "feed [QUERY]", .feed,
            whyNot: WhyNot.connection),
        Command("overview", "O", "overview", "Choose no agent: the overview", .view, .main, .overview),
        Command("filter", "/", "filter", "Filter the list", .view, [.projects, .agents, .term, .feed], footer: 70, .filter),
    ]

    private static let terminals = [
        Command("shell.next", "J", "next", "Next terminal of the agent", .terminals, .term, footer: 22, .shellTurn(1), whyNot: WhyNot.shells),
        Command("shell.previous", "K", "before", "Terminal before", .terminals, .term, .shellTurn(-1), whyNot: WhyNot.shells),
        Command("shell.new", "+", "another", "Another terminal in the agent's place", .terminals, .term, footer: 24, .shellNew, whyNot: WhyNot.shell),
        Command("shell.close", "-", "close", "Close the terminal, and what runs in it", .terminals, .term, footer: 26, .shellClose, whyNot: WhyNot.openShell),
        // Telnet's: known, one key, and what runs inside has little use for it. Where it has, the tab gives it on.
        Command("shell.leave", "<c-]> <c-5>", "leave", "Out of the terminal: keys are drover's again", .terminals, .shell, footer: 10, .shellLeave),
        Command(
            "shell.send", "<c-]> <c-5>", "send ctrl-]", "Give the program inside the key that leaves a terminal", .terminals, .term, .shellSend,
            whyNot: WhyNot.openShell),
        Command("shell.up", "<s-pageup>", "scroll", "Lines that have left the terminal at its top", .terminals, .shell, footer: 20, .shellScroll(1)),
        Command("shell.down", "<s-pagedown>", "scroll", "Down again to its end", .terminals, .shell, .shellScroll(-1)),
    ]

    private static let text = [
        Command("compose.send", "<enter>", "send", "Send", .text, .composer, footer: 10, .composeSend),
        Command("compose.newline", "<a-enter> <c-j>", "new line", "A new line", .text, .composer, footer: 20, .composeRecall(0)),
        Command("compose.editor", "<c-e>", "editor", "Write it in your editor", .text, .composer, footer: 30, .composeEditor),
        Command(
            "compose.mode", "<tab>", "mode", "Another of OpenCode's agents for this message: build, plan and your own", .text, .composer, footer: 35,
            .composeMode),
        Command("compose.model", "<c-o>", "model", "Another model for what you send", .text, .composer, footer: 37, .composeModel),
        Command("compose.older", "<up>", "older", "What was sent before", .text, .composer, footer: 40, .composeRecall(-1)),
        Command("compose.newer", "<down>", "newer", "What was sent after that", .text, .composer, .composeRecall(1)),
        Command("compose.leave", "<esc> <c-c>", "leave, draft stays", "Leave; the draft stays", .text, .composer, footer: 50, .composeLeave),
        Command(
            "complete.take", "<tab> <enter>", "take", "Take the chosen file, agent or command into the text", .text, .completing, footer: 10, .completeTake),
        Command("complete.next", "<down> <c-n>", "next", "The next name of the list", .text, .completing, footer: 20, .completeMove(1)),
        Command("complete.previous", "<up> <c-p>", "before", "The name before", .text, .completing, .completeMove(-1)),
        Command("complete.close", "<esc>", "close", "Close the list, not what is written", .text, .completing, footer: 30, .completeClose),
        Command("filter.keep", "<enter>", "keep", "Keep the filter and go to the list", .text, .filter, footer: 10, .filterKeep),
        Command("filter.clear", "<esc> <c-c>", "clear", "Clear the filter", .text, .filter, footer: 20, .filterClear),
        Command("find.keep", "<enter>", "keep", "Keep the search; n and N go on", .text, .find, footer: 10, .findKeep),
        Command("find.below", "<down>", "next", "The next place while typing", .text, .find, footer: 15, .findNext(1)),
        Command("find.above", "<up>", "before", "The place before while typing", .text, .find, .findNext(-1)),
        Command("find.clear", "<esc> <c-c>", "clear", "End the search", .text, .find, footer: 20, .findClear),
        Command("filter.down", "<down>", "next", "Next row while filtering", .text, .filter, .move(1)),
        Command("filter.up", "<up>", "before", "Row before while filtering", .text, .filter, .move(-1)),
    ]

    private static let program = [
        Command("palette", ": <c-k>", "command", "Every command, by a few letters", .program, [.main, .queue, .feed], footer: 80, .palette),
        Command("help", "? <f1>", "help", "All keys, searchable", .program, [.main, .queue, .feed], footer: 100, .help),
        Command("theme", "T", "theme", "Themes, tried on as you go through them", .program, [.main, .queue, .feed], words: "config set theme NAME", .theme),
        Command(
            "pressed", "<f12> <c-_>", "pressed", "What did I press: the keys as they arrive, and what they do", .program, [.main, .queue, .feed], .pressed),
        Command("mute", "M", "quiet", "Do not disturb: no notifications until pressed again", .program, [.main, .queue, .feed], .mute),
        Command("quit", "q <c-c>", "quit", "Close the screen; the agents go on", .program, [.main, .queue, .feed], .quit),
        Command("suspend", "<c-z>", "suspend", "Back to the shell; fg returns", .program, [.main, .queue, .feed, .composer, .filter], .suspend),
        Command("redraw", "<c-l>", "redraw", "Paint everything again", .program, [.main, .queue, .feed, .composer, .filter], .redraw),
    ]

    private static let places = Dictionary(uniqueKeysWithValues: table.enumerated().map { ($1.name, $0) })

    /// Its row in the table.
    static func place(of name: String) -> Int? { places[name] }

    /// What the bottom line can say in each context, in its order.
    static let footers: [Contexts: [Command]] = Dictionary(
        uniqueKeysWithValues: Contexts.all.map { context, _ in
            let rows = table.filter { $0.footer != nil && $0.contexts.contains(context) }.sorted { ($0.footer ?? 0) < ($1.footer ?? 0) }
            return (context, rows.filter { $0.name != "back" || context == .detail || context == .diff || context == .feed })
        })

    package static func named(_ name: String) -> Command? { place(of: name).map { table[$0] } }

    /// The table as Markdown, for the documentation.
    package static func keyTableMarkdown() -> String {
        var text = ""
        for group in Group.allCases {
            text += "## \(group.rawValue)\n\n| key | what | where | command line |\n|---|---|---|---|\n"
            for command in table where command.group == group {
                let keys = command.keys.map { "`" + keyName($0, ascii: true) + "`" }.joined(separator: " ")
                let places = Contexts.all.filter { command.contexts.contains($0.0) }.map(\.1).joined(separator: ", ")
                text +=
                    "| \(keys) | \(command.help)\(command.isDangerous ? " (asks first)" : "") | \(places) | \(command.words.isEmpty ? "" : "`drover \(command.words)`") |\n"
            }
            text += "\n"
        }
        return text
    }
}

/// The table of keys as Markdown, for the documentation.
package func keyTableMarkdown() -> String { Command.keyTableMarkdown() }
