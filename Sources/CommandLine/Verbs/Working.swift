import Domain
import JSON
import Wire

extension Verb {
    static let new = Verb(
        "new", "PROMPT|-", count: 1...1, "Start an agent",
        details: [
            "In a repository with commits the agent gets a worktree of its own on a new branch, elsewhere it works in the directory itself; -w decides otherwise.",
            Working.names,
            "With - the prompt is read from standard input; that is also the way for very long ones.",
            "Prints the new agent's id, place and title.",
        ],
        examples: ["drover new \"fix the flaky test in ci.yml\"", "drover new -p ~/src/api -w folder --title Docs - < prompt.md"],
        options: [
            Option("project", short: "p", value: "DIR", "A directory of the project, or its name; default: where you are", completes: .directories),
            Option("where", short: "w", value: "KIND", "folder or worktree", completes: .words(["folder", "worktree"])),
            Option("branch", value: "B", "Check out this branch, or make it"), Option("base", value: "B", "Where a new branch starts; default: HEAD"),
            Option("title", value: "T", "Its name; default: from the prompt"), Option("model", value: "P/M", "provider/model"),
            Option("agent", value: "A", "OpenCode's agent: build, plan …"), Option("copy-changes", "Bring uncommitted work along into the worktree"), .json,
        ], run: Working.new)

    static let send = Verb(
        "send", "AGENT PROMPT|-", count: 2...2, "Send a prompt to an agent",
        details: [
            "A prompt to an agent that is busy is queued; OpenCode takes it up after the step it is at.", Working.names,
        ],
        examples: ["drover send k3f \"read @src/main.c and @docs/shot.png\"", "drover send k3f \"/review the last commit\""],
        options: [Option("model", value: "P/M", "provider/model, from now on"), Option("agent", value: "A", "OpenCode's agent, from now on")],
        completes: .agents,
        run: Working.send)

    static let stop = Verb(
        "stop", "AGENT…", count: 1...256, "End the turns of agents; they can be resumed", details: [Working.several], completes: .agents,
        run: { (run) throws(Refusal) in try Working.all(run, "stopped") { .stop($0) } })

    static let resume = Verb(
        "resume", "AGENT…", count: 1...256, "Go on with turns that were stopped or cut off", details: [Working.several], completes: .agents,
        run: { (run) throws(Refusal) in try Working.all(run, "resumed") { .resume($0) } })

    static let retry = Verb(
        "retry", "AGENT…", count: 1...256, "Send the last prompt of failed agents again", details: [Working.several], completes: .agents,
        run: { (run) throws(Refusal) in try Working.all(run, "tried again") { .retry($0) } })
}

enum Working {
    static let several = "Agents are named by their ids, by the beginnings of them, or by a query such as status:running."
    static let names =
        "@src/main.c (from the agent's place), @\"a name.txt\" or @main.c#10-20 sends a file along, @general calls one of OpenCode's agents, and /review ARGUMENTS at the beginning runs a command of the server; a space before the / sends it as text."
    /// Bytes of a prompt.
    private static let longestPrompt = 16 << 20

    static func new(_ run: Run) throws(Refusal) -> Int32 {
        var wish = NewAgent(directory: try directory(run), prompt: try prompt(run.arguments.positionals[0], run))
        if let name = run.arguments.value("where") {
            guard let kind = Place.Kind(rawValue: name) else {
                let names = Place.Kind.allCases.map(\.rawValue)
                throw Refusal(
                    .usage, "there is no kind of place \"\(name)\"" + ArgumentParser.didYouMean(name, names),
                    remedy: "there are: " + names.joined(separator: ", "))
            }
            wish.kind = kind
        }
        wish.branch = try nonEmpty("branch", run)
        wish.base = try nonEmpty("base", run)
        wish.title = try nonEmpty("title", run)
        wish.model = try model(run)
        wish.mode = try nonEmpty("agent", run)
        // Ours, so that it can be asked for again when the daemon goes away before it has answered.
        wish.id = AgentID(Derived.name(from: run.world.random(), count: 6))
        wish.copiesUncommitted = run.arguments.has("copy-changes")
        guard case .agent(let agent) = try run.order(.new(wish)) else { throw SocketConnection.surprise("new") }
        let herd = try run.herd()
        // The herd may know more of it by now.
        let known = herd.agents[agent.id] ?? agent
        if run.wantsJSON {
            try run.printJSON { known.writeRow(in: herd, to: &$0) }
        } else {
            let place = herd.places[known.place]
            let parts = [known.id.raw, place?.branch ?? place?.kind.rawValue ?? "", known.title].filter { !$0.isEmpty }
            try run.print(parts.map { Visible.line($0) }.joined(separator: "  "))
        }
        return ExitCode.fine
    }

