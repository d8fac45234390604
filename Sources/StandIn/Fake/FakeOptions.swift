import JSON
import Sys

/// What a stand-in server is told by its command line and environment.
package struct FakeOptions: Sendable {
    package var hostname = "127.0.0.1"
    /// 0 means what it means to OpenCode: 4096 if that is free, else any.
    package var port = 0
    package var username = "opencode"
    package var password: String?
    /// The directory for requests that name none.
    package var directory = "/"
    /// Sessions are kept under `<dataHome>/opencode/fake/`.
    package var dataHome: String
    package var home = "/"
    /// OPENCODE_CONFIG_CONTENT as it came.
    package var config: String?
    /// OPENCODE_PERMISSION as it came; stronger than the configuration.
    package var permission: String?
    /// FAKE_OPENCODE_FAULTS as it came.
    package var faults: String?
    /// Sessions to make at the start.
    package var sessions = 0
    /// Words a second unless a script says otherwise.
    package var rate = 200.0
    /// How many times faster than written everything goes: words, pauses, commands, retries.
    package var speed = 1.0
    /// The first wait before a failed model call is tried again.
    package var retryMs = 2000
    /// Whether `edit` and `write` change files (inside the session's directory only).
    package var writesFiles = false
    /// Whether the directives of a prompt are shown with it, as a real server would.
    package var showsScripts = true

    package init(dataHome: String) { self.dataHome = dataHome }

    /// From the process's own environment.
    package init(environment: (String) -> String?, currentDirectory: String) {
        home = environment("HOME") ?? "/"
        dataHome = environment("XDG_DATA_HOME") ?? home + "/.local/share"
        directory = currentDirectory
        username = environment("OPENCODE_SERVER_USERNAME") ?? "opencode"
        password = environment("OPENCODE_SERVER_PASSWORD").flatMap { $0.isEmpty ? nil : $0 }
        config = environment("OPENCODE_CONFIG_CONTENT")
        permission = environment("OPENCODE_PERMISSION")
        faults = environment("FAKE_OPENCODE_FAULTS")
        sessions = environment("FAKE_OPENCODE_SESSIONS").flatMap { Int($0) } ?? 0
        rate = environment("FAKE_OPENCODE_RATE").flatMap { Double($0) } ?? 200
        speed = environment("FAKE_OPENCODE_SPEED").flatMap { Double($0) } ?? 1
        retryMs = environment("FAKE_OPENCODE_RETRY_MS").flatMap { Int($0) } ?? 2000
        writesFiles = environment("FAKE_OPENCODE_WRITE") == "1"
        showsScripts = environment("FAKE_OPENCODE_HIDE_SCRIPTS") != "1"
    }
}

/// A configuration as far as the stand-in understands it.
struct FakeConfig {
    /// The object, or nil with the problem when it is broken.
    let tree: JSONTree
    let problem: String?
    let rules: [FakeRule]
    let provider: String
    let model: String

    init(_ options: FakeOptions) {
        var tree: JSONTree = [:], problem: String?
        if let text = options.config, !text.isEmpty {
            do throws(JSONError) { tree = try JSONTree(parsing: text) } catch { problem = error.message }
        }
        self.tree = tree
        self.problem = problem
        let stronger = options.permission.flatMap { try? JSONTree(parsing: $0) }
        rules = FakeRule.rules(ofConfig: tree["permission"]) + FakeRule.rules(ofConfig: stronger)
        let name = tree["model"]?.string ?? "anthropic/claude-sonnet-4-5"
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        (provider, model) = parts.count == 2 ? (parts[0], parts[1]) : ("anthropic", name)
    }
}
