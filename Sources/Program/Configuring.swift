package import Config
import Dashboard
import Domain
import JSON
import Screen
import Sys
import Terminal

/// The configuration as the dashboard follows it: read at the start and again when it has changed, the last good one kept.
extension DashboardProgram {
    /// Puts the settings into force: colours, keys, mouse, who is called for what.
    func apply(_ chosen: Settings, problems: [ConfigProblem]) {
        settings = chosen
        var words = problems.map(\.text)
        terminal.useHyperlinks(chosen.hyperlinks)
        if let problem = useTheme(chosen.theme) { words.append(problem) }
        let rules = NotifyRules(statuses: Set(chosen.notifyOn), whenFocused: chosen.notifyWhenFocused, delay: chosen.notifyDelay)
        let columns = UI.Columns(projects: chosen.projectsWidth, detail: chosen.detailWidth)
        handle(
            .preferences(
                Preferences(keys: chosen.keys, mouse: chosen.mouse, columns: columns, notify: rules, syntax: terminal.depth > .mono, views: chosen.views),
                problems: words))
    }

    /// What only the dashboard can check.
    package static func complaints(about settings: Settings) -> [String] {
        var words = KeyMap(settings.keys).problems
        if case .failure(let problem) = ThemeLibrary(Directories()).theme(settings.theme) { words.append("theme: " + problem.message) }
        return words
    }

    /// After a change has settled.
    func readConfiguration() {
        guard let loaded = config?.read() else { return }
        apply(loaded.settings, problems: loaded.problems)
    }

    /// Draws with this theme from now on. What is wrong with it, in a sentence; then the default one is in force.
    func useTheme(_ name: String) -> String? {
        switch ThemeLibrary(directories).theme(name, isDark: hasDarkBackground) {
        case .success(let theme):
            terminal.theme = theme
            return nil
        case .failure(let problem):
            terminal.theme = .default
            return problem.message
        }
    }

    /// Into the person's file, which is then read like after any other change.
    func keepTheme(_ name: String) {
        settings.theme = name
        keep([("theme", .string(name))])
    }

    func keep(_ columns: UI.Columns) {
        keep([("columns.projects", columns.projects), ("columns.detail", columns.detail)].compactMap { name, width in width.map { (name, .int($0)) } })
    }

    /// Nil takes it out.
    func keepView(_ name: String, _ query: String?) { keep([("views." + name, query.map { .string($0) })]) }

    private func keep(_ values: [(String, JSONTree?)]) {
        do throws(ConfigText.Failure) {
            var text = try ConfigText(file: directories.configuration)
            for (name, value) in values { if let value { text.set(name, to: value) } else { text.remove(name) } }
            try text.write(to: directories.configuration)
        } catch {
            handle(.failed("this is not kept: \(directories.configuration): \(error.message)"))
        }
    }

    /// The terminal said what its background is: `theme: auto` goes by it, and themes that have colours for both.
    func learn(background: UInt32) {
        let isDark = Colour.rgb(background).isDark ?? true
        guard isDark != hasDarkBackground else { return }
        hasDarkBackground = isDark
        if useTheme(settings.theme) == nil { mustDraw = true }
    }

    func notify(_ title: String, _ body: String) {
        for way in settings.notifyBy {
            switch way {
            case .bell: terminal.ring()
            case .terminal: terminal.notify(title: title, body: body)
            case .desktop: run("notify-send", ["--app-name=drover", "--", sanitised(title, limit: 100), sanitised(body, limit: 300)], [])
            }
        }
        guard let program = settings.notifyCommand.first else { return }
        run(program, Array(settings.notifyCommand.dropFirst()), ["DROVER_TITLE=" + sanitised(title, limit: 100), "DROVER_BODY=" + sanitised(body, limit: 300)])
    }

    /// Nobody waits for it; what it says is nobody's business, that it failed is told.
    private func run(_ program: String, _ arguments: [String], _ more: [String]) {
        let command = Command(program, arguments, environment: Environment.all + more, outputLimit: 4096, timeoutMs: 30_000)
        let failures = failures
        runner.start(command) { outcome in
            switch outcome {
            case .success(let result) where result.status.isSuccess: break
            case .success: failures.post("\(program) could not notify you; see notify.by and notify.command")
            case .failure(let error): failures.post("notifications: \(error.message)")
            }
        }
    }
}