    /// A path, or the name of a project that the daemon knows.
    private static func directory(_ run: Run) throws(Refusal) -> String {
        guard let name = run.arguments.value("project") else { return try here(run) }
        do throws(Refusal) {
            return try run.world.realDirectory(absolute(name, run))
        } catch {
            guard error.reason == .notFound, !name.contains("/") else { throw error }
            if let project = try? Lookup.project(name, in: run.herd(), realPath: nil) { return project.path }
            throw error
        }
    }

    static func here(_ run: Run) throws(Refusal) -> String {
        guard !run.world.directory.isEmpty else {
            throw Refusal(.failed, "the directory you are in is gone, or its path is not UTF-8", remedy: "change to another, or name one with -p")
        }
        return try run.world.realDirectory(run.world.directory)
    }

    static func absolute(_ path: String, _ run: Run) -> String { path.hasPrefix("/") ? path : run.world.directory + "/" + path }

    private static func nonEmpty(_ option: String, _ run: Run) throws(Refusal) -> String? {
        guard let text = run.arguments.value(option) else { return nil }
        guard !text.allSatisfy(\.isWhitespace) else { throw Refusal(.usage, "--\(option) is empty") }
        return text
    }

    private static func model(_ run: Run) throws(Refusal) -> String? {
        guard let model = try nonEmpty("model", run) else { return nil }
        let parts = model.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw Refusal(.usage, "a model is written provider/model, not \"\(model)\"", remedy: "`opencode models` lists them")
        }
        return model
    }

    /// The argument, or with "-" standard input without the line end that editors put last.
    private static func prompt(_ argument: String, _ run: Run) throws(Refusal) -> String {
        var text = argument
        if argument == "-" {
            if run.world.inputIsTerminal { run.warn("type the prompt; Ctrl-D on a line of its own ends it") }
            let bytes = try run.world.readInput(longestPrompt)
            guard let read = String(validating: bytes, as: UTF8.self) else { throw Refusal(.usage, "the prompt on standard input is not UTF-8") }
            text = read.hasSuffix("\r\n") || read.hasSuffix("\n") ? String(read.dropLast()) : read
        }
        guard !text.allSatisfy(\.isWhitespace) else { throw Refusal(.usage, "the prompt is empty", remedy: "say what the agent should do") }
        return text
    }

    static func send(_ run: Run) throws(Refusal) -> Int32 {
        let text = try prompt(run.arguments.positionals[1], run)
        let model = try model(run), mode = try nonEmpty("agent", run)
        let agent = try Lookup.agent(run.arguments.positionals[0], in: run.herd())
        _ = try run.order(.send(agent.id, text: text, model: model, mode: mode))
        return ExitCode.fine
    }

    /// One order for all agents that were named; says what became of each.
    static func all(_ run: Run, _ done: String, _ order: ([AgentID]) -> ClientOrder) throws(Refusal) -> Int32 {
        let agents = try Lookup.agents(run.arguments.positionals, in: run.herd(), run)
        let reply = try run.order(order(agents.map(\.id)))
        if case .words(let words) = reply { try run.print(Visible.line(words)) }
        for agent in agents { try run.print("\(agent.id)  \(done)  \(Visible.line(agent.title))") }
        return ExitCode.fine
    }
}
