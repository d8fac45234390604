import Foundation
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

/// A tool that begins and ends with a file in its agent's directory. Their names are its own: agents of one folder share the directory, and a
/// tool that was stopped leaves them behind.
struct HeldTool {
    private let name = UUID().uuidString.prefix(8)

    /// What a prompt says to have it run.
    var script: String { Script.bash("touch begun-\(name); while ! test -e go-\(name); do sleep 0.1; done; rm go-\(name)") }

    func runs(in directory: String) async throws {
        try await Sandbox.until("the tool runs in \(directory)") { FileManager.default.fileExists(atPath: directory + "/begun-\(name)") }
    }

    func letGo(in directory: String) throws { try Sandbox.write("", directory + "/go-\(name)") }
}

/// What a prompt says to the scripted model.
enum Script {
    /// Runs a command. Those that begin with `echo ask` ask for permission first. No quotes and no backslashes.
    static func bash(_ command: String) -> String { "[[tool bash {\"command\":\"\(command)\",\"description\":\"Run\"}]]" }

    static let question = """
        [[tool question {"questions":[{"question":"Which database?","header":"Database","options":[{"label":"SQLite","description":"small"},{"label":"Postgres","description":"big"}]}]}]]
        """

    /// A sub-agent that runs a command.
    static func task(_ command: String) -> String {
        let inner = "[[tool bash {\\\"command\\\":\\\"\(command)\\\",\\\"description\\\":\\\"Run\\\"}]] [[say 3 words]]"
        return "[[tool task {\"description\":\"Count lines\",\"prompt\":\"\(inner)\",\"subagent_type\":\"general\"}]]"
    }
}
