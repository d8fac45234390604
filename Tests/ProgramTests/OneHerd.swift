import Testing

let hasOpenCode = Comment("DROVER_OPENCODE names no opencode: the program was not tried on a real server")

/// The real drover, the real opencode, a scripted model: everything that leaves daemon and servers alive, on one of each.
///
/// The suites of this target run one after the other (`--no-parallel`), so that they measure drover and not each other.
@Suite(.serialized, .enabled(if: Sandbox.openCode != nil, hasOpenCode), .timeLimit(.minutes(3)), .sandbox)
struct OneHerd {}

/// Things go wrong: turns, servers, the daemon. Quiet comes after 3 s here instead of 5 min.
@Suite(.serialized, .enabled(if: Sandbox.openCode != nil, hasOpenCode), .timeLimit(.minutes(3)), .sandbox(settings: "\"quietAfter\": 0.05"))
struct TroubledHerd {}

/// What a prompt says to the scripted model.
enum Script {
    /// Runs a command. Those that begin with `echo ask` ask for permission first. No quotes and no backslashes.
    static func bash(_ command: String) -> String { "[[tool bash {\"command\":\"\(command)\",\"description\":\"Run\"}]]" }

    /// Runs until there is a file `go` in the agent's directory.
    static let waitForGo = bash("touch begun; while ! test -e go; do sleep 0.1; done; rm go begun")

    static let question = """
        [[tool question {"questions":[{"question":"Which database?","header":"Database","options":[{"label":"SQLite","description":"small"},{"label":"Postgres","description":"big"}]}]}]]
        """

    /// A sub-agent that runs a command.
    static func task(_ command: String) -> String {
        let inner = "[[tool bash {\\\"command\\\":\\\"\(command)\\\",\\\"description\\\":\\\"Run\\\"}]] [[say 3 words]]"
        return "[[tool task {\"description\":\"Count lines\",\"prompt\":\"\(inner)\",\"subagent_type\":\"general\"}]]"
    }
}
