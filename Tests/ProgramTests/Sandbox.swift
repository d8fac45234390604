import Foundation
import JSON
import Synchronization
import Sys
import Testing

/// A person of its own: home, XDG directories, repositories, a scripted model, and `drover` as they would type it.
///
/// A server and the first turn in each directory are what costs time, so a suite shares one (`.sandbox`), and its tests keep to the agents and
/// repositories that they made. Everything that is started in it carries a mark in its environment: nothing can be left behind unseen.
final class Sandbox: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    /// The stand-in is for what ends before a server is asked, or for servers that lie.
    enum Server { case real, standIn }

    static let mark = "DROVER_TEST_SANDBOX"
    /// The whole run's, by which `run-tests` finds what was left; told to everything that is started.
    private static let run = ["DROVER_TEST_RUN": ProcessInfo.processInfo.environment["DROVER_TEST_RUN"] ?? "by hand"]
    /// The real server, 1.15 to 1.19; nil where there is none: the tests then say so.
    static let openCode = ProcessInfo.processInfo.environment["DROVER_OPENCODE"].flatMap { $0.isEmpty ? nil : $0 }
    /// Where the programs were built: beside the test bundle.
    static let programs = (Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" }?.deletingLastPathComponent() ?? Bundle.main.bundleURL).path
    /// Generous: the gate has two cores, and a first turn of a server takes seconds on a busy machine.
    static let patience = Duration.seconds(60)

    let root: String
    /// Two repositories with a commit each.
    let api: String, web: String
    let environment: [String: String]
    let runner = CommandRunner()
    private let model: CommandRunner.ID
    private let started = ContinuousClock.now

    /// One for a single test.
    ///
    /// - Parameter settings: of drover, as the members of its configuration's object.
    static func with(
        server: Server = .real, settings: String = "", extra: [String: String] = [:], _ body: (Sandbox) async throws -> Void
    ) async throws {
        let box = try await Sandbox(server: server, settings: settings, extra: extra)
        var failure: (any Error)?
        do { try await body(box) } catch { failure = error }
        await box.end()
        if let failure { throw failure }
    }

    private init(server: Server, settings: String, extra: [String: String]) async throws {
        // Short: a socket's path has room for 107 bytes.
        var template = Array("/tmp/drv.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure("no directory can be made in /tmp: errno \(errno)") }
        let root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.root = root
        api = root + "/src/api"
        web = root + "/src/web"
        let home = root + "/home"
        for path in [home + "/.config/opencode/node_modules", home + "/.config/drover", root + "/run", root + "/src"] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        try Self.write("[user]\nname = Test\nemail = test@example.org\n[init]\ndefaultBranch = main\n", home + "/.gitconfig")
        // With these no package is installed in the background, during which SIGTERM would be swallowed.
        let dependencies = "\"dependencies\":{\"@opencode-ai/plugin\":\"1.18.33\"}"
        try Self.write("{\(dependencies)}", home + "/.config/opencode/package.json")
        try Self.write(
            "{\"name\":\"opencode\",\"lockfileVersion\":3,\"packages\":{\"\":{\(dependencies)}}}", home + "/.config/opencode/package-lock.json")
        try Self.write("{\(settings)}", home + "/.config/drover/config.jsonc")
        var environment = [
            "HOME": home, "XDG_CONFIG_HOME": home + "/.config", "XDG_DATA_HOME": home + "/.local/share", "XDG_STATE_HOME": home + "/.local/state",
            "XDG_CACHE_HOME": home + "/.cache", "XDG_RUNTIME_DIR": root + "/run", "LANG": "C.UTF-8", "TZ": "UTC", "TERM": "xterm-256color", Self.mark: root,
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin", "OPENCODE_DISABLE_MODELS_FETCH": "1",
            "OPENCODE_DISABLE_AUTOUPDATE": "1", "OPENCODE_DISABLE_LSP_DOWNLOAD": "1", "OPENCODE_DISABLE_SHARE": "1",
            "DROVER_OPENCODE": server == .real ? Self.openCode ?? "opencode" : Self.programs + "/fake-opencode", "SWIFT_BACKTRACE": "interactive=no,color=no",
        ]
        let output = Lines()
        model = runner.start(
            Command(
                Self.programs + "/scripted-model", ["--port", "0", "--rate", "400", "--log", root + "/model.jsonl"],
                environment: ["PATH=/usr/bin:/bin"] + Self.run.map { "\($0)=\($1)" },
                directory: root),
            output: { bytes, _ in output.feed(bytes) }, done: { _ in output.finish() })
        let url = try await output.first("the scripted model says where it listens") { $0["url"]?.string }
        environment["OPENCODE_CONFIG_CONTENT"] = Self.configuration(url)
        self.environment = environment.merging(Self.run) { $1 }.merging(extra) { $1 }
        for path in [api, web] { try await repository(path) }
    }

    /// Tools do what they are told without asking, but for commands that begin with `echo ask`.
    private static func configuration(_ url: String) -> String {
        let limit = "{\"limit\":{\"context\":100000,\"output\":8000}}"
        return """
            {"provider":{"scripted":{"npm":"@ai-sdk/openai-compatible","name":"scripted","options":{"baseURL":"\(url)/v1","apiKey":"k"},\
            "models":{"scripted":\(limit),"small":\(limit)}}},"model":"scripted/scripted","small_model":"scripted/small",\
            "enabled_providers":["scripted"],"permission":{"bash":{"*":"allow","echo ask*":"ask"}}}
            """
    }

    static func write(_ text: String, _ path: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

    func repository(_ path: String) async throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try await git("init", "-q", in: path)
        try Self.write("one\n", path + "/README.md")
        try await git("add", ".", in: path)
        try await git("commit", "-q", "-m", "First", in: path)
    }

    @discardableResult
    func git(_ arguments: String..., in directory: String) async throws -> String {
        let result = try await run("git", arguments, in: directory)
        guard result.code == 0 else { throw Failure("git \(arguments.joined(separator: " ")): \(result.err)") }
        return result.out
    }

    /// Ends everything; nothing that was started here may be left.
    private func end() async {
        let stopped = try? await drover("daemon", "stop")
        // The daemon answers before it has quite ended.
        try? await Self.until("all are gone", within: .seconds(5)) { marked.isEmpty }
        let left = marked
        if !left.isEmpty {
            let names = left.map { "\($0.pid) \((ProcessFacts.commandLine($0.pid) ?? [$0.name]).joined(separator: " ").prefix(120))" }
            Issue.record("left behind after `drover daemon stop` (\(stopped?.code ?? -1) \(stopped?.err ?? "")):\n\(names.joined(separator: "\n"))")
            for process in left { Foundation.kill(process.pid, SIGKILL) }
        }
        runner.cancel(model)
        if let kept = ProcessInfo.processInfo.environment["DROVER_TEST_KEEP"] {
            try? FileManager.default.copyItem(atPath: root, toPath: kept + "/" + (root as NSString).lastPathComponent)
        }
        try? FileManager.default.removeItem(atPath: root)
    }
}
