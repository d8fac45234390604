package import Domain

/// What a person can choose. Every member has a row in `Setting.table`, which says what it is called in the file and what it is for.
package struct Settings: Equatable, Sendable {
    package enum DataDirectory: String, CaseIterable, Sendable {
        /// OpenCode's own: plain `opencode` and drover see the same sessions.
        case shared
        /// One of drover's.
        case `private`
    }

    package enum Notifier: String, CaseIterable, Sendable { case terminal, bell, desktop }

    /// Program and first arguments that start opencode; empty: look for it (`OpenCodeProgram`).
    package var openCodeCommand: [String] = []
    /// Added to the environment of every server.
    package var openCodeEnvironment: [String: String] = [:]
    package var openCodeData = DataDirectory.shared
    /// How long a server may take until it listens: 1.2 to 2.2 s were measured, 9 s on a loaded machine.
    package var startTimeout: Span = .seconds(60)
    /// How long a server without work is kept; nil: for ever.
    package var idleStop: Span? = .minutes(30)
    /// Bytes above which a server without work is started anew; nil: never.
    package var memoryLimit: Int? = 2048 << 20
    /// A busy agent that says nothing for this long is shown as quiet.
    package var quietAfter: Span = .minutes(5)
    /// Absolute; nil: in drover's data directory.
    package var worktreesDirectory: String?
    package var branchPrefix = "drover/"
    /// Ignored files that a new worktree gets, as patterns of `.gitignore`.
    package var copiedIgnored = [".env"]
    /// Run in a new worktree and before one is removed, after the person trusted their content; relative to the project.
    package var setupScript: String?
    package var teardownScript: String?
    /// How long a removed worktree can be brought back; 0: for ever.
    package var keepRemovedDays = 14
    /// Name of a theme, or the path of its file.
    package var theme = "default"
    package var ascii = false
    package var mouse = true
    /// Links can be clicked; nil: where the terminal is known to have them.
    package var hyperlinks: Bool?
    /// Widths of the left column and of the detail, in cells; nil: as suits the screen.
    package var projectsWidth: Int?
    package var detailWidth: Int?
    /// Names of queries, and their texts.
    package var views: [String: String] = [:]
    /// Command → keys in place of the default ones.
    package var keys: [String: String] = [:]
    /// What a person is called for, how, and when.
    package var notifyOn: [Status] = [.waiting, .failed, .done]
    package var notifyBy: [Notifier] = [.terminal]
    package var notifyWhenFocused = false
    package var notifyDelay: Span = .seconds(2)
    /// Program and first arguments; empty: none.
    package var notifyCommand: [String] = []
    /// Sessions of the project's folder that are older are not shown, in days; 0: all.
    package var historyDays = 30
    /// nil: `VISUAL`, `EDITOR`, `vi`.
    package var editor: String?

    package init() {}

    /// Program and first arguments of the editor: never empty.
    package func editorCommand(_ variable: (String) -> String?) -> [String] {
        for named in [editor, variable("VISUAL"), variable("EDITOR")] {
            if let words = named?.split(separator: " ").map(String.init), !words.isEmpty { return words }
        }
        return ["vi"]
    }
}
