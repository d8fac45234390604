import Config
import Domain
import JSON
import Sys

extension Verb {
    static let configGet = Verb(
        "config get", "[NAME]", count: 0...1, "Print a setting as it is in force, or all of them",
        examples: ["drover config get theme", "drover config get opencode.idleStop"], options: [.json], completes: Settling.names, run: Settling.get)

    static let configSet = Verb(
        "config set", "NAME VALUE", count: 2...2, "Change a setting of yours; the rest of the file stays as you wrote it",
        details: ["Words need no quotation marks, lists may be written with commas. Daemon and dashboard take it over at once."],
        examples: ["drover config set theme moss", "drover config set notify.on waiting,failed", "drover config set keys.agent.stop \"s <c-s>\""],
        completes: Settling.names, run: Settling.set)

    static let configDiff = Verb("config diff", "", "Print what you have set to something else than the default", run: Settling.difference)

    static let configEdit = Verb(
        "config edit", "", "Open your configuration in your editor",
        details: ["If there is none yet it begins with every setting in a comment. Mistakes are told by config check, and by the dashboard."],
        run: Settling.edit)

    static let themeList = Verb(
        "theme ls", "", "List the themes", details: ["drover config set theme NAME takes one; \"auto\" follows the terminal's background."],
        run: Settling.themes)
}

/// Settings by name, read and written.
enum Settling {
    static let names = Completion.words(Setting.table.map(\.name))

    static func get(_ run: Run) throws(Refusal) -> Int32 {
        let text = try text(run)
        guard let name = run.arguments.positionals.first else {
            for setting in Setting.table { try run.print(setting.name + " = " + words(setting.inForce(text.value(of: setting.name)))) }
            return ExitCode.fine
        }
        let setting = try find(name), written = text.value(of: name)
        let value = setting.name == name ? setting.inForce(written) : written ?? .null
        if run.wantsJSON { try run.printJSON { $0.value(value) } } else { try run.print(Visible.line(value.string ?? words(value))) }
        return ExitCode.fine
    }

    static func set(_ run: Run) throws(Refusal) -> Int32 {
        let name = run.arguments.positionals[0], setting = try find(name)
        var text = try text(run)
        do throws(ConfigValueError) {
            text.set(name, to: try setting.value(typed: run.arguments.positionals[1], name: name))
        } catch {
            throw Refusal(.usage, error.message)
        }
        let path = run.world.directories.configuration
        do throws(ConfigText.Failure) {
            try text.write(to: path)
        } catch {
            throw Refusal(.failed, error.message)
        }
        for problem in run.parts.checkSettings(Config.load(person: path).settings) { run.warn(Visible.line(problem)) }
        return ExitCode.fine
    }

    static func difference(_ run: Run) throws(Refusal) -> Int32 {
        let text = try text(run)
        for setting in Setting.table {
            let value = setting.inForce(text.value(of: setting.name))
            if value != setting.fallback { try run.print(Visible.line("\(setting.name) = \(words(value))   (default \(words(setting.fallback)))")) }
        }
        return ExitCode.fine
    }

    static func edit(_ run: Run) throws(Refusal) -> Int32 {
        let path = run.world.directories.configuration
        if !Files.exists(path) {
            do throws(SysError) {
                try Files.makeDirectories(Files.parentDirectory(path))
                try Files.writeAtomically(path, Array(ConfigDocuments.example().utf8))
            } catch {
                throw Refusal(.failed, error.message)
            }
        }
        let command = Config.load(person: path).settings.editorCommand { run.world.environment[$0] }
        throw run.world.execute(command[0], command.dropFirst() + [path], run.world.environment)
    }

    static func themes(_ run: Run) throws(Refusal) -> Int32 {
        let mine = Config.load(person: run.world.directories.configuration).settings.theme
        for name in ["auto"] + run.parts.themes() { try run.print((name == mine ? "* " : "  ") + Visible.line(name)) }
        return ExitCode.fine
    }

    private static func find(_ name: String) throws(Refusal) -> Setting {
        if let setting = Setting.about(name) { return setting }
        let guess = Setting.nearest(to: name).map { "did you mean \"\($0)\"?" } ?? "drover config get lists them"
        throw Refusal(.notFound, "there is no setting \"\(name)\"", remedy: guess)
    }

    private static func text(_ run: Run) throws(Refusal) -> ConfigText {
        let path = run.world.directories.configuration
        do throws(ConfigText.Failure) {
            return try ConfigText(file: path)
        } catch {
            throw Refusal(.failed, "\(path): \(error.message)", remedy: "mend it first: drover config edit")
        }
    }

    private static func words(_ value: JSONTree) -> String { String(decoding: value.serialized(), as: UTF8.self) }
}
