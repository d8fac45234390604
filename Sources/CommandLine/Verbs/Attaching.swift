import Config
import Domain
import Wire

extension Verb {
    static let attach = Verb(
        "attach", "AGENT", count: 1...1, "Open an agent in OpenCode's own screen",
        details: ["Starts the agent's server if it sleeps. The exit code is that of opencode."], completes: .agents, run: Attaching.attach)

    /// `drover` without a command.
    static let dashboard = Verb(
        "", "", "Open the dashboard",
        options: [
            Option("project", short: "p", value: "DIR", "Of the project that holds this directory; default: where you are", completes: .directories),
            Option("version", short: "V", "Print the version"),
        ], run: Attaching.dashboard)
}

enum Attaching {
    static func attach(_ run: Run) throws(Refusal) -> Int32 {
        let agent = try Lookup.agent(run.arguments.positionals[0], in: run.herd())
        let program = try program(run)
        guard case .attach(let url, let directory, let session, let password) = try run.order(.attach(agent.id)) else {
            throw SocketConnection.surprise("attach")
        }
        guard run.world.outputIsTerminal, run.world.inputIsTerminal else {
            throw Refusal(.usage, "OpenCode's screen needs a terminal", remedy: "`drover log \(agent.id)` prints what the agent does")
        }
        var environment = run.world.environment
        // Never on the command line, which everybody can read.
        environment["OPENCODE_SERVER_PASSWORD"] = password
        environment["OPENCODE_SERVER_USERNAME"] = "opencode"
        try run.flush()
        throw run.world.execute(program[0], program.dropFirst() + ["attach", url, "--dir", directory, "-s", session.raw], environment)
    }

    private static func program(_ run: Run) throws(Refusal) -> [String] {
        let choice = choice(run)
        if case .found(let command, _) = choice { return command }
        throw Refusal(.failed, choice.complaint ?? "there is no opencode")
    }

    static func choice(_ run: Run) -> OpenCodeProgram {
        let settings = Config.load(person: run.world.directories.configuration).settings
        return .choose(command: settings.openCodeCommand, environment: run.world.environment, isExecutable: run.world.isExecutable)
    }

    static func dashboard(_ run: Run) throws(Refusal) -> Int32 {
        guard run.world.outputIsTerminal, run.world.inputIsTerminal else {
            throw Refusal(
                .failed, "the dashboard needs a terminal", remedy: "`drover plain` speaks in lines, `drover ls` lists the agents, `drover --help` all commands")
        }
        let directory: String
        if let given = run.arguments.value("project") {
            directory = try run.world.realDirectory(Working.absolute(given, run))
        } else {
            directory = try Working.here(run)
        }
        // With a daemon there may be agents to look at all the same.
        let choice = choice(run)
        if let complaint = choice.complaint, (try? run.world.connect(.cli, false)) == nil {
            guard choice == .missing else { throw Refusal(.failed, complaint) }
            run.warn(complaint)
            run.world.writeError(Array("Open the demo herd now? [Y/n] ".utf8))
            guard let answer = run.world.readLine()?.lowercased(), answer.isEmpty || answer.hasPrefix("y") else { return ExitCode.failed }
            return run.parts.demo([])
        }
        return run.parts.dashboard(directory)
    }
}
