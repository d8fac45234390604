import Foundation
import JSON
import Synchronization
import Sys
import Testing

/// A person of its own for one test: home, XDG directories, repositories, a scripted model, and `drover` as they would type it.
///
/// Everything that is started in it carries a mark in its environment, so that nothing can be left behind unseen.
final class Sandbox: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    static let mark = "DROVER_TEST_SANDBOX"
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

    /// - Parameters:
    ///   - settings: of drover, as the members of its configuration's object.
    ///   - permission: of opencode's configuration: "ask" for each tool that is to be asked for.
    static func with(
        settings: String = "", permission: [String] = [], extra: [String: String] = [:], _ body: (Sandbox) async throws -> Void
    ) async throws {
        let box = try await Sandbox(settings: settings, permission: permission, extra: extra)
        var failure: (any Error)?
        do { try await body(box) } catch { failure = error }
        await box.end()
        if let failure { throw failure }
    }

    private init(settings: String, permission: [String], extra: [String: String]) async throws {
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
            "DROVER_OPENCODE": Self.openCode ?? "opencode", "SWIFT_BACKTRACE": "interactive=no,color=no",
        ]
        let output = Lines()
        model = runner.start(
            Command(Self.programs + "/scripted-model", ["--port", "0", "--rate", "400"], environment: ["PATH=/usr/bin:/bin"], directory: root),
            output: { bytes, _ in output.feed(bytes) }, done: { _ in output.finish() })
        let url = try await output.first("the scripted model says where it listens") { $0["url"]?.string }
        environment["OPENCODE_CONFIG_CONTENT"] = Self.configuration(url, permission)
        self.environment = environment.merging(extra) { $1 }
        for path in [api, web] { try await repository(path) }
    }

    private static func configuration(_ url: String, _ permission: [String]) -> String {
        let limit = "{\"limit\":{\"context\":100000,\"output\":8000}}"
        let asked = permission.map { "\"\($0)\":\"ask\"" }.joined(separator: ",")
        return """
            {"provider":{"scripted":{"npm":"@ai-sdk/openai-compatible","name":"scripted","options":{"baseURL":"\(url)/v1","apiKey":"k"},\
            "models":{"scripted":\(limit),"small":\(limit)}}},"model":"scripted/scripted","small_model":"scripted/small",\
            "enabled_providers":["scripted"],"permission":{\(asked)}}
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

    // MARK: Running

    struct Outcome: Sendable {
        let code: Int32
        let out: String
        let err: String
        /// What it printed, as JSON.
        func json() throws -> JSONTree {
            do { return try JSONTree(parsing: out) } catch { throw Failure("no JSON (exit \(code)): \(out.prefix(500)) \(err.prefix(500))") }
        }
    }

    var entries: [String] { environment.map { "\($0)=\($1)" } }

    func run(
        _ program: String, _ arguments: [String], in directory: String? = nil, input: [UInt8] = [], extra: [String: String] = [:], seconds: Int64 = 90
    ) async throws -> Outcome {
        let entries = environment.merging(extra) { $1 }.map { "\($0)=\($1)" }
        let result = try await runner.run(
            Command(program, arguments, environment: entries, directory: directory ?? api, input: input, timeoutMs: seconds * 1000))
        return Outcome(code: result.status.shellCode, out: result.text, err: result.errorText)
    }

    var program: String { Self.programs + "/drover" }

    func drover(
        _ arguments: String..., in directory: String? = nil, input: String = "", extra: [String: String] = [:]
    ) async throws -> Outcome {
        try await run(program, arguments, in: directory, input: Array(input.utf8), extra: extra)
    }

    /// The same, where it has to succeed.
    @discardableResult
    func done(
        _ arguments: String..., in directory: String? = nil, input: String = "", location: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        let outcome = try await run(program, arguments, in: directory, input: Array(input.utf8))
        if outcome.code != 0 {
            throw Failure(
                "drover \(arguments.joined(separator: " ").prefix(200)) ended with \(outcome.code): \(outcome.out.prefix(300))\(outcome.err) (line \(location.line))"
            )
        }
        return outcome
    }

    /// Starts an agent; its id.
    func new(_ prompt: String, in project: String? = nil, _ more: String...) async throws -> String {
        let outcome = try await run(program, ["new", "-p", project ?? api, "--json"] + more + ["--", prompt])
        guard outcome.code == 0, let id = try outcome.json()["id"]?.string else { throw Failure("drover new: \(outcome.code) \(outcome.out) \(outcome.err)") }
        return id
    }

    func agent(_ id: String) async throws -> JSONTree { try await done("show", id, "--json").json() }

    func list(_ query: String...) async throws -> [JSONTree] {
        let outcome = try await run(program, ["ls", "--json"] + query)
        return try outcome.json().array ?? []
    }

    func log(_ id: String) async throws -> [JSONTree] { try await done("log", id, "--json").json().array ?? [] }

    func requests() async throws -> [JSONTree] { try await done("requests", "--json").json().array ?? [] }

    func servers() async throws -> [JSONTree] { try await done("daemon", "status", "--json").json()["servers"]?.array ?? [] }

    func server(of project: String) async throws -> JSONTree {
        guard let server = try await servers().first(where: { $0["project"]?.string == project }) else { throw Failure("no server for \(project)") }
        return server
    }

    /// Until the agent has one of the statuses (with commas between).
    func wait(_ id: String, _ statuses: String, seconds: Int = 60, location: SourceLocation = #_sourceLocation) async throws {
        let outcome = try await run(program, ["wait", id, "--until", statuses, "--timeout", "\(seconds)"])
        guard outcome.code != 0 else { return }
        let why = try await drover("why", id).out
        throw Failure("line \(location.line): \(id) did not become \(statuses): \(outcome.code) \(outcome.out)\(outcome.err)\n\(why)")
    }

    /// The lines of `drover watch --json`, from now on.
    func watch() async throws -> Watch {
        try await done("daemon", "start")
        let watch = Watch(self), known = try await list().count
        // The daemon counts it: from here on it misses nothing.
        if known == 0 {
            try await Self.until("the watch is connected") { (try await status()["clients"]?.int ?? 0) >= 2 }
        } else {
            _ = try await watch.first { _ in true }
        }
        return watch
    }

    func status() async throws -> JSONTree { try await done("daemon", "status", "--json").json() }

    // MARK: Processes

    var marked: [ProcessFacts.Process] { ProcessFacts.processes(withEnvironment: "\(Self.mark)=\(root)").filter { !$0.isZombie } }

    /// Those whose command line holds these words.
    func processes(_ words: String) -> [Int32] {
        marked.map(\.pid).filter { (ProcessFacts.commandLine($0) ?? []).joined(separator: " ").contains(words) }
    }

    var daemonPid: Int32 { get async throws { Int32(try await done("daemon", "status", "--json").json()["pid"]?.int ?? 0) } }

    /// Kills, and waits until it is gone: the kernel says so on the descriptor of the process.
    func kill(_ pid: Int32, _ signal: Int32 = SIGKILL) async throws {
        precondition(pid > 1)
        Foundation.kill(pid, signal)
        guard signal == SIGKILL else { return }
        try await Self.until("\(pid) is gone") { ProcessFacts.process(pid).map(\.isZombie) ?? true }
    }

    /// For what nothing announces: looks every 20 ms.
    static func until(_ what: String, within limit: Duration = patience, _ isSo: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + limit
        while try await !isSo() {
            guard ContinuousClock.now < end else { throw Failure("not within \(limit): \(what)") }
            try await Task.sleep(for: .milliseconds(20))
        }
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
