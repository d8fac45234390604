import Foundation
import HTTP
import JSON
import Synchronization
import Testing

@testable import StandIn

/// A stand-in server in this process with one event stream and a client.
final class FakeWorld: Sendable {
    let server: RunningStandIn
    let directory: String
    let dataHome: String
    let frames = Frames()
    private let client = HTTPClient()
    private let password: String?

    init(global: Bool = false, dataHome: String? = nil, _ change: (inout FakeOptions) -> Void = { _ in }) async throws {
        let home = dataHome ?? FileManager.default.temporaryDirectory.appendingPathComponent("fake-\(UUID().uuidString)").path
        var options = FakeOptions(dataHome: home)
        options.directory = home + "/project"
        options.rate = 0
        change(&options)
        try FileManager.default.createDirectory(atPath: options.directory, withIntermediateDirectories: true)
        (self.dataHome, directory, password) = (home, options.directory, options.password)
        let final = options
        server = try RunningStandIn.start { reactor throws(StandInError) in try FakeProgram.listen(inside: final, reactor) }
        let path = global ? "/global/event" : "/event?directory=\(options.directory)"
        client.stream(request("GET", path)) { [frames] in frames.take($0) }
        _ = try await until("server.connected")
    }

    deinit { server.stop() }

    // MARK: asking

    func request(_ method: String, _ path: String, _ body: JSONTree? = nil) -> HTTPRequest {
        HTTPRequest(method, server.url + path, body: body?.serialized(), timeoutMs: path.contains("event") ? nil : 5000)
    }

    private func addressed(_ path: String, _ directory: String?) -> String {
        path + (path.contains("?") ? "&" : "?") + "directory=" + (directory ?? self.directory)
    }

    func get(_ path: String) async throws -> HTTPResponse { try await client.answer(request("GET", addressed(path, nil))).get() }

    func post(_ path: String, _ body: JSONTree, directory: String? = nil) async throws -> HTTPResponse {
        try await client.answer(request("POST", addressed(path, directory), body)).get()
    }

    func answer(_ request: HTTPRequest) async -> Result<HTTPResponse, HTTPError> { await client.answer(request) }

    func session(_ body: JSONTree = [:]) async throws -> String { try #require(try await post("/session", body).json["id"]?.string) }

    func prompt(_ session: String, _ text: String, more: JSONTree = [:], part: String? = nil) async throws {
        var body = more.object ?? JSONObject()
        var textPart = JSONObject.of(["type": "text", "text": .string(text)])
        if let part { textPart["id"] = .string(part) }
        body["parts"] = [.object(textPart)]
        #expect(try await post("/session/\(session)/prompt_async", .object(body)).status == 204)
    }

    // MARK: listening

    /// Names of the events since the last call up to the next of that name.
    func until(_ name: String) async throws -> [String] { try await frames.next { $0 == name }.map(Self.name) }

    /// The properties of the next event of that type.
    func event(_ type: String) async throws -> JSONTree {
        let frame = try #require(try await frames.next { $0 == type }.last)
        return (frame["payload"] ?? frame)["properties"] ?? .null
    }

    /// Up to the end of the turn (of that session).
    func untilIdle(_ session: String? = nil) async throws -> [String] {
        var names: [String] = []
        while true {
            let frames = try await frames.next { $0 == "session.idle" }
            names += frames.map(Self.name)
            if session == nil || frames.last?.at("properties", "sessionID").string == session { return names }
        }
    }

    /// An event's type with what matters of its content.
    static func name(_ frame: JSONTree) -> String {
        let event = frame["payload"] ?? frame
        let type = event["type"]?.string ?? "?", properties = event["properties"] ?? .null
        var words = [type]
        switch type {
        case "session.status": words.append(properties.at("status", "type").string ?? "")
        case "message.updated":
            let info = properties.at("info")
            words.append(info["role"]?.string ?? "")
            if info["finish"] != nil { words.append("finish") }
            if info.at("time", "completed") != .null { words.append("completed") }
            if info["error"] != nil { words.append("error") }
        case "message.part.updated":
            let part = properties.at("part")
            words.append(part["type"]?.string ?? "")
            if let status = part.at("state", "status").string { words.append(status) }
            if part.at("time", "end") != .null { words.append("end") }
        default: break
        }
        return words.joined(separator: " ")
    }
}

/// The frames of a stream as JSON, to be waited for.
final class Frames: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var all: [JSONTree] = []
        var read = 0
        var broken = 0
        var closed: HTTPError??
        var waiting: CheckedContinuation<Void, Never>?
    }
    private let state = Mutex(State())

    struct Ended: Error {
        var seen: [String]
        var error: HTTPError?
    }

    var all: [JSONTree] { state.withLock { $0.all } }
    var brokenCount: Int { state.withLock { $0.broken } }
    var isClosed: Bool { state.withLock { $0.closed != nil } }
    var error: HTTPError? { state.withLock { $0.closed ?? nil } }

    func take(_ signal: HTTPStreamSignal) {
        let waiting = state.withLock { state in
            switch signal {
            case .opened: break
            case .bytes(let bytes): Self.append(bytes, to: &state)
            case .closed(let error): state.closed = .some(error)
            }
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    private static func append(_ bytes: UnsafeRawBufferPointer, to state: inout State) {
        // Frames are one line of JSON each, and an empty line.
        for line in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            if line.offset > 0 {
                if !state.bytes.isEmpty { finish(&state) }
                state.bytes = []
            }
            state.bytes += line.element
        }
    }

    private static func finish(_ state: inout State) {
        if let tree = try? JSONTree(parsing: Array(state.bytes.dropFirst(6))) { state.all.append(tree) } else { state.broken += 1 }
    }

    /// The frames since the last call up to the first whose name fits.
    func next(_ fits: (String) -> Bool) async throws -> [JSONTree] {
        var found: [JSONTree] = []
        while true {
            let (taken, isOver) = state.withLock { state -> ([JSONTree], Bool) in
                var taken: [JSONTree] = []
                while state.read < state.all.count {
                    taken.append(state.all[state.read])
                    state.read += 1
                    if let last = taken.last, fits(FakeWorld.name(last)) { return (taken, true) }
                }
                return (taken, false)
            }
            found += taken
            if isOver { return found }
            if isClosed { throw Ended(seen: found.map(FakeWorld.name), error: error) }
            await change()
        }
    }

    func untilClosed() async {
        while !isClosed { await change() }
    }

    private func change() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.read < state.all.count || state.closed != nil { return true }
                state.waiting = continuation
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}
