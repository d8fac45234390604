import Foundation
import Synchronization
import Testing

@testable import Domain
@testable import HTTP
@testable import OpenCode

/// The real opencode, without a model: how it is started, found, asked, followed and ended. `DROVER_OPENCODE` names it.
@Suite(.enabled(if: RealServer.program != nil, "DROVER_OPENCODE names no opencode: the real server was not tried"), .serialized)
struct RealServerTests {
    @Test func startsAnswersStreamsAndEnds() async throws {
        let server = try RealServer(configuration: nil)
        defer { server.end() }
        let url = try #require(await server.url())

        // Whether it is ours, and which generation it is.
        #expect(try Detection.read(stranger: try await server.send(Detection.strangerRequest(url: url))) == .askInfo)
        let info = try await server.send(Detection.infoRequest(url: url, password: "pw"))
        #expect(try Detection.read(info: info) == .askHealth)
        guard case .v1(let version, _) = try Detection.read(health: try await server.send(Detection.healthRequest(url: url, password: "pw"))) else {
            Issue.record("not of generation 1")
            return
        }
        let refused = try await server.send(Detection.healthRequest(url: url, password: "wrong"))
        #expect(throws: Refusal.self) { try Detection.read(health: refused) }

        // Calls, with the stream open.
        let adapter = V1(url: url, password: "pw", version: version), directory = server.project
        let heard = server.listen(adapter)
        try await heard.wait { $0.contains(.connected) }
        #expect(try await server.ask(adapter, .health) == .health(version: version))
        #expect(try await server.ask(adapter, .configuration(directory: directory)) == .configuration(model: nil))
        guard case .session(let session) = try await server.ask(adapter, .create(directory: directory, title: "One")) else {
            Issue.record("no session")
            return
        }
        #expect(session.title == "One" && session.directory == directory)
        try await heard.wait { $0.contains { if case .session(let info) = $0 { info.id == session.id } else { false } } }

        for archived in [true, false] {
            guard
                case .session(let now) = try await server.ask(
                    adapter, .archive(session.id, directory: directory, archived: archived, at: Timestamp(milliseconds: 1_795_200_000_000)))
            else { continue }
            #expect(now.archived == archived)
        }
        for index in 0..<105 { _ = try await server.ask(adapter, .create(directory: directory, title: "\(index)")) }
        guard case .sessions(let sessions) = try await server.ask(adapter, .sessions(directory: directory)) else { return }
        #expect(sessions.count == 106)
        #expect(try await server.ask(adapter, .phases(directory: directory)) == .phases([:]))
        #expect(try await server.ask(adapter, .permissions(directory: directory)) == .requests([]))
        #expect(try await server.ask(adapter, .messages(session.id, directory: directory, limit: 10)) == .messages([]))
        #expect(try await server.ask(adapter, .modes(directory: directory)) == .names(["build", "plan"]))
        guard case .names(let tools) = try await server.tools(url) else { return }
        #expect(tools.contains("question"))

        // A prompt that cannot work, an abort, the end.
        let prompt = PromptInput(message: MessageID("msg_drover1"), part: PartID("prt_drover1"), text: "Hello", model: "nobody/nothing")
        #expect(try await server.ask(adapter, .prompt(session.id, directory: directory, prompt)) == .done)
        try await heard.wait { $0.contains { if case .turnError(session.id, let error) = $0 { error.message.hasPrefix("Model not found") } else { false } } }
        #expect(try await server.ask(adapter, .abort(session.id, directory: directory)) == .done)
        await #expect(throws: CallFailure.notFound("Session not found: ses_0000")) {
            try await server.ask(adapter, .todos(SessionID("ses_0000"), directory: directory))
        }
        #expect(try await server.ask(adapter, .dispose) == .done)
        try await heard.wait { $0.contains(.disposed) && $0.contains(.instanceDisposed(directory: directory)) }
        #expect(!heard.events.contains { if case .unreadable = $0 { true } else if case .unknown = $0 { true } else { false } })
    }

    @Test func aBrokenConfigurationIsNamed() async throws {
        let server = try RealServer(configuration: "{\"model\": ")
        defer { server.end() }
        let adapter = V1(url: try #require(await server.url()), password: "pw", version: "1")
        await #expect { try await server.ask(adapter, .configuration(directory: server.project)) } throws: { error in
            guard case .rejected(let why)? = error as? CallFailure else { return false }
            return why.hasPrefix("OPENCODE_CONFIG_CONTENT is not valid JSON")
        }
    }

    @Test func aPortThatIsTakenIsRecognised() async throws {
        let first = try RealServer(configuration: nil)
        defer { first.end() }
        _ = try #require(await first.url())
        let second = try RealServer(configuration: nil, port: first.launch.port)
        defer { second.end() }
        #expect(await second.url() == nil)
        #expect(second.progress == .portTaken)
    }
}

