import Domain
import Wire

extension Verb {
    static let rename = Verb("rename", "AGENT TITLE", count: 2...2, "Give an agent another title", completes: .agents, run: Tidying.rename)

    static let archive = Verb(
        "archive", "AGENT…", count: 1...256, "Put agents away; nothing of them is removed",
        details: ["Archived agents are left out of lists; `drover ls is:archived` shows them. " + Working.several],
        options: [Option("restore", "Take them out again")], completes: .agents, run: Tidying.archive)

    static let remove = Verb(
        "rm", "AGENT…", count: 1...256, "Remove agents and their worktrees; `drover undo` brings them back",
        details: [
            "Files (untracked ones too), branch and conversation are kept until then. Agents that are at work are stopped with `drover stop` first. "
                + Working.several
        ],
        completes: .agents, run: { (run) throws(Refusal) in try Working.all(run, "removed") { .remove($0) } })

    static let undo = Verb("undo", "", "Bring back what was removed or archived last", run: Tidying.undo)
}

enum Tidying {
    static func rename(_ run: Run) throws(Refusal) -> Int32 {
        let agent = try Lookup.agent(run.arguments.positionals[0], in: run.herd())
        _ = try run.order(.rename(agent.id, run.arguments.positionals[1]))
        return ExitCode.fine
    }

    static func archive(_ run: Run) throws(Refusal) -> Int32 {
        let restores = run.arguments.has("restore")
        return try Working.all(run, restores ? "restored" : "archived") { .archive($0, !restores) }
    }

    static func undo(_ run: Run) throws(Refusal) -> Int32 {
        switch try run.order(.undo) {
        case .words(let words): try run.print(Visible.line(words))
        case .agent(let agent): try run.print("\(agent.id)  is back  \(Visible.line(agent.title))")
        default: try run.print("back from the archive")
        }
        return ExitCode.fine
    }
}
