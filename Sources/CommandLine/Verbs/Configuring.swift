import Config
import Domain
import Sys

extension Verb {
    static let configPath = Verb(
        "config path", "", "Print where your configuration is",
        details: ["It need not be there: then the defaults hold. examples/config.jsonc has every setting."],
        run: { (run) throws(Refusal) in
            try run.print(Visible.line(run.world.directories.configuration))
            return ExitCode.fine
        })

    static let configCheck = Verb(
        "config check", "[DIR]", count: 0...1, "Check your configuration, and the one of the project you are in",
        details: [
            "A line FILE:LINE:COLUMN: for each mistake, as compilers write them; the exit code is then 1. Daemon and dashboard read your file again when it is saved."
        ],
        completes: .directories, run: Configuring.check)
}

enum Configuring {
    static func check(_ run: Run) throws(Refusal) -> Int32 {
        let path = run.world.directories.configuration
        let named = run.arguments.positionals.first
        let directory = if let named { try run.world.realDirectory(Working.absolute(named, run)) } else { run.world.directory }
        let person = Config.load(person: path)
        var problems = person.problems
        var files = Files.exists(path) ? [path] : []
        if let project = project(around: directory) {
            files.append(project)
            problems += Config.load(project: project, over: person.settings).problems
        }
        for problem in problems { try run.print(Visible.line(problem.text)) }
        let more = run.parts.checkSettings(person.settings)
        for words in more { try run.print(Visible.line(path + ": " + words)) }
        if problems.isEmpty, more.isEmpty {
            try run.print(files.isEmpty ? "there is no configuration; the defaults hold" : files.map { Visible.line($0) + ": fine" }.joined(separator: "\n"))
        }
        return problems.isEmpty && more.isEmpty ? ExitCode.fine : ExitCode.failed
    }

    /// The nearest one above, up to the top of the repository.
    private static func project(around directory: String) -> String? {
        var current = directory
        while current.hasPrefix("/") {
            let file = current + "/" + Config.projectFile
            if Files.exists(file) { return file }
            if current == "/" || Files.exists(current + "/.git") { return nil }
            current = Files.parentDirectory(current)
        }
        return nil
    }
}
