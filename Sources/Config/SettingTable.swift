import Domain
package import JSON

/// One line of the configuration: its name, what it is for and how it is read. The reader, the schema and the example come from here.
package struct Setting: Sendable {
    package enum Shape: Sendable {
        case text
        /// What names of branches begin with.
        case branchPrefix
        /// A string, or an array of a program and its first arguments.
        case command
        case flag
        case number(ClosedRange<Double>)
        case choice([String])
        case texts
        /// Some of these, as an array.
        case choices([String])
        case map

        /// As a person is told what was expected.
        var name: String {
            switch self {
            case .text: "a string"
            case .branchPrefix: "the beginning of a branch's name, like \"drover/\""
            case .command: "a string or an array of strings"
            case .flag: "true or false"
            case .number(let range):
                range.upperBound == .infinity
                    ? "a number from \(Self.plain(range.lowerBound))"
                    : "a number from \(Self.plain(range.lowerBound)) to \(Self.plain(range.upperBound))"
            case .choice(let words): "one of " + words.map { "\"\($0)\"" }.joined(separator: ", ")
            case .texts: "an array of strings"
            case .choices(let words): "an array of some of " + words.map { "\"\($0)\"" }.joined(separator: ", ")
            case .map: "an object of strings"
            }
        }

        static func plain(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? String(number) }
    }

    /// With dots for the levels: "opencode.idleStop".
    package let name: String
    package let shape: Shape
    package let help: String
    /// As it is written in the example; null where the default depends on the machine.
    package let fallback: JSONTree
    /// True: a project's own file may set it. False for what a stranger's repository must not decide.
    package let isForProjects: Bool
    let apply: @Sendable (inout Settings, JSONTree) -> Void

    init(
        _ name: String, _ shape: Shape, _ fallback: JSONTree, forProjects: Bool = false, _ help: String,
        apply: @escaping @Sendable (inout Settings, JSONTree) -> Void
    ) {
        self.name = name
        self.shape = shape
        self.fallback = fallback
        self.isForProjects = forProjects
        self.help = help
        self.apply = apply
    }

    package static let table: [Setting] = [
        Setting(
            "opencode.command", .command, .null, "The opencode program, with first arguments if it needs any. Default: DROVER_OPENCODE, else the one on PATH."
        ) {
            $0.openCodeCommand = $1.string.map { [$0] } ?? $1.array?.compactMap(\.string) ?? []
        },
        Setting("opencode.env", .map, [:], "Added to the environment of every opencode server.") { $0.openCodeEnvironment = $1.strings },
        Setting(
            "opencode.data", .choice(Settings.DataDirectory.allCases.map(\.rawValue)), "shared",
            "Where sessions are kept. \"shared\": OpenCode's own data directory, so that plain `opencode` sees the same ones. \"private\": one of drover's."
        ) { $0.openCodeData = $1.string.flatMap(Settings.DataDirectory.init) ?? .shared },
        Setting("opencode.startTimeout", .number(1...3600), 60, "Seconds that a server may take until it listens.") {
            $0.startTimeout = $1.double.map { .milliseconds(Int64($0 * 1000)) } ?? $0.startTimeout
        },
        Setting("opencode.idleStop", .number(0...525_600), 30, "Minutes after which a server without work is stopped; 0: never.") {
            $0.idleStop = $1.minutes.flatMap { $0.milliseconds == 0 ? nil : $0 }
        },
        Setting("opencode.memoryLimit", .number(0...1_048_576), 2048, "Megabytes above which a server without work is started anew; 0: never.") {
            $0.memoryLimit = $1.double.flatMap { $0 == 0 ? nil : Int($0 * 1_048_576) }
        },
        Setting("quietAfter", .number(0.01...525_600), 5, "Minutes of silence after which a busy agent is shown as quiet.") {
            $0.quietAfter = $1.minutes ?? $0.quietAfter
        },
        Setting("worktrees.directory", .text, .null, "Where worktrees are made, from the daemon's next start on. Default: drover's data directory.") {
            $0.worktreesDirectory = $1.string
        },
        Setting("worktrees.branchPrefix", .branchPrefix, "drover/", forProjects: true, "In front of the names of new branches.") {
            $0.branchPrefix = $1.string ?? $0.branchPrefix
        },
        Setting("worktrees.copyIgnored", .texts, [".env"], forProjects: true, "Ignored files that a new worktree gets a copy of, as patterns of .gitignore.") {
            $0.copiedIgnored = $1.array?.compactMap(\.string) ?? $0.copiedIgnored
        },
        Setting(
            "worktrees.setup", .text, .null, forProjects: true,
            "A script, relative to the project, that is run in a new worktree once you have trusted its content."
        ) {
            $0.setupScript = $1.string
        },
        Setting("worktrees.teardown", .text, .null, forProjects: true, "A script that is run before a worktree is removed, once you have trusted its content.")
        {
            $0.teardownScript = $1.string
        },
        Setting(
            "worktrees.keepRemoved", .number(0...36_500), 14, "Days for which `drover undo` can bring a removed worktree back; 0: for ever."
        ) {
            $0.keepRemovedDays = $1.int ?? $1.double.map { Int($0) } ?? $0.keepRemovedDays
        },
        Setting("theme", .text, "default", "Name of a theme, or the path of its file.") { $0.theme = $1.string ?? $0.theme },
        Setting("ascii", .flag, false, "Draw with ASCII letters only.") { $0.ascii = $1.bool ?? $0.ascii },
        Setting("mouse", .flag, true, "Take clicks and the wheel; the terminal's own selection is then a matter of holding Shift.") {
            $0.mouse = $1.bool ?? $0.mouse
        },
        Setting(
            "hyperlinks", .choice(["auto", "on", "off"]), "auto", "Links of answers can be clicked (OSC 8). \"auto\": in terminals that are known to have them."
        ) {
            $0.hyperlinks = $1.string == "on" ? true : $1.string == "off" ? false : nil
        },
        Setting("columns.projects", .number(0...1000), 0, "Cells of the left column; 0: as suits the screen. Dragging its border sets it.") {
            $0.projectsWidth = $1.int.flatMap { $0 == 0 ? nil : $0 }
        },
        Setting("columns.detail", .number(0...1000), 0, "Cells of the detail; 0: as suits the screen. Dragging its border sets it.") {
            $0.detailWidth = $1.int.flatMap { $0 == 0 ? nil : $0 }
        },
        Setting("views", .map, [:], "Queries by name, for the left column and `view:NAME`: {\"mine\": \"project:api -status:done\"}.") {
            $0.views = $1.strings
        },
        Setting("keys", .map, [:], "Other keys for commands: {\"agent.stop\": \"s\"}; `?` in the dashboard names them.") { $0.keys = $1.strings },
        Setting(
            "notify.on", .choices(Status.allCases.map(\.rawValue)), ["waiting", "failed", "done"],
            "Statuses an agent comes to that you are called for; an empty array: never."
        ) {
            $0.notifyOn = $1.array?.compactMap { $0.string.flatMap(Status.init) } ?? $0.notifyOn
        },
        Setting(
            "notify.by", .choices(Settings.Notifier.allCases.map(\.rawValue)), ["terminal"],
            "How: by the terminal (OSC 9, 777 or 99, through tmux and SSH, too), its bell, the desktop (notify-send)."
        ) {
            $0.notifyBy = $1.array?.compactMap { $0.string.flatMap(Settings.Notifier.init) } ?? $0.notifyBy
        },
        Setting("notify.whenFocused", .flag, false, "Also while you look at the dashboard.") { $0.notifyWhenFocused = $1.bool ?? $0.notifyWhenFocused },
        Setting("notify.delay", .number(0...3600), 2, "Seconds in which news are gathered and told together; what is over by then is not told.") {
            $0.notifyDelay = $1.double.map { .milliseconds(Int64($0 * 1000)) } ?? $0.notifyDelay
        },
        Setting("notify.command", .command, .null, "A program that is run as well; it finds the words in DROVER_TITLE and DROVER_BODY.") {
            $0.notifyCommand = $1.string.map { [$0] } ?? $1.array?.compactMap(\.string) ?? []
        },
        Setting("history.days", .number(0...36_500), 30, "Sessions of a project's folder that were not used for so many days are not shown; 0: all are.") {
            $0.historyDays = $1.int ?? $1.double.map { Int($0) } ?? $0.historyDays
        },
        Setting("editor", .text, .null, "The program that opens files. Default: VISUAL, else EDITOR, else vi.") { $0.editor = $1.string },
    ]

    /// The words between the dots.
    package var path: [String] { name.split(separator: ".").map(String.init) }

    /// Nil when the value fits; otherwise what was expected.
    func complaint(about value: JSONTree) -> String? {
        let fits: Bool =
            switch shape {
            case .text: value.string != nil
            case .branchPrefix: value.string.map(Self.mayBeginBranch) ?? false
            case .command: value.string.map { !$0.isEmpty } ?? value.array.map { !$0.isEmpty && $0.allSatisfy { $0.string != nil } } ?? false
            case .flag: value.bool != nil
            case .number(let range): value.double.map { range.contains($0) } ?? false
            case .choice(let words): value.string.map { words.contains($0) } ?? false
            case .texts: value.array?.allSatisfy { $0.string != nil } ?? false
            case .choices(let words): value.array?.allSatisfy { $0.string.map(words.contains) ?? false } ?? false
            case .map: value.object?.members.allSatisfy { $0.value.string != nil } ?? false
            }
        return fits ? nil : "\"\(name)\" must be \(shape.name)"
    }
}

extension Setting {
    /// As `git check-ref-format` has it, and nothing that git would take for an option.
    private static func mayBeginBranch(_ prefix: String) -> Bool {
        let isPlain = prefix.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F && !"~^:?*[\\".unicodeScalars.contains($0) }
        let parts = prefix.split(separator: "/", omittingEmptySubsequences: false)
        let areFine = parts.dropLast().allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasSuffix(".lock") && !$0.hasSuffix(".") }
        return isPlain && areFine && !prefix.hasPrefix("-") && !prefix.contains("..") && !prefix.contains("@{") && parts.last?.hasPrefix(".") != true
    }
}

extension JSONTree {
    fileprivate var strings: [String: String] {
        Dictionary((object?.members ?? []).compactMap { member in member.value.string.map { (member.key, $0) } }, uniquingKeysWith: { _, last in last })
    }
    /// Fractions of a minute count.
    fileprivate var minutes: Span? { double.map { .milliseconds(Int64($0 * 60_000)) } }
}