/// What a stream said so far.
private final class Heard: Sendable {
    private struct State {
        var events: [ServerEvent] = []
        var waiting: [(isThere: @Sendable ([ServerEvent]) -> Bool, go: CheckedContinuation<Void, Never>)] = []
    }
    private let state = Mutex(State())

    var events: [ServerEvent] { state.withLock { $0.events } }

    func add(_ more: [ServerEvent]) {
        let ready = state.withLock { state in
            state.events += more
            let ready = state.waiting.filter { $0.isThere(state.events) }.map(\.go)
            state.waiting.removeAll { $0.isThere(state.events) }
            return ready
        }
        for go in ready { go.resume() }
    }

    func wait(until isThere: @escaping @Sendable ([ServerEvent]) -> Bool) async throws {
        await withCheckedContinuation { go in
            let isThereAlready = state.withLock { state in
                if isThere(state.events) { return true }
                state.waiting.append((isThere, go))
                return false
            }
            if isThereAlready { go.resume() }
        }
    }
}

private final class RealServer: @unchecked Sendable {  // Foundation's Process; everything else is constant
    static var program: String? { ProcessInfo.processInfo.environment["DROVER_OPENCODE"].flatMap { $0.isEmpty ? nil : $0 } }

    let launch: ServerLaunch
    let project: String
    private let root: URL
    private let process = Process()
    private let output = Pipe()
    private let log = Mutex("")
    private let client = HTTPClient()
    private let ended = Mutex(false)

    init(configuration: String?, port: Int? = nil) throws {
        root = FileManager.default.temporaryDirectory.appending(path: "drover-\(UUID().uuidString)").resolvingSymlinksInPath()
        project = root.path + "/project"
        launch = ServerLaunch(port: port ?? Int.random(in: 20_000..<32_000), password: "pw", privateDirectory: root.path)
        let folder = launch.configurationDirectory ?? root.path
        for path in [project, folder] { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        for seed in ServerLaunch.seeds(version: try #require(ServerVersion("1.18.33")), present: []) {
            guard let content = seed.content else {
                try FileManager.default.createDirectory(atPath: folder + "/" + seed.path, withIntermediateDirectories: true)
                continue
            }
            try Data(content.utf8).write(to: URL(filePath: folder + "/" + seed.path))
        }
        process.executableURL = URL(filePath: Self.program ?? "")
        process.arguments = launch.arguments
        process.currentDirectoryURL = root
        var environment = ["PATH": "/usr/bin:/bin", "HOME": root.path, "OPENCODE_DISABLE_MODELS_FETCH": "1"].merging(launch.environment) { $1 }
        environment["OPENCODE_CONFIG_CONTENT"] = configuration
        process.environment = environment
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    var progress: ServerLaunch.Progress {
        ServerLaunch.progress(log: log.withLock { $0 }, hasExited: ended.withLock { $0 })
    }

    /// The address once the log names it; nil when the server ended first.
    func url() async -> String? {
        let lines = AsyncStream<Data> { stream in
            output.fileHandleForReading.readabilityHandler = { handle in
                let data = handle.availableData
                if data.isEmpty { stream.finish() } else { stream.yield(data) }
            }
        }
        for await data in lines {
            log.withLock { $0 += String(decoding: data, as: UTF8.self) }
            if case .listening(let url) = progress { return url }
        }
        ended.withLock { $0 = true }
        return nil
    }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        try await withCheckedContinuation { go in _ = client.send(request) { go.resume(returning: $0) } }.get()
    }

    func ask(_ adapter: V1, _ call: ServerCall) async throws -> ServerAnswer {
        try adapter.answer(to: call, try await send(adapter.request(for: call)), now: Timestamp(milliseconds: 0))
    }

    func tools(_ url: String) async throws -> ServerAnswer {
        let authorization = HTTPHeader("Authorization", Words.basic(user: ServerLaunch.user, password: "pw"))
        let response = try await send(HTTPRequest("GET", url + "/experimental/tool/ids?directory=" + project, headers: [authorization]))
        return .names((try? JSONSerialization.jsonObject(with: Data(response.body))) as? [String] ?? [])
    }

    func listen(_ adapter: V1) -> Heard {
        let heard = Heard(), reader = adapter.makeEventReader()
        client.stream(adapter.eventStream()) { signal in
            guard case .bytes(let bytes) = signal else { return }
            var events: [ServerEvent] = []
            reader.read(bytes, at: Timestamp(milliseconds: 0), into: &events)
            heard.add(events)
        }
        return heard
    }

    func end() {
        output.fileHandleForReading.readabilityHandler = nil
        if process.isRunning {
            process.terminate()
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(at: root)
    }
}
