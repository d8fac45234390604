package import Screen

/// One thing that a key does. The footer, the help, the palette, the documentation and the answer to "why not now?" come from its row.
package final class Command: Sendable {
    /// Unique, for regions, configuration and tests: `agent.stop`.
    package let name: String
    /// The first is the one that is shown. A person may have chosen others: `KeyMap`.
    package let keys: [Key]
    /// One word or two, for the footer.
    package let short: String
    /// A sentence's beginning, for help and palette.
    package let help: String
    package let group: Group
    /// Where the keys mean this.
    package let contexts: Contexts
    /// Its place in the footer, the lowest first; nil: not there.
    package let footer: Int?
    /// It takes something away: asked about first.
    package let isDangerous: Bool
    /// The same on the command line and in the palette; empty when there is no such thing.
    package let words: String
    let intent: Intent
    let whyNot: @Sendable (Dashboard) -> String?

    init(
        _ name: String, _ keys: String, _ short: String, _ help: String, _ group: Group, _ contexts: Contexts, footer: Int? = nil, dangerous: Bool = false,
        words: String = "",
        _ intent: Intent, whyNot: @escaping @Sendable (Dashboard) -> String? = { _ in nil }
    ) {
        self.name = name
        self.keys = keys.split(separator: " ").compactMap { Key(String($0)) }
        self.short = short
        self.help = help
        self.group = group
        self.contexts = contexts
        self.footer = footer
        self.isDangerous = dangerous
        self.words = words
        self.intent = intent
        self.whyNot = whyNot
    }

    package enum Group: String, CaseIterable, Sendable {
        case move = "Moving about", agents = "Agents", requests = "Requests", view = "View", terminals = "Terminals", text = "Typing", program = "drover"
    }

    /// Where the person is; several can share a row.
    package struct Contexts: OptionSet, Hashable, Sendable {
        package let rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }
        package static let projects = Contexts(rawValue: 1)
        package static let agents = Contexts(rawValue: 2)
        /// Any tab of the detail but Diff and Term.
        package static let detail = Contexts(rawValue: 4)
        package static let diff = Contexts(rawValue: 8)
        package static let queue = Contexts(rawValue: 16)
        package static let composer = Contexts(rawValue: 32)
        package static let filter = Contexts(rawValue: 64)
        /// The tab Term, while keys are drover's.
        package static let term = Contexts(rawValue: 128)
        /// A terminal, while keys are its own.
        package static let shell = Contexts(rawValue: 256)
        /// What is searched for in the activity or the diff is being typed.
        package static let find = Contexts(rawValue: 512)
        /// Above the keys of the detail as long as something is searched for.
        package static let found = Contexts(rawValue: 1024)
        /// What happened in the herd.
        package static let feed = Contexts(rawValue: 2048)
        /// The composer or the prompt of a new agent, while names to be taken are listed.
        package static let completing = Contexts(rawValue: 4096)
        /// The columns.
        static let main: Contexts = [.projects, .agents, .detail, .diff, .term]
        package static let all: [(Contexts, String)] = [
            (.projects, "projects"), (.agents, "agents"), (.detail, "detail"), (.diff, "diff"), (.term, "term tab"), (.queue, "requests"),
            (.composer, "composer"), (.filter, "filter"), (.shell, "terminal"), (.find, "search"), (.found, "found"), (.feed, "feed"),
            (.completing, "list of names"),
        ]
    }
}

/// A key as a person reads it in a sentence.
package func keyName(_ key: Key, ascii: Bool = false) -> String {
    var prefix = ""
    if key.modifiers.contains(.ctrl) { prefix += "ctrl-" }
    if key.modifiers.contains(.alt) { prefix += "alt-" }
    if key.modifiers.contains(.shift) { prefix += "shift-" }
    let name =
        switch key.code {
        case .enter: ascii ? "enter" : "⏎"
        case .up: ascii ? "up" : "↑"
        case .down: ascii ? "down" : "↓"
        case .left: ascii ? "left" : "←"
        case .right: ascii ? "right" : "→"
        case .char(" "): "space"
        case .char(let scalar): String(Character(scalar))
        case .function(let number): "F\(number)"
        case .pageUp: "pgup"
        case .pageDown: "pgdn"
        case .escape, .tab, .backspace, .delete, .insert, .home, .end, .menu, .pause, .printScreen:
            key.description.filter { $0 != "<" && $0 != ">" }.split(separator: "-").last.map(String.init) ?? "?"
        }
    return prefix + name
}

/// What a command does; `Dashboard.perform` carries it out.
enum Intent: Equatable, Sendable {
    case move(Int), page(Int), edge(Int), open, back, focusLeft, focusRight
    case tab(UI.Tab), turnTab(Int), zoom, board, density, order, kinds(Int), filter, keepView, feed, find, findNext(Int), findKeep, findClear, palette, help,
        queue,
        nextNeedy,
        projects, overview
    case turnFile(Int), turnHunk(Int), diffSides, diffSpaces, diffSource, diffFold, diffShift(Int), scrollCard(Int)
    case new, compose, composeSend, composeLeave, composeEditor, composeMode, composeModel, composeRecall(Int), completeTake, completeMove(Int), completeClose,
        filterKeep, filterClear
    case answer(Reply), reject, option(Int), ownWords, submit, markAlike, openAgent, takeBack
    case stop, resume, retry, rename, archive, remove, undo, attach, editPlace, mark, markAll, copy, unqueue
    case shellNew, shellTurn(Int), shellClose, shellLeave, shellSend, shellScroll(Int)
    case quit, suspend, redraw, mute, theme, pressed

    enum Reply: Equatable, Sendable { case once, always, no }
}
